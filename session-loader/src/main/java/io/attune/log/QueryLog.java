package io.attune.log;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.attune.log.LogOptions.BadLines;
import io.attune.session.Counts;
import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads logs of queries: tables with a header, or JSON lines such as the {@code ubi_queries} of
 * OpenSearch's User Behavior Insights; plain, gzip or zstd. The whole file is held in memory.
 *
 * <p>A query has a session, words or a list of shown items or both, the clicked item, and possibly
 * an id and a time. Columns and fields are found by their usual names, or named by the options of
 * the click log: its item column is the clicked item. Ids of a list in one value are parted by bars
 * or, without a bar, by spaces.
 *
 * <p>Without a column of clicked items, what was clicked is found in the UBI events of the click
 * log that have the query's id, and so is the session.
 *
 * @param queries with a clicked item, in the order of the file
 * @param leftOut how many lines were left out, by reason
 */
public record QueryLog(List<LoggedQuery> queries, Map<String, Long> leftOut) {
  private static final int ID = 0;
  private static final int SESSION = 1;
  private static final int WORDS = 2;
  private static final int SHOWN = 3;
  private static final int CLICKED = 4;
  private static final int TIME = 5;
  private static final int PARTS = 6;

  private static final List<String> ID_NAMES =
      List.of("queryid", "searchid", "qid", "requestid", "id");
  private static final List<String> WORDS_NAMES = List.of(
      "words", "userquery", "querytext", "searchterms", "searchterm", "search", "query", "text");
  private static final List<String> SHOWN_NAMES = List.of(
      "shown",
      "shownids",
      "shownitems",
      "queryresponsehitids",
      "queryresponseobjectids",
      "hits",
      "hitids",
      "results",
      "resultids",
      "impressions",
      "items");
  private static final List<String> CLICKED_NAMES =
      List.of("clicked", "clickedid", "clickeditem", "clickeditemid", "click", "target");

  /** Copies the list. */
  public QueryLog {
    queries = List.copyOf(queries);
  }

  /** What a line has of each part; null if the file has no such column. */
  @FunctionalInterface
  interface Line {
    @Nullable
    String get(int part);
  }

  /**
   * Reads the queries of a file.
   *
   * @param file the queries
   * @param logs the click logs, whose UBI events tell what was clicked if the file does not
   * @param options those of the click logs
   * @param byUser whether sessions are those of user ids, as the click logs were read
   * @throws LogFormatException if the file cannot be read, is malformed, lacks a column that is
   *     needed, or has no query with a clicked item
   */
  public static QueryLog read(Path file, List<Path> logs, LogOptions options, boolean byUser)
      throws LogFormatException {
    Reading reading = new Reading(file, options, byUser);
    refuseParquet(file);
    String text = TextFile.read(file);
    String start =
        text.lines().filter(line -> !line.isBlank()).findFirst().orElse("").strip();
    if (start.startsWith("{")) {
      reading.json();
    } else if (start.startsWith("[")) {
      throw new LogFormatException(file, 1, "expected a table or JSON lines, a query in each");
    } else {
      reading.table(text, start);
    }
    return reading.hasClicked
        ? reading.clickedInFile()
        : reading.clickedIn(QueryClicks.read(logs, options), byUser);
  }

  private static void refuseParquet(Path file) throws LogFormatException {
    try (InputStream in = TextFile.open(file)) {
      if (new String(in.readNBytes(4), StandardCharsets.ISO_8859_1).equals("PAR1")) {
        throw new LogFormatException(
            file, "expected a table with a header or JSON lines, but this is Parquet");
      }
    } catch (IOException e) {
      throw LogFile.explain(file, 0, e);
    }
  }

  /** The state of one reading. */
  private static final class Reading {
    private final Path file;
    private final LogOptions options;
    private final TimeParser times;
    private final List<List<String>> usual = new ArrayList<>();
    private final @Nullable String[] asked = new String[PARTS];
    private final List<LoggedQuery> read = new ArrayList<>();
    private final Map<String, Long> leftOut = new LinkedHashMap<>();
    private boolean hasClicked;

