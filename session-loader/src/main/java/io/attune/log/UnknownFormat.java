package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Diagnoses a file that has no known format: what it seems to be, and how to make it readable. */
final class UnknownFormat {
  private static final Pattern IMPRESSIONS = Pattern.compile("(\\S+-[01])( \\S+-[01])*");
  private static final Pattern KEY = Pattern.compile("\"([^\"\\\\]{1,60})\"\\s*:");

  private final List<String> lines;
  private final LogOptions options;

  UnknownFormat(List<String> lines, LogOptions options) {
    this.lines = lines;
    this.options = options;
  }

  /** A diagnosis of binary data. */
  static String binary(byte[] head) {
    String begin = new String(head, 0, Math.min(head.length, 300), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("\u00ff\u00fe") || begin.startsWith("\u00fe\u00ff")) {
      return "UTF-16 text: convert it, for example with iconv -f UTF-16 -t UTF-8";
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
        ? "binary data that is neither Parquet nor compressed with gzip or zstd"
        : "binary data (" + archive + "): unpack it first, or compress with gzip or zstd";
  }

  /** A diagnosis of text; null if there is none. */
  @Nullable
  String reason() {
    if (lines.isEmpty()) {
      return "all lines are blank";
    }
    String first = lines.getFirst();
    if (first.startsWith("{") || first.startsWith("[")) {
      return json(first);
    }
    if (first.startsWith("#")) {
      return "the first line must be the header or data, but is a comment";
    }
    if (lines.stream().anyMatch(line -> line.indexOf('\r') >= 0)) {
      return "lines end with a carriage return only: convert them, for example with"
          + " tr '\\r' '\\n'";
    }
    if (impressions()) {
      return "impressions (lists of shown items, marked 1 if clicked) with the history before each;"
          + " only the histories are clicks in order: extract their column and that of the user or"
          + " the impression, for example with cut -f1,4";
    }
    String missing = header();
    if (missing != null && names().stream().anyMatch(Columns::isUsual)) {
      return missing; // A header, whatever delimits the lists within its columns.
    }
    HeaderlessTable table = HeaderlessTable.of(lines, FormatFinder.headerlessDelimiters(options));
    if (table != null && table.beginsWithData()) {
      boolean runs =
          table.delimiter() == ' ' && table.rows().stream().anyMatch(row -> row.contains(""));
      if (runs) {
        return "a table without a header, with several spaces between columns: replace them by"
            + " tabs, for example with tr -s ' ' '\\t'";
      }
      String actions = options.actions().isEmpty() ? "" : ", and --action-column";
      boolean dated = table.kinds().contains(HeaderlessTable.Kind.DAY);
      return "a table without a header, with the columns " + table.description()
          + ": give their numbers with --user-column (or --session-column), --item-column and"
          + " --time-column" + actions
          + (dated ? ", and the format of times with --time-format" : "");
    }
    return missing;
  }

  /** The first line, split by the delimiter that gives the most columns. */
  private List<String> names() {
    List<String> names = List.of();
    for (char delimiter : FormatFinder.delimiters(options)) {
      List<String> split = LogHead.split(lines.getFirst(), delimiter);
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
      return "a JSON array: write one object per line instead";
    }
    StringBuilder keys = new StringBuilder();
    Matcher matcher = KEY.matcher(line);
    for (int i = 0; i < 20 && matcher.find(); i++) {
      keys.append(i == 0 ? "" : ", ").append(matcher.group(1).replaceAll("\\p{Cntrl}", "?"));
    }
    return "JSON objects with the keys " + keys
        + ", which are neither OTTO sessions nor UBI events: write them as a table with columns for"
        + " the session or user, the item and the time";
  }

  /** Whether the lines are from MIND's behaviors.tsv: id, user, time, history, impressions. */
  private boolean impressions() {
    return lines.stream().allMatch(line -> {
      String[] columns = line.split("\t", -1);
      return columns.length == 5 && IMPRESSIONS.matcher(columns[4].strip()).matches();
    });
  }
}
