package io.attune.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a typed table stores clicks: which columns to read, and whether a row is a click or a session
 * with a list of items.
 *
 * @param columns the columns to read
 * @param sessionRows whether a row is a session
 */
record TableSchema(Columns columns, boolean sessionRows) {
  private static final Set<String> ITEM_LISTS =
      Set.of("items", "itemids", "item", "itemid", "clicks", "products", "productids", "sequence");
  private static final Set<String> TIME_LISTS =
      Set.of("times", "timestamps", "time", "timestamp", "ts");

  /**
   * Chooses the columns by the options or by their usual names. A column within structs can be
   * named without its path if its own name is unique.
   *
   * @param source the table's name, for messages
   * @throws LogFormatException if a column is missing or ambiguous
   */
  static TableSchema of(List<TableColumn> table, LogOptions options, String source)
      throws LogFormatException {
    List<String> names = names(table, options);
    int items = list(table, options.itemColumn(), ITEM_LISTS);
    if (items < 0) {
      return new TableSchema(find(singles(table, names), options, source), false);
    }
    if (options.itemColumn() == null && isClicks(singles(table, names))) {
      throw new LogFormatException(
          source,
          "expected one item column, but there is one with an item per row and the list '"
              + table.get(items).name()
              + "': choose one with --item-column");
    }
    // A single time next to a list belongs to the whole session and is of no use for its clicks.
    List<String> header = new ArrayList<>();
    int times = list(table, options.timeColumn(), TIME_LISTS);
    for (int i = 0; i < table.size(); i++) {
      header.add(
          i == items
              ? named(options.itemColumn(), "item_id")
              : i == times
                  ? named(options.timeColumn(), "timestamp")
                  : !table.get(i).isList() && isKey(names.get(i), options) ? names.get(i) : "");
    }
    return new TableSchema(find(header, options, source), true);
  }

  /** Why the chosen columns cannot be used, or null if they can. */
  @Nullable
  String problem(List<TableColumn> table, SessionKey sessionKey, boolean actions) {
    List<String> names = table.stream().map(TableColumn::name).toList();
    List<ValueType> types = table.stream().map(TableColumn::type).toList();
    return ValueType.problem(names, types, columns, sessionKey, actions);
  }

  private static Columns find(List<String> header, LogOptions options, String source)
      throws LogFormatException {
    return switch (Columns.find(header, options)) {
      case Columns.Found.All all -> all.columns();
      case Columns.Found.Missing missing ->
        throw new LogFormatException(source, "expected " + missing.what());
    };
  }

  private static boolean isClicks(List<String> header) {
    return Columns.find(header, LogOptions.standard()) instanceof Columns.Found.All;
  }

  /** Whether a column can be the key of sessions. */
  private static boolean isKey(String name, LogOptions options) {
    return isAsked(name, options.sessionColumn())
        || isAsked(name, options.userColumn())
        || isClicks(List.of(name, "item_id"));
  }

  private static boolean isAsked(String name, @Nullable String asked) {
    return asked != null && Columns.indexOf(List.of(name), asked) == 0;
  }

  private static String named(@Nullable String asked, String usual) {
    return asked == null ? usual : asked;
  }

  /** The names, with those of lists left empty. */
  private static List<String> singles(List<TableColumn> table, List<String> names) {
    List<String> header = new ArrayList<>(names);
    for (int i = 0; i < table.size(); i++) {
      if (table.get(i).isList()) {
        header.set(i, "");
      }
    }
    return header;
  }

  private static int list(List<TableColumn> table, @Nullable String asked, Set<String> usual) {
    for (int i = 0; i < table.size(); i++) {
      TableColumn column = table.get(i);
      if (column.isList()
          && (asked != null
              ? column.name().equals(asked)
              : usual.contains(Columns.plain(column.name())))) {
        return i;
      }
    }
    return -1;
  }

  /** The names to search: the last part of each path if it is unique, otherwise the whole path. */
  private static List<String> names(List<TableColumn> table, LogOptions options) {
    Map<String, Integer> counts = new HashMap<>();
    for (TableColumn column : table) {
      counts.merge(last(column.name()), 1, Integer::sum);
    }
    List<String> names = new ArrayList<>();
    for (TableColumn column : table) {
      String last = last(column.name());
      boolean asked = isAsked(column.name(), options.sessionColumn())
          || isAsked(column.name(), options.userColumn())
          || isAsked(column.name(), options.itemColumn())
          || isAsked(column.name(), options.timeColumn())
          || isAsked(column.name(), options.actionColumn());
      names.add(asked || counts.getOrDefault(last, 0) > 1 ? column.name() : last);
    }
    return names;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
