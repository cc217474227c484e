package io.attune.log;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognises a format by the beginning of a file; the file's name is not looked at. */
final class FormatFinder {
  private static final int LINES = 50;
  private static final Pattern TYPED =
      Pattern.compile("[^:\\t]+:(token|token_seq|float|float_seq)");
  private static final Pattern COLONS = Pattern.compile("[^:]+::[^:]+::[^:]*::-?[0-9.eE+]+");
  private static final Pattern PLAIN_ID =
      Pattern.compile("[^,;|\"{}<>\\p{Cntrl}]*[0-9][^,;|\"{}<>\\p{Cntrl}]*");

  private final LogFile file;
  private final LogOptions options;
  private final byte[] head;
  private final List<String> lines;

  private FormatFinder(LogFile file, LogOptions options) {
    this.file = file;
    this.options = options;
    this.head = file.head();
    this.lines = lines(head, file.headIsWhole());
  }

  /** The result of trying one format. */
  private sealed interface Trial {
    record Yes(Layout layout) implements Trial {}

    record No(String reason) implements Trial {}
  }

  /** The layout of this file, which must not be empty. */
  static Layout find(LogFile file, LogOptions options) throws LogFormatException {
    return new FormatFinder(file, options).find();
  }

  private Layout find() throws LogFormatException {
    LogFormat asked = options.format();
    if (asked != null) {
      return switch (tryOne(asked, true)) {
        case Trial.Yes yes -> {
          refuseColumns(yes.layout());
          yield yes.layout();
        }
        case Trial.No no ->
          throw new LogFormatException(
              file.path(), 1, "expected the format " + asked.label() + ": " + no.reason());
      };
    }
    Map<String, String> columns = Columns.asked(options);
    if (!columns.isEmpty() && NumberedTable.isAsked(options, first())) {
      switch (numbered()) {
        case Trial.Yes yes -> {
          return yes.layout();
        }
        case Trial.No no -> throw new LogFormatException(file.path(), 1, "expected " + no.reason());
      }
    }
    StringBuilder tried = new StringBuilder();
    boolean binary = binary();
    for (LogFormat format : LogFormat.values()) {
      if (binary && format != LogFormat.PARQUET) {
        continue;
      }
      switch (tryOne(format, false)) {
        case Trial.Yes yes -> {
          refuseColumns(yes.layout());
          return yes.layout();
        }
        case Trial.No no ->
          tried.append("\n  ").append(format.label()).append(": ").append(no.reason());
      }
    }
    String reason =
        binary ? Unknown.binary(head) : new Unknown(lines, delimiters(), options).reason();
    throw new LogFormatException(
        file.path(),
        reason == null
            ? "the format is not known; tried:" + tried
            : "the format is not known: " + reason);
  }

  /** Options that name columns must not be passed over in silence. */
  private void refuseColumns(Layout layout) throws LogFormatException {
    Map<String, String> columns = Columns.asked(options);
    if (!columns.isEmpty()
        && layout.format() != LogFormat.PARQUET
        && !(layout instanceof Layout.Table table && table.header() != null)) {
      String option = columns.keySet().iterator().next();
      throw new LogFormatException(
          file.path(),
          1,
          "expected a header, since " + option + " names a column, but it looks like "
              + layout.format().label() + ", which has none: leave the option out, or name the"
              + " columns by number");
    }
  }

  /** A table whose columns are named by number. */
  private Trial numbered() {
    try {
      Layout.Table table = NumberedTable.find(lines, withBlank(), options);
      return table == null ? csv() : new Trial.Yes(table);
    } catch (IllegalArgumentException e) {
      return no(String.valueOf(e.getMessage()));
    }
  }

  private Trial headerless(boolean forced) {
    if (!Columns.asked(options).isEmpty()) {
      return forced ? numbered() : no("expected " + LogFormat.HEADERLESS.looks());
    }
    Headerless table = Headerless.of(lines, withBlank());
    Columns known = table == null ? null : table.known();
    if (table == null || known == null) {
      return no("expected " + LogFormat.HEADERLESS.looks());
    }
    if (!options.actions().isEmpty()) {
      return no("expected an action column for --actions: name the columns by number");
    }
    char delimiter = table.delimiter();
    boolean quoted = delimiter != '\t' && delimiter != ' ';
    return new Trial.Yes(new Layout.Table(
        LogFormat.HEADERLESS, delimiter, quoted, null, table.kinds().size(), known, Set.of()));
  }

  /** The delimiters of a table without a header, where a blank may be one. */
  private char[] withBlank() {
    Character asked = options.delimiter();
    return asked != null ? new char[] {asked} : new char[] {'\t', ',', ';', '|', ' '};
  }

