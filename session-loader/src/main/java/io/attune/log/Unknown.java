package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says of a file that no format fits what it seems to be, and what would make it readable. */
final class Unknown {
  private static final Pattern IMPRESSIONS = Pattern.compile("(\\S+-[01])( \\S+-[01])*");
  private static final Pattern KEY = Pattern.compile("\"([^\"\\\\]{1,60})\"\\s*:");

  private final List<String> lines;
  private final char[] delimiters;
  private final LogOptions options;

  Unknown(List<String> lines, char[] delimiters, LogOptions options) {
    this.lines = lines;
    this.delimiters = delimiters;
    this.options = options;
  }

  /** What binary data seem to be. */
  static String binary(byte[] head) {
    String begin = new String(head, 0, Math.min(head.length, 300), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("\u00ff\u00fe") || begin.startsWith("\u00fe\u00ff")) {
      return "the text is UTF-16: convert it, such as with iconv -f UTF-16 -t UTF-8";
    }
    String archive = begin.startsWith("PK\u0003\u0004")
        ? "a zip archive or a spreadsheet"
        : begin.startsWith("BZh")
            ? "bzip2"
            : begin.startsWith("\u00fd7zXZ")
                ? "xz"
                : begin.startsWith("\u0004\"M\u0018")
                    ? "lz4"
                    : begin.startsWith("\u001f\u008b") || begin.startsWith("(\u00b5/\u00fd")
                        ? "compressed twice"
                        : begin.indexOf("ustar") == 257 ? "a tar archive" : "";
    return archive.isEmpty()
        ? "these are binary data, neither text nor Parquet, gzip or zstd"
        : "these are binary data (" + archive
            + "): unpack them first, or compress with gzip or zstd";
  }

  /** What the lines seem to be; null when they seem nothing in particular. */
  @Nullable
  String reason() {
    if (lines.isEmpty()) {
      return "there are only blank lines";
    }
    String first = lines.getFirst();
    if (first.startsWith("{") || first.startsWith("[")) {
      return json(first);
    }
    if (first.startsWith("#")) {
      return "the first line is a comment: the first line must be the header, or data";
    }
    if (lines.stream().anyMatch(line -> line.indexOf('\r') >= 0)) {
      return "lines end with a carriage return alone: convert them, such as with tr '\\r' '\\n'";
    }
    if (impressions()) {
      return "these are impressions, lists of what was shown with 1 for what was clicked, and the"
          + " history before them; clicks in their order are the histories alone: take their column"
          + " and the user's or the impression's, such as with cut -f1,4";
    }
    String missing = header();
    if (missing != null && names().stream().anyMatch(Columns::isUsual)) {
      return missing; // a header, whatever separates the lists in its columns
    }
    Headerless table = Headerless.of(
        lines, delimiters.length == 1 ? delimiters : new char[] {'\t', ',', ';', '|', ' '});
    if (table != null && table.beginsWithData()) {
      boolean runs =
          table.delimiter() == ' ' && table.rows().stream().anyMatch(row -> row.contains(""));
      if (runs) {
        return "this is a table without a header, with several blanks between columns: make each a"
            + " tab, such as with tr -s ' ' '\\t'";
      }
      String actions = options.actions().isEmpty() ? "" : ", and the action's with --action-column";
      boolean named = table.kinds().contains(Headerless.Kind.DAY);
      return "this is a table without a header, whose columns are " + table.described()
          + ": name them by number with --user-column (or --session-column), --item-column and"
          + " --time-column" + actions
          + (named ? ", and how times are written with --time-format" : "");
    }
    return missing;
  }

  /** The columns of the first line, by what separates most of them. */
  private List<String> names() {
    List<String> names = List.of();
    for (char delimiter : delimiters) {
      List<String> split = FormatFinder.split(lines.getFirst(), delimiter);
      if (split.size() > names.size()) {
        names = split;
      }
    }
    return names;
  }

  private @Nullable String header() {
    List<String> names = names();
    if (names.size() < 2 || !(Columns.find(names, options) instanceof Columns.Found.Missing it)) {
      return null;
    }
    return "expected " + it.what();
  }

  private static String json(String line) {
    if (line.startsWith("[")) {
      return "this is one JSON array: write an object a line";
    }
    StringBuilder keys = new StringBuilder();
    Matcher matcher = KEY.matcher(line);
    for (int i = 0; i < 20 && matcher.find(); i++) {
      keys.append(i == 0 ? "" : ", ").append(matcher.group(1).replaceAll("\\p{Cntrl}", "?"));
    }
    return "these are JSON objects with the keys " + keys
        + ", and neither OTTO sessions nor UBI events: write them as a table with a column for the"
        + " session or user, the item and the time";
  }

  /** Whether these are MIND's behaviors: id, user, time, history, and what was shown. */
  private boolean impressions() {
    return lines.stream().allMatch(line -> {
      String[] columns = line.split("\t", -1);
      return columns.length == 5 && IMPRESSIONS.matcher(columns[4].strip()).matches();
    });
  }
}
