package io.attune.log;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a Parquet file with a value, or a list of values, per row.
 *
 * @param name the column's path, joined with dots; for a list, the path of the list
 * @param schema the storage of its values, or of the elements of a list; null if these are not
 *     primitive
 * @param type the type of the values, or of the elements of a list
 * @param isList whether a row has a list of values
 */
record ParquetColumn(String name, @Nullable ColumnSchema schema, ValueType type, boolean isList) {
  TableColumn toTableColumn() {
    return new TableColumn(name, type, isList);
  }

  /** The columns in schema order; values within lists have no column of their own. */
  static List<ParquetColumn> of(FileSchema schema) {
    List<ParquetColumn> columns = new ArrayList<>();
    for (SchemaNode node : schema.getRootNode().children()) {
      add(node, "", schema, columns);
    }
    return columns;
  }

  private static void add(
      SchemaNode node, String prefix, FileSchema schema, List<ParquetColumn> columns) {
    String name = prefix + node.name();
    switch (node) {
      case SchemaNode.PrimitiveNode leaf -> {
        ColumnSchema column = schema.getColumn(leaf.columnIndex());
        boolean isList = leaf.repetitionType() == RepetitionType.REPEATED;
        columns.add(new ParquetColumn(name, column, type(column), isList));
      }
      case SchemaNode.GroupNode group -> {
        if (group.isList()) {
          columns.add(list(name, group.getListElement(), schema));
        } else if (group.isMap() || group.repetitionType() == RepetitionType.REPEATED) {
          columns.add(new ParquetColumn(name, null, ValueType.COLLECTION, true));
        } else {
          for (SchemaNode child : group.children()) {
            add(child, name + ".", schema, columns);
          }
        }
      }
    }
  }

  private static ParquetColumn list(String name, @Nullable SchemaNode element, FileSchema schema) {
    if (element instanceof SchemaNode.PrimitiveNode leaf) {
      ColumnSchema column = schema.getColumn(leaf.columnIndex());
      return new ParquetColumn(name, column, type(column), true);
    }
    boolean isGroup = element instanceof SchemaNode.GroupNode group && !group.isList();
    return new ParquetColumn(name, null, isGroup ? ValueType.STRUCT : ValueType.COLLECTION, true);
  }

  private static ValueType type(ColumnSchema column) {
    return switch (column.logicalType()) {
      case null -> physical(column.type());
      case LogicalType.StringType text -> ValueType.TEXT;
      case LogicalType.EnumType text -> ValueType.TEXT;
      case LogicalType.JsonType text -> ValueType.TEXT;
      case LogicalType.UuidType uuid -> ValueType.UUID;
      case LogicalType.IntType number -> ValueType.INTEGER;
      case LogicalType.DecimalType number -> ValueType.DECIMAL;
      case LogicalType.DateType day -> ValueType.DATE;
      case LogicalType.TimestampType time -> ValueType.TIMESTAMP;
      case LogicalType.TimeType time -> ValueType.TIME_OF_DAY;
      case LogicalType.NullType nothing -> ValueType.NULL;
      default -> ValueType.OTHER;
    };
  }

  private static ValueType physical(PhysicalType type) {
    return switch (type) {
      case BOOLEAN -> ValueType.BOOLEAN;
      case INT32, INT64 -> ValueType.INTEGER;
      case FLOAT, DOUBLE -> ValueType.FLOATING_POINT;
      // The timestamp of Impala and of old Spark, and never anything else.
      case INT96 -> ValueType.TIMESTAMP;
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> ValueType.BYTES;
    };
  }
}
