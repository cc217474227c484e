package io.attune.spark;

import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.RowParser;
import io.attune.log.TableColumn;
import io.attune.log.ValueType;
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
 * The columns of an input table, whose rows are clicks or sessions with a list of items.
 *
 * @param table the columns as {@link RowParser} sees them
 * @param paths their names in Spark, in the same order
 * @param options the options of the parser
 * @param parser a parser for the rows
 */
record InputColumns(
    List<TableColumn> table, List<String> paths, LogOptions options, RowParser parser) {

  /**
   * Finds the columns of a table.
   *
   * @param source the table's name, for messages
   * @throws LogFormatException if a column that is required or named by the options is missing
   */
  static InputColumns of(StructType schema, LogOptions options, String source)
      throws LogFormatException {
    List<TableColumn> table = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    add(schema, "", "", table, paths);
    return new InputColumns(table, paths, options, RowParser.of(table, options, source));
  }

  /** The key, item, time and action; null for those that do not exist. */
  Column[] selected() {
    return new Column[] {
      column(parser.keyColumn()).as("key"),
      column(parser.itemColumn()).as("item"),
      time(parser.timeColumn()).as("time"),
      column(parser.actionColumn()).as("action")
    };
  }

  /** The action; null if every row counts as a click. */
  @Nullable
  Column action() {
    int index = parser.actionColumn();
    return index < 0 ? null : column(index).as("action");
  }

  /** A date is read as a time even if there is a format for times that are text. */
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
    // Dates as text do not depend on time zone and calendar, unlike java.sql.Date.
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
          table.add(new TableColumn(itsName, ValueType.COLLECTION, true));
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
      case IntegralType number -> ValueType.INTEGER;
      case FloatType number -> ValueType.FLOATING_POINT;
      case DoubleType number -> ValueType.FLOATING_POINT;
      case DecimalType number -> ValueType.DECIMAL;
      case DateType day -> ValueType.DATE;
      case TimestampType time -> ValueType.TIMESTAMP;
      case TimestampNTZType time -> ValueType.TIMESTAMP;
      case TimeType time -> ValueType.TIME_OF_DAY;
      case BooleanType truth -> ValueType.BOOLEAN;
      case NullType nothing -> ValueType.NULL;
      case StructType struct -> ValueType.STRUCT;
      case ArrayType array -> ValueType.COLLECTION;
      case MapType map -> ValueType.COLLECTION;
      default -> ValueType.OTHER;
    };
  }
}
