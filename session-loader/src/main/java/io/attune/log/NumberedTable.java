package io.attune.log;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Recognises a table, with or without a header, whose columns the options give by number. */
final class NumberedTable {
  private NumberedTable() {}

  /** Whether the options give all columns by number. */
  static boolean isAsked(LogOptions options, String firstLine) {
    Map<String, String> asked = Columns.asked(options);
    return !asked.isEmpty()
        && asked.values().stream().allMatch(Columns::isNumber)
        && !firstLine.startsWith("{")
        && !firstLine.startsWith("[");
  }

  /**
   * The layout of a table without a header, or null if the first line is a header, so that the
   * table can be read like any other.
   *
   * @throws IllegalArgumentException if required columns are missing; the message says which
   */
  static Layout.@Nullable Table find(List<String> lines, char[] delimiters, LogOptions options) {
    Map<String, String> asked = Columns.asked(options);
    if (Set.copyOf(asked.values()).size() < asked.size()) {
      throw new IllegalArgumentException("different columns, but some of "
          + String.join(", ", asked.keySet()) + " have the same number");
    }
    int widest = asked.values().stream().mapToInt(Integer::parseInt).max().orElse(0);
    for (char delimiter : delimiters) {
      List<List<String>> rows =
          lines.stream().map(line -> LogHead.split(line, delimiter)).toList();
      int width = rows.isEmpty() ? 0 : rows.getFirst().size();
      if (width >= Math.max(2, widest) && rows.stream().allMatch(row -> row.size() == width)) {
        return hasHeader(rows, options) ? null : table(delimiter, width, options);
      }
    }
    throw new IllegalArgumentException("lines with the same number of columns, at least "
        + Math.max(2, widest) + " because of the options: set the delimiter with --delimiter");
  }

  private static Layout.Table table(char delimiter, int width, LogOptions options) {
    int session = number(options.sessionColumn());
    int user = number(options.userColumn());
    int item = number(options.itemColumn());
    if (item < 0 || (session < 0 && user < 0)) {
      throw new IllegalArgumentException(
          "the numbers of the item column (--item-column) and of the session or user column"
              + " (--session-column, --user-column), since there is no header");
    }
    int action = number(options.actionColumn());
    if (action < 0 && !options.actions().isEmpty()) {
      throw new IllegalArgumentException(
          "the number of the action column (--action-column) because of --actions, since there is"
              + " no header");
    }
    return new Layout.Table(
        LogFormat.CSV,
        delimiter,
        delimiter != '\t' && delimiter != ' ',
        null,
        width,
        new Columns(session, user, item, number(options.timeColumn()), action),
        Set.of());
  }

  private static boolean hasHeader(List<List<String>> rows, LogOptions options) {
    List<String> first = rows.getFirst();
    int time = number(options.timeColumn());
    if (time >= 0 && rows.size() > 1) {
      Field value = new Field();
      value.set(first.get(time));
      TimeParser times = TimeParser.of(options);
      if (value.time(times) != TimeParser.NONE) {
        return false;
      }
      value.set(rows.get(1).get(time));
      return value.time(times) != TimeParser.NONE;
    }
    int item = number(options.itemColumn());
    return first.stream().anyMatch(Columns::isUsual)
        || (item >= 0
            && rows.size() > 1
            && !hasDigit(first.get(item))
            && rows.stream().skip(1).allMatch(row -> hasDigit(row.get(item))));
  }

  private static boolean hasDigit(String value) {
    return value.chars().anyMatch(Character::isDigit);
  }

  private static int number(@Nullable String column) {
    return column == null ? -1 : Integer.parseInt(column) - 1;
  }
}