  private Trial tryOne(LogFormat format, boolean forced) {
    return switch (format) {
      case PARQUET ->
        head.length >= 4 && new String(head, 0, 4, StandardCharsets.ISO_8859_1).equals("PAR1")
            ? yes(format)
            : no("a Parquet file begins with PAR1");
      case OTTO -> json(format, "\"session\"", "\"events\"", forced);
      case UBI -> json(format, "\"action_name\"", "\"object", forced);
      case MOVIELENS -> movieLens();
      case RECBOLE -> recBole();
      case DIGINETICA, RETAILROCKET -> shop(format);
      case CSV -> csv();
      case HEADERLESS -> headerless(forced);
      case YOOCHOOSE -> yoochoose();
      case PAIRS -> ids(format, true, forced);
      case SEQUENCES -> ids(format, false, forced);
    };
  }

  private Trial json(LogFormat format, String key, String other, boolean forced) {
    if (lines.isEmpty() || !lines.getFirst().startsWith("{")) {
      return no("expected " + format.looks());
    }
    boolean fits = lines.stream().anyMatch(line -> line.contains(key) && line.contains(other));
    return fits || forced ? yes(format) : no("expected " + format.looks());
  }

  private Trial movieLens() {
    List<String> colons = fit(COLONS);
    if (colons.size() == lines.size() && !lines.isEmpty()) {
      return yes(LogFormat.MOVIELENS);
    }
    List<String> header = split(first(), ',');
    List<String> names = header.stream().map(Columns::plain).toList();
    return names.equals(List.of("userid", "movieid", "rating", "timestamp"))
        ? table(LogFormat.MOVIELENS, ',', true, header, Set.of())
        : no("expected " + LogFormat.MOVIELENS.looks());
  }

  private Trial recBole() {
    List<String> header = List.of(first().split("\t", -1));
    if (!header.stream().allMatch(name -> TYPED.matcher(name).matches())) {
      return no("expected " + LogFormat.RECBOLE.looks());
    }
    int list = -1;
    for (int i = 0; i < header.size(); i++) {
      if (header.get(i).endsWith(":token_seq")
          && Columns.plain(header.get(i)).equals("itemidlist")) {
        list = i;
      }
    }
    if (list < 0) {
      return table(LogFormat.RECBOLE, '\t', false, header, Set.of());
    }
    int session = Columns.indexOf(header, "session_id");
    int user = Columns.indexOf(header, "user_id");
    return session < 0 && user < 0
        ? no("expected a column session_id or user_id beside item_id_list")
        : new Trial.Yes(new Layout.Lists(
            LogFormat.RECBOLE,
            header.size(),
            session >= 0 ? session : user,
            session < 0,
            list,
            Columns.indexOf(header, "item_id")));
  }

  private Trial shop(LogFormat format) {
    boolean diginetica = format == LogFormat.DIGINETICA;
    Set<String> needed = diginetica
        ? Set.of("sessionid", "itemid", "timeframe", "eventdate")
        : Set.of("timestamp", "visitorid", "event", "itemid");
    for (char delimiter : delimiters()) {
      List<String> header = split(first(), delimiter);
      if (header.stream().map(Columns::plain).toList().containsAll(needed)) {
        return table(format, delimiter, true, header, diginetica ? Set.of() : Set.of("view"));
      }
    }
    return no("expected " + format.looks());
  }

  private Trial csv() {
    Trial best = no("expected " + LogFormat.CSV.looks());
    int widest = 1;
    for (char delimiter : delimiters()) {
      List<String> header = split(first(), delimiter);
      if (header.size() < 2) {
        continue;
      }
      Trial trial = table(LogFormat.CSV, delimiter, true, header, Set.of());
      if (trial instanceof Trial.Yes) {
        return trial;
      }
      if (header.size() > widest) {
        widest = header.size();
        best = trial;
      }
    }
    return best;
  }

  private Trial yoochoose() {
    List<String> fields = split(first(), ',');
    if (!options.actions().isEmpty()) {
      return no("expected an action column for --actions");
    }
    if (fields.size() < 3 || fields.size() > 5) {
      return no("expected " + LogFormat.YOOCHOOSE.looks());
    }
    byte[] time = fields.get(1).strip().getBytes(StandardCharsets.UTF_8);
    boolean dated = time.length >= 10
        && time[4] == '-'
        && new Times(null).parse(time, 0, time.length) != Times.NONE;
    return dated
        ? new Trial.Yes(new Layout.Table(
            LogFormat.YOOCHOOSE,
            ',',
            true,
            null,
            fields.size(),
            new Columns(0, -1, 2, 1, -1),
            Set.of()))
        : no("expected " + LogFormat.YOOCHOOSE.looks());
  }

