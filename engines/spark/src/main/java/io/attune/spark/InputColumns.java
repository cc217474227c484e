package io.attune.spark;

import io.attune.log.ClickRows;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.TableColumn;
import io.attune.log.ValueType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * What a table has: a row a click, or a row a session with a list of items.
 *
 * @param table the columns, by which {@link ClickRows} finds those it needs
 * @param paths how Spark calls them, in the same order
 * @param options how rows are taken
 * @param source the table's name, for messages
 */
record InputColumns(List<TableColumn> table, List<String> paths, LogOptions options, String source)
    implements Serializable {

  /**
   * Looks at a table.
   *
   * @throws LogFormatException when a column is missing, or the options ask for what is not there
   */
  static InputColumns of(StructType schema, LogOptions options, String source)
      throws LogFormatException {
    List<TableColumn> table = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    add(schema, "", "", table, paths);
    InputColumns columns = new InputColumns(table, paths, options, source);
    columns.rows();
    return columns;
  }

  /** What takes the rows. */
  ClickRows rows() throws LogFormatException {
    return ClickRows.ofTable(table, options, source);
  }

  /** Key, item, time and action; null for those that are not there. */
  Column[] selected() throws LogFormatException {
    ClickRows rows = rows();
    return new Column[] {
      column(rows.keyColumn()).as("key"),
      column(rows.itemColumn()).as("item"),
      time(rows.timeColumn()).as("time"),
      column(rows.actionColumn()).as("action")
    };
  }

  /** The action alone; null where every row counts. */
  @Nullable
  Column action() throws LogFormatException {
    int index = rows().actionColumn();
    return index < 0 ? null : column(index).as("action");
  }

  /** A day is a time already, whatever the format of times that are text. */
  private Column time(int index) {
    if (index < 0 || options.timeFormat() == null || table.get(index).type() != ValueType.DATE) {
      return column(index);
    }
    return functions
        .col(paths.get(index))
        .cast(table.get(index).isList() ? "array<timestamp_ntz>" : "timestamp_ntz");
  }

  private Column column(int index) {
    if (index < 0) {
      return functions.lit(null).cast("string");
    }
    Column column = functions.col(paths.get(index));
    TableColumn its = table.get(index);
    // A day as text is the same in every time zone and calendar; Java's old type of days is not.
    return its.type() == ValueType.DATE
        ? column.cast(its.isList() ? "array<string>" : "string")
        : column;
  }

  private static void add(
      StructType type, String name, String path, List<TableColumn> table, List<String> paths) {
    for (StructField field : type.fields()) {
      String itsName = name + field.name();
      String itsPath = path + "`" + field.name().replace("`", "``") + "`";
      switch (field.dataType()) {
        case StructType inner -> add(inner, itsName + ".", itsPath + ".", table, paths);
        case ArrayType list -> {
          table.add(new TableColumn(itsName, type(list.elementType()), true));
          paths.add(itsPath);
        }
        case MapType map -> {
          table.add(new TableColumn(itsName, ValueType.MANY, true));
          paths.add(itsPath);
        }
        default -> {
          table.add(new TableColumn(itsName, type(field.dataType()), false));
          paths.add(itsPath);
        }
      }
    }
  }

  private static ValueType type(DataType type) {
    return switch (type) {
      case StringType text -> ValueType.TEXT;
      case BinaryType bytes -> ValueType.BYTES;
      case IntegralType number -> ValueType.WHOLE;
      case FloatType number -> ValueType.FLOATING;
      case DoubleType number -> ValueType.FLOATING;
      case DecimalType number -> ValueType.DECIMAL;
      case DateType day -> ValueType.DATE;
      case TimestampType time -> ValueType.TIMESTAMP;
      case TimestampNTZType time -> ValueType.TIMESTAMP;
      case TimeType time -> ValueType.TIME_OF_DAY;
      case BooleanType truth -> ValueType.TRUTH;
      case NullType nothing -> ValueType.NOTHING;
      case StructType group -> ValueType.GROUP;
      case ArrayType many -> ValueType.MANY;
      case MapType many -> ValueType.MANY;
      default -> ValueType.OTHER;
    };
  }
}