    Reading(Path file, LogOptions options, boolean byUser) {
      this.file = file;
      this.options = options;
      this.times = TimeParser.of(options);
      usual.add(ID_NAMES);
      usual.add(byUser ? Columns.USER : Columns.SESSION);
      usual.add(WORDS_NAMES);
      usual.add(SHOWN_NAMES);
      List<String> clicked = new ArrayList<>(CLICKED_NAMES);
      clicked.addAll(Columns.ITEM);
      usual.add(clicked);
      usual.add(Columns.TIME);
      asked[SESSION] = byUser ? options.userColumn() : options.sessionColumn();
      asked[CLICKED] = options.itemColumn();
      asked[TIME] = options.timeColumn();
    }

    /** The place of a part among names: what the options name, otherwise the first usual name. */
    private int find(int part, List<String> names) {
      String name = asked[part];
      int exact = name == null || Columns.isNumber(name) ? -1 : Columns.indexOf(names, name);
      List<String> plain = names.stream().map(Columns::plain).toList();
      return exact >= 0
          ? exact
          : usual.get(part).stream()
              .mapToInt(plain::indexOf)
              .filter(index -> index >= 0)
              .findFirst()
              .orElse(-1);
    }

    /** Requires the parts without which no query can be used. */
    private int[] parts(List<String> names) throws LogFormatException {
      int[] parts = new int[PARTS];
      Arrays.setAll(parts, part -> find(part, names));
      hasClicked = parts[CLICKED] >= 0;
      String missing = parts[WORDS] < 0 && parts[SHOWN] < 0
          ? "words, such as query or user_query, or of shown items, such as shown or impressions"
          : parts[CLICKED] < 0 && parts[ID] < 0
              ? "the clicked item, such as clicked or item_id (or --item-column), or of the query's"
                  + " id, by which UBI events name it"
              : parts[CLICKED] >= 0 && parts[SESSION] < 0
                  ? (usual.get(SESSION).equals(Columns.USER)
                      ? "the user, such as user_id or client_id (or --user-column), by which the"
                          + " log has its sessions"
                      : "the session, such as session_id (or --session-column)")
                  : "";
      if (!missing.isEmpty()) {
        throw new LogFormatException(
            file,
            1,
            "expected a column of " + missing + "; the columns are " + Columns.shown(names));
      }
      return parts;
    }

    void table(String text, String head) throws LogFormatException {
      if (head.isEmpty()) {
        throw new LogFormatException(file, "the file is empty");
      }
      Character delimiter = options.delimiter();
      char separator =
          delimiter != null && head.indexOf(delimiter) >= 0 ? delimiter : TextFile.separator(head);
      int[] parts = null;
      int width = 0;
      try (CsvReader<CsvRecord> lines = CsvReader.builder()
          .fieldSeparator(separator)
          .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
          .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
          .ofCsvRecord(text)) {
        for (CsvRecord line : lines) {
          if (parts == null) {
            width = line.getFieldCount();
            parts = parts(line.getFields().stream().map(String::strip).toList());
            continue;
          }
          if (line.getFieldCount() != width) {
            malformed(
                line.getStartingLineNumber(),
                "expected " + Counts.of(width, "column") + " as in the header, found "
                    + line.getFieldCount());
            continue;
          }
          int[] columns = parts;
          take(
              line.getStartingLineNumber(),
              part -> columns[part] < 0 ? null : line.getField(columns[part]).strip());
        }
      } catch (CsvParseException e) {
        throw new LogFormatException(file, 0, String.valueOf(e.getMessage()), e);
      } catch (IOException e) {
        throw LogFile.explain(file, 0, e);
      }
    }

    /** Which fields there are is known when all lines have been seen, so they are read twice. */
    void json() throws LogFormatException {
      List<String> names = new ArrayList<>(names());
      int[] parts = parts(names);
      try (InputStream in = TextFile.open(file)) {
        JsonLines lines = new JsonLines(in);
        while (lines.next()) {
          if (lines.problem().isEmpty()) {
            take(
                lines.number(),
                part -> parts[part] < 0 ? null : lines.text(names.get(parts[part])));
          } else {
            malformed(lines.number(), lines.problem());
          }
        }
      } catch (IOException e) {
        throw LogFile.explain(file, 0, e);
      }
    }

    private Set<String> names() throws LogFormatException {
      Set<String> names = new LinkedHashSet<>();
      try (InputStream in = TextFile.open(file)) {
        for (JsonLines lines = new JsonLines(in); lines.next(); ) {
          names.addAll(lines.names());
        }
      } catch (IOException e) {
        throw LogFile.explain(file, 0, e);
      }
      return names;
    }

