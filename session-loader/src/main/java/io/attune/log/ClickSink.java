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

/** Checks and collects the clicks of one file, and counts what was skipped. */
final class ClickSink {
  private static final long YEAR_1971 = Instant.parse("1971-01-01T00:00:00Z").toEpochMilli();

  /** Reasons for skipping events that are counted separately; all others are counted together. */
  private static final int MAX_REASONS = 50;

  private final SessionsBuilder builder;
  private final LogOptions options;
  private final Path path;
  private final long now;
  private final TimeParser times;
  private final List<String> samples = new ArrayList<>();
  private final Map<String, Long> leftOut = new TreeMap<>();
  private @Nullable ActionCounts actions;

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
    this.times = TimeParser.of(options);
  }

  Path path() {
    return path;
  }

  TimeParser times() {
    return times;
  }

  /** The actions that count as clicks: those of the options, or these defaults. */
  Set<String> actions(Set<String> defaults) {
    return options.actions().isEmpty() ? defaults : options.actions();
  }

  /**
   * Starts counting actions.
   *
   * @param defaults the actions that count as clicks if the options name none; empty for all
   */
  void countActions(Set<String> defaults) {
    actions = new ActionCounts(actions(defaults));
  }

  /** Whether an event of this action counts as a click, which all do if actions are not counted. */
  boolean takes(Field action) {
    return actions == null || actions.takes(action);
  }

  /** Counts a line that repeats the header. */
  void repeatedHeader() {
    repeatedHeaders++;
  }

  /** Counts a line that was read. */
  void line() {
    lines++;
  }

  /** Adds a click; the time is null if the log has none. */
  void click(long line, Field key, String keyName, Field item, @Nullable Field time)
      throws LogFormatException {
    if (time == null) {
      if (isId(line, key, keyName) && isId(line, item, "item")) {
        builder.click(key(key), item(item));
        clicks++;
      }
      return;
    }
    long millis = time.time(times);
    if (millis == TimeParser.NONE) {
      malformedTime(line, time);
      return;
    }
    click(line, key, keyName, item, millis);
  }

  /** Adds a click with a time in milliseconds. */
  void click(long line, Field key, String keyName, Field item, long millis)
      throws LogFormatException {
    if (isId(line, key, keyName) && isId(line, item, "item")) {
      click(line, key(key), item(item), millis);
    }
  }

  /** Adds a click with a session id, a client id or both. */
  void click(long line, SessionOrClient keys, Field session, Field client, Field item, Field time)
      throws LogFormatException {
    long millis = time.time(times);
    if (millis == TimeParser.NONE) {
      malformedTime(line, time);
    } else if (session.isEmpty() && client.isEmpty()) {
      malformed(line, "expected a session_id or a client_id");
    } else if ((session.isEmpty() || isId(line, session, "session"))
        && (client.isEmpty() || isId(line, client, "client"))
        && isId(line, item, "item")) {
      keys.click(path, line, session, client, item, millis);
      count(line, millis);
    }
  }

  /** Adds a click whose ids were checked before. */
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

  /** Adds a click without a time whose ids were checked before. */
  void click(int key, int item) {
    builder.click(key, item);
    clicks++;
  }

  int key(Field key) {
    return builder.key(key.bytes, 0, key.length);
  }

  /** Adds a separate key even if its id is known, for formats with a whole session per line. */
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

  /** Whether this is a valid id; if not, the line is malformed. */
  boolean isId(long line, Field id, String name) throws LogFormatException {
    String problem = id.idProblem();
    if (problem != null) {
      malformed(line, "the " + name + " id " + problem);
      return false;
    }
    return true;
  }

  /** Counts an event that is skipped for a reason other than a known action. */
  void otherAction(String reason) {
    String name = leftOut.containsKey(reason) || leftOut.size() < MAX_REASONS ? reason : "(others)";
    leftOut.merge(name, 1L, Long::sum);
  }

  /** Fails because of a malformed line, or counts it. */
  void malformed(long line, String problem) throws LogFormatException {
    if (options.badLines() == BadLines.FAIL) {
      throw new LogFormatException(path, line, problem);
    }
    badLines++;
    if (samples.size() < options.samples()) {
      samples.add(path + ":" + line + ": " + problem);
    }
  }

  private void malformedTime(long line, Field time) throws LogFormatException {
    malformed(line, "expected " + times.expected(time.toString()) + ", found " + time.shown());
  }

  void lineTooLong(long line) throws LogFormatException {
    malformed(line, "expected a line of less than " + LineReader.MAX_LINE + " bytes");
  }

  /** The number of clicks added. */
  long clicks() {
    return clicks;
  }

  FileReport report(@Nullable LogFormat format, String compression, long bytes) {
    Map<String, Long> otherActions = new TreeMap<>(leftOut);
    if (actions != null) {
      actions.leftOut().forEach((action, count) -> otherActions.merge(action, count, Long::sum));
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
        actions != null && actions.takesAll(),
        actions == null ? Map.of() : actions.taken(),
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
