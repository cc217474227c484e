package io.attune.log;

import io.attune.log.LoadReport.FileReport;
import io.attune.log.LogOptions.BadLines;
import io.attune.session.SessionsBuilder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Takes the clicks of one file, checks them, and keeps the account of what was not taken. */
final class ClickSink {
  private static final long YEAR_1971 = Instant.parse("1971-01-01T00:00:00Z").toEpochMilli();

  /** Reasons why events are left out; further ones are counted together. */
  private static final int MAX_REASONS = 50;

  private final SessionsBuilder builder;
  private final LogOptions options;
  private final Path path;
  private final long now;
  private final Times times;
  private final List<String> samples = new ArrayList<>();
  private final Map<String, Long> leftOut = new TreeMap<>();
  private @Nullable ActionTally tally;

  private long lines;
  private long clicks;
  private long badLines;
  private long repeatedIds;
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;
  private long lastLine;
  private long repeatedHeaders;
  private long before1971;
  private long afterNow;

  ClickSink(SessionsBuilder builder, LogOptions options, Path path) {
    this.builder = builder;
    this.options = options;
    this.path = path;
    Instant limit = options.now();
    this.now = limit == null ? Long.MAX_VALUE : limit.toEpochMilli();
    this.times = Times.of(options);
  }

  Path path() {
    return path;
  }

  Times times() {
    return times;
  }

  /** The actions to take: those of the options, or else these. */
  Set<String> actions(Set<String> standard) {
    return options.actions().isEmpty() ? standard : options.actions();
  }

  /** Begins to count actions: those of the options are clicks, or else these; empty for all. */
  void countActions(Set<String> standard) {
    tally = new ActionTally(actions(standard));
  }

  /** Whether an event of this action counts as a click; where no actions are counted, all do. */
  boolean takes(Field action) {
    return tally == null || tally.takes(action);
  }

  /** Counts a line that repeats the header. */
  void repeatedHeader() {
    repeatedHeaders++;
  }

  /** Counts a line that was read. */
  void line() {
    lines++;
  }

  /** A click with its own key; the time is null where the log has none. */
  void click(long line, Field key, String keyName, Field item, @Nullable Field time)
      throws LogFormatException {
    if (time == null) {
      if (good(line, key, keyName) && good(line, item, "item")) {
        builder.click(key(key), item(item));
        clicks++;
      }
      return;
    }
    long millis = time.time(times);
    if (millis == Times.NONE) {
      bad(line, "expected " + times.expected(time.toString()) + ", found " + time.shown());
      return;
    }
    click(line, key, keyName, item, millis);
  }

  /** A click at this time in milliseconds. */
  void click(long line, Field key, String keyName, Field item, long millis)
      throws LogFormatException {
    if (good(line, key, keyName) && good(line, item, "item")) {
      click(line, key(key), item(item), millis);
    }
  }

  /** A click that may have a session's id or a client's, at this time in milliseconds. */
  void click(long line, SessionOrClient keys, Field session, Field client, Field item, Field time)
      throws LogFormatException {
    long millis = time.time(times);
    if (millis == Times.NONE) {
      bad(line, "expected " + times.expected(time.toString()) + ", found " + time.shown());
    } else if (session.isEmpty() && client.isEmpty()) {
      bad(line, "expected a session_id or a client_id");
    } else if ((session.isEmpty() || good(line, session, "session"))
        && (client.isEmpty() || good(line, client, "client"))
        && good(line, item, "item")) {
      keys.click(path, line, session, client, item, millis);
      count(line, millis);
    }
  }

  /** A click whose parts were checked before. */
  void click(long line, int key, int item, long millis) {
    builder.click(key, item, millis);
    count(line, millis);
  }

  private void count(long line, long millis) {
    clicks++;
    first = Math.min(first, millis);
    if (millis > last) {
      last = millis;
      lastLine = line;
    }
    if (millis < YEAR_1971) {
      before1971++;
    } else if (millis > now) {
      afterNow++;
    }
  }

  /** A click without a time whose parts were checked before. */
  void click(int key, int item) {
    builder.click(key, item);
    clicks++;
  }

  int key(Field key) {
    return builder.key(key.bytes, 0, key.length);
  }

  /** A key of its own, for a format with a whole session a line. */
  int newKey(Field key) {
    int known = builder.keys();
    if (builder.key(key.bytes, 0, key.length) < known) {
      repeatedIds++;
      return builder.newKey(key.bytes, 0, key.length);
    }
    return known;
  }

  int item(Field item) {
    return builder.item(item.bytes, 0, item.length);
  }

  /** Whether this can be an id; when not, the line is bad. */
  boolean good(long line, Field id, String name) throws LogFormatException {
    String problem = id.idProblem();
    if (problem != null) {
      bad(line, "expected as " + name + " " + problem);
      return false;
    }
    return true;
  }

  /** Counts an event that is not taken, by its action or another reason. */
  void otherAction(String reason) {
    String name = leftOut.containsKey(reason) || leftOut.size() < MAX_REASONS ? reason : "(others)";
    leftOut.merge(name, 1L, Long::sum);
  }

  /** A malformed line: an error, or counted and sampled. */
  void bad(long line, String expected) throws LogFormatException {
    if (options.badLines() == BadLines.FAIL) {
      throw new LogFormatException(path, line, expected);
    }
    badLines++;
    if (samples.size() < options.samples()) {
      samples.add(path + ":" + line + ": " + expected);
    }
  }

  /** The clicks that were taken. */
  long clicks() {
    return clicks;
  }

  FileReport report(@Nullable LogFormat format, String compression, long bytes) {
    Map<String, Long> otherActions = new TreeMap<>(leftOut);
    if (tally != null) {
      tally.leftOut().forEach((action, count) -> otherActions.merge(action, count, Long::sum));
    }
    return new FileReport(
        path,
        format,
        compression,
        bytes,
        lines,
        clicks,
        badLines,
        samples,
        tally != null && tally.takesAll(),
        tally == null ? Map.of() : tally.taken(),
        otherActions,
        repeatedIds,
        repeatedHeaders,
        first <= last ? Instant.ofEpochMilli(first) : null,
        first <= last ? Instant.ofEpochMilli(last) : null,
        lastLine,
        before1971,
        afterNow);
  }
}
