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
 * A column of Parquet with one value a row, or with a list of values a row.
 *
 * @param name its path, joined with dots; of a list only the list's own name
 * @param schema how its values are stored; of a list those of its elements; null where they are not
 *     single values
 * @param type what they are
 * @param isList whether a row has a list of them
 */
record ParquetColumn(String name, @Nullable ColumnSchema schema, ValueType type, boolean isList) {
  /** As other tables have them. */
  TableColumn inTable() {
    return new TableColumn(name, type, isList);
  }

  /** The columns in the order of the schema; values within lists have no column of their own. */
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
          columns.add(new ParquetColumn(name, null, ValueType.MANY, true));
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
    return new ParquetColumn(name, null, isGroup ? ValueType.GROUP : ValueType.MANY, true);
  }

  private static ValueType type(ColumnSchema column) {
    return switch (column.logicalType()) {
      case null -> physical(column.type());
      case LogicalType.StringType text -> ValueType.TEXT;
      case LogicalType.EnumType text -> ValueType.TEXT;
      case LogicalType.JsonType text -> ValueType.TEXT;
      case LogicalType.UuidType uuid -> ValueType.UUID;
      case LogicalType.IntType number -> ValueType.WHOLE;
      case LogicalType.DecimalType number -> ValueType.DECIMAL;
      case LogicalType.DateType day -> ValueType.DATE;
      case LogicalType.TimestampType time -> ValueType.TIMESTAMP;
      case LogicalType.TimeType time -> ValueType.TIME_OF_DAY;
      case LogicalType.NullType nothing -> ValueType.NOTHING;
      default -> ValueType.OTHER;
    };
  }

  private static ValueType physical(PhysicalType type) {
    return switch (type) {
      case BOOLEAN -> ValueType.TRUTH;
      case INT32, INT64 -> ValueType.WHOLE;
      case FLOAT, DOUBLE -> ValueType.FLOATING;
      // Impala's and old Spark's timestamp; nothing else was ever stored so.
      case INT96 -> ValueType.TIMESTAMP;
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> ValueType.BYTES;
    };
  }
}
