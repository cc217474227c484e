package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Detects the format of a log from its first lines; the file name does not matter. */
final class FormatFinder {
  private static final Pattern TYPED =
      Pattern.compile("[^:\\t]+:(token|token_seq|float|float_seq)");
  private static final Pattern COLONS = Pattern.compile("[^:]+::[^:]+::[^:]*::-?[0-9.eE+]+");

  private final LogFile file;
  private final LogOptions options;
  private final LogHead head;
  private final List<String> lines;

  private FormatFinder(LogFile file, LogOptions options) {
    this.file = file;
    this.options = options;
    this.head = LogHead.of(file);
    this.lines = head.lines();
  }

  /** The result of trying one format. */
  private sealed interface Trial {
    record Yes(Layout layout) implements Trial {}

    record No(String reason) implements Trial {}
  }

  /** Detects the layout of a file that is not empty. */
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
    boolean binary = head.isBinary();
    if (!binary && !columns.isEmpty() && NumberedTable.isAsked(options, head.first())) {
      switch (numbered()) {
        case Trial.Yes yes -> {
          return yes.layout();
        }
        case Trial.No no -> throw new LogFormatException(file.path(), 1, "expected " + no.reason());
      }
    }
    StringBuilder tried = new StringBuilder();
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
        binary ? UnknownFormat.binary(head.bytes()) : new UnknownFormat(lines, options).reason();
    throw new LogFormatException(
        file.path(), "unknown format" + (reason == null ? "; tried:" + tried : ": " + reason));
  }

  /** Naming a column of a format without a header is an error rather than ignored. */
  private void refuseColumns(Layout layout) throws LogFormatException {
    Map<String, String> columns = Columns.asked(options);
    if (!columns.isEmpty()
        && layout.format() != LogFormat.PARQUET
        && !(layout instanceof Layout.Table table && table.header() != null)) {
      String option = columns.keySet().iterator().next();
      throw new LogFormatException(
          file.path(),
          1,
          "expected a header because of " + option + ", but the format looks like "
              + layout.format().label() + ", which has none: remove the option, or give the columns"
              + " by number");
    }
  }

  /** A table whose columns are given by number. */
  private Trial numbered() {
    try {
      Layout.Table table = NumberedTable.find(lines, headerlessDelimiters(options), options);
      return table == null ? csv() : new Trial.Yes(table);
    } catch (IllegalArgumentException e) {
      return no(String.valueOf(e.getMessage()));
    }
  }

  private Trial headerless(boolean forced) {
    if (!Columns.asked(options).isEmpty()) {
      return forced ? numbered() : unlike(LogFormat.HEADERLESS);
    }
    HeaderlessTable table = HeaderlessTable.of(lines, headerlessDelimiters(options));
    Columns known = table == null ? null : table.known();
    if (table == null || known == null) {
      return unlike(LogFormat.HEADERLESS);
    }
    if (!options.actions().isEmpty()) {
      return no("expected an action column because of --actions: give the columns by number");
    }
    char delimiter = table.delimiter();
    boolean quoted = delimiter != '\t' && delimiter != ' ';
    return new Trial.Yes(new Layout.Table(
        LogFormat.HEADERLESS, delimiter, quoted, null, table.kinds().size(), known, Set.of()));
  }

  private Trial tryOne(LogFormat format, boolean forced) {
    return switch (format) {
      case PARQUET ->
        head.startsWith("PAR1") ? yes(format) : no("expected a file that begins with PAR1");
      case OTTO -> json(format, "\"session\"", "\"events\"", forced);
      case UBI -> json(format, "\"action_name\"", "\"object", forced);
      case MOVIELENS -> movieLens();
      case RECBOLE -> recBole();
      case DIGINETICA, RETAILROCKET -> byHeader(format);
      case CSV -> csv();
      case HEADERLESS -> headerless(forced);
      case YOOCHOOSE -> yoochoose();
      case PAIRS, SEQUENCES -> ids(format, forced);
    };
  }

  private Trial json(LogFormat format, String key, String other, boolean forced) {
    if (lines.isEmpty() || !lines.getFirst().startsWith("{")) {
      return unlike(format);
    }
    boolean fits = lines.stream().anyMatch(line -> line.contains(key) && line.contains(other));
    return fits || forced ? yes(format) : unlike(format);
  }

  private Trial movieLens() {
    if (!lines.isEmpty()
        && lines.stream().allMatch(line -> COLONS.matcher(line.strip()).matches())) {
      return yes(LogFormat.MOVIELENS);
    }
    List<String> header = LogHead.split(head.first(), ',');
    List<String> names = header.stream().map(Columns::plain).toList();
    return names.equals(List.of("userid", "movieid", "rating", "timestamp"))
        ? table(LogFormat.MOVIELENS, ',', true, header, Set.of())
        : unlike(LogFormat.MOVIELENS);
  }

  private Trial recBole() {
    List<String> header = List.of(head.first().split("\t", -1));
    if (!header.stream().allMatch(name -> TYPED.matcher(name).matches())) {
      return unlike(LogFormat.RECBOLE);
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

  private Trial byHeader(LogFormat format) {
    boolean diginetica = format == LogFormat.DIGINETICA;
    Set<String> needed = diginetica
        ? Set.of("sessionid", "itemid", "timeframe", "eventdate")
        : Set.of("timestamp", "visitorid", "event", "itemid");
    for (char delimiter : delimiters(options)) {
      List<String> header = LogHead.split(head.first(), delimiter);
      if (header.stream().map(Columns::plain).toList().containsAll(needed)) {
        return table(format, delimiter, true, header, diginetica ? Set.of() : Set.of("view"));
      }
    }
    return unlike(format);
  }

  private Trial csv() {
    Trial best = unlike(LogFormat.CSV);
    int widest = 1;
    for (char delimiter : delimiters(options)) {
      List<String> header = LogHead.split(head.first(), delimiter);
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
    List<String> fields = LogHead.split(head.first(), ',');
    if (!options.actions().isEmpty()) {
      return no("expected an action column because of --actions");
    }
    if (fields.size() < 3 || fields.size() > 5) {
      return unlike(LogFormat.YOOCHOOSE);
    }
    byte[] time = fields.get(1).strip().getBytes(StandardCharsets.UTF_8);
    boolean dated = time.length >= 10
        && time[4] == '-'
        && new TimeParser(null).parse(time, 0, time.length) != TimeParser.NONE;
    return dated
        ? new Trial.Yes(new Layout.Table(
            LogFormat.YOOCHOOSE,
            ',',
            true,
            null,
            fields.size(),
            new Columns(0, -1, 2, 1, -1),
            Set.of()))
        : unlike(LogFormat.YOOCHOOSE);
  }

  private Trial ids(LogFormat format, boolean forced) {
    String problem = new IdLines(lines).problem(format, forced);
    return problem == null ? yes(format) : no(problem);
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

  private static Trial yes(LogFormat format) {
    return new Trial.Yes(new Layout.Plain(format));
  }

  private static Trial no(String reason) {
    return new Trial.No(reason);
  }

  private static Trial unlike(LogFormat format) {
    return no("expected " + format.description());
  }

  /** The delimiters of tables with a header, in the order in which they are tried. */
  static char[] delimiters(LogOptions options) {
    Character asked = options.delimiter();
    return asked != null ? new char[] {asked} : new char[] {',', ';', '\t', '|'};
  }

  /** The delimiters of tables without a header, which include spaces. */
  static char[] headerlessDelimiters(LogOptions options) {
    Character asked = options.delimiter();
    return asked != null ? new char[] {asked} : new char[] {'\t', ',', ';', '|', ' '};
  }
}
