package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first lines of a table without a header, with the kind of values in each column.
 *
 * @param delimiter the delimiter of the columns
 * @param rows the values of the lines, without the few lines of another width, which are malformed
 * @param kinds the kind of values in each column
 */
record HeaderlessTable(char delimiter, List<List<String>> rows, List<Kind> kinds) {
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}(\\.[0-9]*)?");
  private static final Pattern COORDINATE = Pattern.compile("-?[0-9]{1,3}\\.[0-9]{2,}");
  private static final Pattern DEGREE = Pattern.compile("-?[0-9]{1,3}(\\.[0-9]+)?");
  private static final Pattern RATING = Pattern.compile("[0-9]{1,2}(\\.[05]0*)?");
  private static final Pattern ISO = Pattern.compile("[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}.*");
  private static final Pattern DAY = Pattern.compile(
      "[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}.*|[A-Z][a-z]{2} [A-Z][a-z]{2} .*[0-9]{4}");
  private static final Pattern ID = Pattern.compile("[^\\s,;|]{1,64}");
  private static final double MIN_SHARE = 0.9;
  private static final long MIN_SECONDS = 800_000_000L;
  private static final long MAX_SECONDS = 4_200_000_000L;

  /** A kind of values. */
  enum Kind {
    /** Seconds to nanoseconds from 1995 to 2103, or ISO 8601. */
    TIME("times"),
    /** Times in a format that must be given. */
    DAY("times that need --time-format"),
    /** Degrees with a fraction. */
    COORDINATE("coordinates"),
    /** Whole or half numbers from 0 to 10: ratings, but also the ids of a small log. */
    SMALL("small numbers"),
    /** Words without spaces. */
    ID("ids"),
    /** Values that are missing in all or some lines. */
    GAPS("partly empty"),
    /** Anything else. */
    TEXT("text");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    private boolean isId() {
      return this == ID || this == SMALL;
    }
  }

  /** Splits the lines with the first delimiter that makes a table of them; null if none does. */
  static @Nullable HeaderlessTable of(List<String> lines, char[] delimiters) {
    for (char delimiter : delimiters) {
      List<List<String>> all =
          lines.stream().map(line -> LogHead.split(line, delimiter)).toList();
      int width = usualWidth(all.stream().map(List::size).toList());
      if (width >= 2) {
        List<List<String>> rows =
            all.stream().filter(row -> row.size() == width).toList();
        List<Kind> kinds = new ArrayList<>();
        for (int column = 0; column < width; column++) {
          int at = column;
          kinds.add(kind(rows.stream().map(row -> row.get(at)).toList()));
        }
        return new HeaderlessTable(delimiter, rows, kinds);
      }
    }
    return null;
  }

  /** The number of columns of nearly all lines, or 0 if they differ. */
  static int usualWidth(List<Integer> widths) {
    Map<Integer, Integer> counts = new HashMap<>();
    widths.forEach(width -> counts.merge(width, 1, Integer::sum));
    return counts.entrySet().stream()
        .filter(each -> each.getValue() >= widths.size() * MIN_SHARE)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(0);
  }

  /**
   * The columns of a well-known kind of table: user, item and time; user, item, rating and time; or
   * user, time, latitude, longitude and place. Null for any other.
   */
  @Nullable
  Columns known() {
    int width = kinds.size();
    if (!kinds.getFirst().isId() || !beginsWithData()) {
      return null;
    }
    if (width == 3 && kinds.get(1).isId() && kinds.get(2) == Kind.TIME) {
      return new Columns(-1, 0, 1, 2, -1);
    }
    if (width == 4
        && kinds.get(1).isId()
        && kinds.get(2) == Kind.SMALL
        && kinds.get(3) == Kind.TIME) {
      return new Columns(-1, 0, 1, 3, -1);
    }
    boolean place = width == 5
        && kinds.get(1) == Kind.TIME
        && kinds.get(2) == Kind.COORDINATE
        && kinds.get(3) == Kind.COORDINATE
        && kinds.get(4).isId();
    return place ? new Columns(-1, 0, 4, 1, -1) : null;
  }

  /** Whether the first line looks like data rather than a header. */
  boolean beginsWithData() {
    return rows.getFirst().stream()
        .anyMatch(value ->
            NUMBER.matcher(value).matches() || DAY.matcher(value).matches() || isTime(value));
  }

  /** The columns by number, each with its kind and an example. */
  String description() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(kinds.size(), 12); i++) {
      String value = rows.getFirst().get(i).replaceAll("\\p{Cntrl}", "?");
      text.append(i == 0 ? "" : ", ")
          .append(i + 1)
          .append(' ')
          .append(kinds.get(i).words)
          .append(" ('")
          .append(value.length() > 24 ? value.substring(0, 24) + "…" : value)
          .append("')");
    }
    return text.append(kinds.size() > 12 ? ", …" : "").toString();
  }

  /** Whether a token in a line of ids cannot be an id: an ISO time or a number with a fraction. */
  static boolean isNoId(String token) {
    return (ISO.matcher(token).matches() && isTime(token))
        || COORDINATE.matcher(token).matches()
        || (RATING.matcher(token).matches() && token.indexOf('.') >= 0);
  }

  /** Whether this is a plausible time of a click. */
  static boolean isTime(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (ISO.matcher(value).matches()) {
      return new TimeParser(null).parse(bytes, 0, bytes.length) != TimeParser.NONE;
    }
    if (!NUMBER.matcher(value).matches() || value.startsWith("0")) {
      return false;
    }
    long millis = new TimeParser(null).parse(bytes, 0, bytes.length);
    return millis != TimeParser.NONE && millis >= MIN_SECONDS * 1000 && millis < MAX_SECONDS * 1000;
  }

  private static Kind kind(List<String> values) {
    if (values.stream().anyMatch(String::isEmpty)) {
      return Kind.GAPS;
    }
    if (nearlyAll(values, HeaderlessTable::isTime)) {
      return Kind.TIME;
    }
    if (values.stream().allMatch(value -> DAY.matcher(value).matches())) {
      return Kind.DAY;
    }
    if (values.stream().allMatch(HeaderlessTable::isDegree)
        && values.stream().anyMatch(value -> COORDINATE.matcher(value).matches())) {
      return Kind.COORDINATE;
    }
    if (values.stream()
        .allMatch(value -> RATING.matcher(value).matches() && Double.parseDouble(value) <= 10)) {
      return Kind.SMALL;
    }
    return values.stream()
            .allMatch(
                value -> ID.matcher(value.toLowerCase(Locale.ROOT)).matches() && !isNoId(value))
        ? Kind.ID
        : Kind.TEXT;
  }

  private static boolean nearlyAll(List<String> values, Predicate<String> fits) {
    return values.stream().filter(fits).count() >= values.size() * MIN_SHARE;
  }

  private static boolean isDegree(String value) {
    return DEGREE.matcher(value).matches() && Math.abs(Double.parseDouble(value)) <= 180;
  }
}