    private void malformed(long line, String problem) throws LogFormatException {
      if (options.badLines() == BadLines.FAIL) {
        throw new LogFormatException(file, line, problem);
      }
      count("malformed lines");
    }

    private void count(String reason) {
      leftOut.merge(reason, 1L, Long::sum);
    }

    private void take(long number, Line line) throws LogFormatException {
      for (int part = 0; part < PARTS; part++) {
        String value = part == SHOWN ? "" : text(line, part);
        if (value.indexOf(JsonLines.PARTED_BY) >= 0) {
          malformed(
              number,
              "expected a list for shown items alone, found '"
                  + value.strip().replace(String.valueOf(JsonLines.PARTED_BY), ", ") + "'");
          return;
        }
      }
      String words = text(line, WORDS);
      List<String> shown = list(text(line, SHOWN));
      if (words.isEmpty() && shown.isEmpty()) {
        count("lines without words and shown items");
        return;
      }
      long time = Sessions.NO_TIME;
      String when = line.get(TIME);
      if (when != null) {
        byte[] bytes = when.getBytes(StandardCharsets.UTF_8);
        time = bytes.length == 0 ? Sessions.NO_TIME : times.parse(bytes, 0, bytes.length);
        if (time == Sessions.NO_TIME) {
          malformed(number, "expected " + times.expected(when) + ", found '" + when + "'");
          return;
        }
      }
      read.add(new LoggedQuery(
          text(line, ID), text(line, SESSION), words, shown, text(line, CLICKED), time, number));
    }

    private static String text(Line line, int part) {
      return Objects.requireNonNullElse(line.get(part), "");
    }

    /** The different ids of a list, the first of those that are alike. */
    private static List<String> list(String ids) {
      String by = ids.indexOf(JsonLines.PARTED_BY) >= 0
          ? String.valueOf(JsonLines.PARTED_BY)
          : ids.indexOf('|') >= 0 ? "\\|" : "\\s+";
      return Arrays.stream(ids.split(by, -1))
          .map(String::strip)
          .filter(id -> !id.isEmpty())
          .distinct()
          .toList();
    }

    QueryLog clickedInFile() throws LogFormatException {
      List<LoggedQuery> clicked = new ArrayList<>();
      Set<List<String>> seen = new HashSet<>();
      for (LoggedQuery query : read) {
        if (query.clicked().isEmpty()) {
          count("queries without a clicked item");
        } else if (!query.id().isEmpty() && !seen.add(List.of(query.id(), query.session()))) {
          count("further clicks of a query");
        } else {
          clicked.add(query);
        }
      }
      return finish(clicked);
    }

    QueryLog clickedIn(Map<String, QueryClicks.Click> clicks, boolean byUser)
        throws LogFormatException {
      List<LoggedQuery> clicked = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (LoggedQuery query : read) {
        QueryClicks.Click click = clicks.get(query.id());
        if (click == null) {
          count("queries without a clicked item");
        } else if (!seen.add(query.id())) {
          count("queries with the id of an earlier one");
        } else {
          String session = byUser ? click.user() : click.session();
          clicked.add(new LoggedQuery(
              query.id(),
              session.isEmpty() ? query.session() : session,
              query.words(),
              query.shown(),
              click.item(),
              query.time(),
              query.line()));
        }
      }
      return finish(clicked);
    }

    /** Lists that are parted by something else would all be of one item. */
    private void refuseOtherLists() throws LogFormatException {
      List<LoggedQuery> lists =
          read.stream().filter(query -> !query.shown().isEmpty()).toList();
      for (LoggedQuery query : lists) {
        String first = query.shown().getFirst();
        if (first.matches(".*[,;].*")
            && lists.stream().allMatch(each -> each.shown().size() == 1)) {
          throw new LogFormatException(
              file,
              query.line(),
              "expected shown ids parted by bars or spaces, found '" + first + "'");
        }
      }
    }

    private QueryLog finish(List<LoggedQuery> clicked) throws LogFormatException {
      refuseOtherLists();
      if (clicked.isEmpty()) {
        String reasons = leftOut.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
        String where = hasClicked
            ? ""
            : ": the file has no column of clicked items, and no click among the UBI events of the"
                + " log names one of its queries";
        throw new LogFormatException(
            file,
            "no query with a clicked item"
                + (reasons.isEmpty() ? ", only a header" : " (" + reasons + ")") + where);
      }
      return new QueryLog(clicked, leftOut);
    }
  }
}