  /**
   * Lines of ids, exactly two in pairs; ids have a digit, so that prose is not taken for a log. A
   * few lines with nothing but an id may be among them, which the reader then refuses by number.
   */
  private Trial ids(LogFormat format, boolean pairs, boolean forced) {
    boolean twoEach = true;
    int whole = 0;
    int lone = 0;
    for (String line : lines) {
      String[] ids = line.strip().split("[ \t]+", -1);
      boolean oneTab = line.indexOf('\t') == line.lastIndexOf('\t');
      boolean session = ids.length == 1 || oneTab || line.indexOf(' ') < 0;
      if (!forced && !(session && Arrays.stream(ids).allMatch(FormatFinder::isPlainId))) {
        return no("expected " + format.looks());
      }
      twoEach &= ids.length <= 2;
      whole += ids.length >= 2 ? 1 : 0;
      lone += ids.length == 1 ? 1 : 0;
    }
    if ((whole <= lone && !forced) || (pairs && !twoEach && !forced)) {
      return no("expected " + format.looks());
    }
    String table = forced ? null : asTable();
    return table == null ? yes(format) : no(table);
  }

  private static boolean isPlainId(String id) {
    return PLAIN_ID.matcher(id).matches();
  }

  /** Why lines of ids are more likely a table with other columns, or null. */
  private @Nullable String asTable() {
    Set<String> firsts = new HashSet<>();
    String repeated = null;
    List<Integer> widths = new ArrayList<>();
    boolean tabs = false;
    for (String line : lines) {
      String[] ids = line.strip().split("[ \t]+", -1);
      for (String id : ids) {
        if (Headerless.isNoId(id)) {
          return "expected ids alone, found '" + id
              + "': name the columns by number, or take all as" + " items with --format sequences";
        }
      }
      if (!firsts.add(ids[0])) {
        repeated = ids[0];
      }
      widths.add(ids.length);
      tabs |= line.indexOf('\t') != line.lastIndexOf('\t');
    }
    int width = widths.size() < 2 ? 0 : Headerless.usualWidth(widths);
    if (width >= 3 && tabs) {
      return "expected a line for each session, but all have " + width
          + " columns: name the columns of a table by number, or take all as items with"
          + " --format sequences";
    }
    if (width >= 3 && hasTimes(width)) {
      return "expected ids alone, but a column has times: name the columns of a table by number, or"
          + " take all as items with --format sequences";
    }
    return width >= 3 && repeated != null
        ? "expected a line for each session, but several lines of " + width
            + " columns begin with '" + repeated + "': name the columns of a table by number, or"
            + " take all as items with --format sequences"
        : null;
  }

  /** Whether a column after the first has nothing but times; lines have this many columns. */
  private boolean hasTimes(int width) {
    List<String[]> rows = lines.stream()
        .map(line -> line.strip().split("[ \t]+", -1))
        .filter(row -> row.length == width)
        .toList();
    for (int column = 1; column < width; column++) {
      int at = column;
      if (rows.stream().allMatch(row -> Headerless.isTime(row[at]))) {
        return true;
      }
    }
    return false;
  }

  private Trial table(
      LogFormat format, char delimiter, boolean quoted, List<String> header, Set<String> actions) {
    return switch (Columns.find(header, options)) {
      case Columns.Found.All all ->
        new Trial.Yes(new Layout.Table(
            format, delimiter, quoted, header, header.size(), all.columns(), actions));
      case Columns.Found.Missing missing -> no("expected " + missing.what());
    };
  }

  private char[] delimiters() {
    Character asked = options.delimiter();
    return asked != null ? new char[] {asked} : new char[] {',', ';', '\t', '|'};
  }

  private String first() {
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  private List<String> fit(Pattern pattern) {
    return lines.stream()
        .filter(line -> pattern.matcher(line.strip()).matches())
        .toList();
  }

  static List<String> split(String line, char delimiter) {
    if (line.isEmpty()) {
      return List.of();
    }
    try {
      return CsvReader.builder()
          .fieldSeparator(delimiter)
          .ofSingleCsvRecord(line)
          .getFields()
          .stream()
          .map(String::strip)
          .toList();
    } catch (CsvParseException | IllegalArgumentException e) {
      return List.of();
    }
  }

  private boolean binary() {
    for (byte b : head) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * The first lines; the last of the head only when the file ends there, or when it is the only
   * one.
   */
  private static List<String> lines(byte[] head, boolean whole) {
    List<String> lines = new ArrayList<>();
    int from = LogFile.byteOrderMark(head);
    for (int at = from; at <= head.length && lines.size() < LINES; at++) {
      boolean end = at == head.length;
      if (end ? at > from && (whole || lines.isEmpty()) : head[at] == '\n') {
        String line = new String(head, from, at - from, StandardCharsets.UTF_8);
        String stripped = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        if (!stripped.isBlank()) {
          lines.add(stripped);
        }
        from = at + 1;
      }
    }
    return lines;
  }

  private static Trial yes(LogFormat format) {
    return new Trial.Yes(new Layout.Plain(format));
  }

  private static Trial no(String reason) {
    return new Trial.No(reason);
  }
}
