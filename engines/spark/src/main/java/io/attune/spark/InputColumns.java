package io.attune.spark;

import io.attune.log.ClickRows;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.SessionsBy;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What a table has: a row a click, or a row a session with a list of items.
 *
 * @param lists whether a row is a session
 * @param header the names by which {@link ClickRows} finds the columns
 * @param paths the columns themselves, in the order of the header
 * @param options how rows are taken
 * @param source the table's name, for messages
 */
record InputColumns(
    boolean lists, List<String> header, List<String> paths, LogOptions options, String source)
    implements Serializable {
  private static final Set<String> ITEM_LISTS =
      Set.of("items", "itemids", "item", "itemid", "clicks", "products", "productids", "sequence");
  private static final Set<String> TIME_LISTS =
      Set.of("times", "timestamps", "time", "timestamp", "ts");

  /**
   * Looks at a table.
   *
   * @throws LogFormatException when a column is missing, or the options ask for what is not there
   */
  static InputColumns of(StructType schema, LogOptions options, String source)
      throws LogFormatException {
    List<String> names = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    leaves(schema, "", "", names, paths);
    String items = list(schema, options.itemColumn(), ITEM_LISTS);
    if (items == null) {
      return new InputColumns(false, names, paths, options, source).checked();
    }
    String times = list(schema, options.timeColumn(), TIME_LISTS);
    // A time beside the list is one of the whole session, which clicks cannot use.
    List<String> header = new ArrayList<>();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (isKey(names.get(i), options, source)) {
        header.add(names.get(i));
        columns.add(paths.get(i));
      }
    }
    header.add(options.itemColumn() == null ? "item" : items);
    columns.add(quoted(items));
    if (times != null) {
      header.add(options.timeColumn() == null ? "time" : times);
      columns.add(quoted(times));
    }
    return new InputColumns(true, header, columns, options, source).checked();
  }

  private InputColumns checked() throws LogFormatException {
    rows();
    return this;
  }

  /** What takes the rows. */
  ClickRows rows() throws LogFormatException {
    // A list is a session as it stands, whoever made it.
    LogOptions taken = lists && options.sessionsBy() == SessionsBy.AUTO
        ? withSessionsBy(
            ClickRows.of(header, options, source).sessionsBy() == SessionsBy.SESSION
                ? SessionsBy.SESSION
                : SessionsBy.USER)
        : options;
    return ClickRows.of(header, taken, source);
  }

  private LogOptions withSessionsBy(SessionsBy by) {
    return options.toBuilder().sessionsBy(by).build();
  }

  /** Key, item, time and action; null for those that are not there. */
  Column[] selected() throws LogFormatException {
    ClickRows rows = rows();
    return new Column[] {
      column(rows.keyColumn()).as("key"),
      column(rows.itemColumn()).as("item"),
      column(rows.timeColumn()).as("time"),
      column(lists ? -1 : rows.actionColumn()).as("action")
    };
  }

  private Column column(int index) {
    return index < 0 ? functions.lit(null).cast("string") : functions.col(paths.get(index));
  }

  /** Whether a column alone can be the key of sessions. */
  private static boolean isKey(String name, LogOptions options, String source) {
    if (name.equals(options.sessionColumn()) || name.equals(options.userColumn())) {
      return true;
    }
    LogOptions standard = LogOptions.standard();
    try {
      return ClickRows.of(List.of(name, "item"), standard, source).keyColumn() == 0;
    } catch (LogFormatException e) {
      return false;
    }
  }

  private static void leaves(
      StructType type, String name, String path, List<String> names, List<String> paths) {
    for (StructField field : type.fields()) {
      DataType kind = field.dataType();
      if (kind instanceof StructType inner) {
        leaves(inner, name + field.name() + ".", path + quoted(field.name()) + ".", names, paths);
      } else if (!(kind instanceof ArrayType) && !(kind instanceof MapType)) {
        names.add(name + field.name());
        paths.add(path + quoted(field.name()));
      }
    }
  }

  private static @Nullable String list(
      StructType schema, @Nullable String asked, Set<String> usual) {
    for (StructField field : schema.fields()) {
      if (field.dataType() instanceof ArrayType
          && (asked != null
              ? field.name().equals(asked)
              : usual.contains(
                  field.name().toLowerCase(Locale.ROOT).replaceAll("[\\s_.\\-]", "")))) {
        return field.name();
      }
    }
    return null;
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
