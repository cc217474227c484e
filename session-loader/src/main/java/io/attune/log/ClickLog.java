package io.attune.log;

import io.attune.log.LoadReport.FileReport;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Counts;
import io.attune.session.Duplicates;
import io.attune.session.LogEnd;
import io.attune.session.Sessions;
import io.attune.session.SessionsBuilder;
import io.attune.session.TooLargeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Loads click logs into sessions. The format, any {@link LogFormat}, and the compression, gzip or
 * zstd, are detected from the content of each file.
 *
 * <p>All files together make one set of sessions: the same session or user id in two files is the
 * same session or user. Only in formats with a whole session per line is each line a session of its
 * own. The clicks of a session are ordered by time; clicks with the same time keep the order of the
 * log.
 *
 * <p>Times are numbers or ISO 8601. Unless the options name the unit, a number below
 * 10<sup>11</sup> is in seconds (until the year 5138), below 10<sup>14</sup> in milliseconds (from
 * 1973), below 10<sup>17</sup> in microseconds, and otherwise in nanoseconds. A time without a zone
 * is in UTC.
 *
 * <p>Whatever is wrong with a file is reported as a {@link LogFormatException} with the path and,
 * if known, the line. Files are read as a stream by the calling thread, so memory holds the clicks
 * and not the file.
 */
public final class ClickLog {
  /** The loaded sessions and the report on what was read. */
  public record Loaded(Sessions sessions, LoadReport report) {}

  private final LogOptions options;
  private final LoadProgress progress;
  private final SessionsBuilder builder = new SessionsBuilder();
  private final List<FileReport> reports = new ArrayList<>();
  private final long total;
  private long done;
  private long reported;
  private @Nullable Path first;
  private @Nullable SessionsBy by;
  private boolean timed;
  private @Nullable SessionOrClient undecided;

  private ClickLog(LogOptions options, LoadProgress progress, long total) {
    this.options = options;
    this.progress = progress;
    this.total = total;
  }

  /** Loads logs without reporting progress. */
  public static Loaded load(List<Path> paths, LogOptions options) throws LogFormatException {
    return load(paths, options, (file, done, total) -> {});
  }

  /**
   * Loads logs.
   *
   * @param paths files, folders, and patterns such as {@code clicks/*.csv.gz}. A folder is read
   *     with its subfolders, in path order, without hidden files and those whose name begins with
   *     an underscore
   * @throws LogFormatException if a file is missing, cannot be read, is malformed, has an unknown
   *     format, or does not match the other files, or if there are no clicks
   * @throws IllegalArgumentException if there is no path
   */
  public static Loaded load(List<Path> paths, LogOptions options, LoadProgress progress)
      throws LogFormatException {
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("at least one log is needed");
    }
    List<Path> files = LogFolder.files(paths);
    long total = 0;
    for (Path file : files) {
      total += size(file);
    }
    ClickLog log = new ClickLog(options, progress, total);
    for (Path file : files) {
      log.read(file);
    }
    return log.finish(files);
  }

  private void read(Path path) throws LogFormatException {
    ClickSink sink = new ClickSink(builder, options, path);
    long before = done;
    LogFormat format = null;
    String compression;
    try (LogFile file = LogFile.open(path, count -> count(path, count))) {
      compression = file.compression();
      if (file.head().length > 0) {
        Layout layout = FormatFinder.find(file, options);
        format = layout.format();
        read(file, layout, sink);
      }
    } catch (TooLargeException e) {
      // The builder's own limits, such as the number of clicks.
      throw new LogFormatException(path, 0, "too large: " + e.getMessage(), e);
    } catch (IOException e) {
      throw LogFile.explain(path, 0, e);
    }
    if (first == null && sink.clicks() > 0) {
      first = path;
    }
    done = before + size(path);
    reports.add(sink.report(format, compression, size(path)));
    progress.read(path, done, total);
  }

  private void read(LogFile file, Layout layout, ClickSink sink) throws IOException {
    refuseActions(file.path(), layout);
    switch (layout) {
      case Layout.Table table -> {
        boolean histories = table.format() == LogFormat.MOVIELENS
            || table.format() == LogFormat.RECBOLE
            || table.format() == LogFormat.HEADERLESS;
        SessionKey sessionKey = sessionKey(sink.path(), table.columns(), histories);
        new TableLog(table, sessionKey, sink)
            .read(file.stream(), () -> LogFile.open(file.path(), count -> {}));
      }
      case Layout.Lists lists -> {
        SessionKey sessionKey = sessionKey(sink.path(), !lists.user(), lists.user(), false, true);
        new LineLog(lists, sessionKey, sink).read(file.stream());
      }
      case Layout.Plain plain -> plain(file, plain, sink);
    }
  }

  /** Asking for actions of a format that has none is an error rather than ignored. */
  private void refuseActions(Path path, Layout layout) throws LogFormatException {
    LogFormat format = layout.format();
    boolean has = layout instanceof Layout.Table table
        ? table.columns().action() >= 0
        : format == LogFormat.PARQUET || format == LogFormat.OTTO || format == LogFormat.UBI;
    if (!has && !options.actions().isEmpty()) {
      throw new LogFormatException(
          path,
          "expected actions because of --actions, but the format " + format.label()
              + " has none: remove the option");
    }
  }

  private void checkActions() throws LogFormatException {
    Map<String, Long> occurring = new TreeMap<>();
    for (FileReport file : reports) {
      if (file.format() == LogFormat.PARQUET && file.takenActions().isEmpty()) {
        return;
      }
      file.takenActions().forEach((action, count) -> occurring.merge(action, count, Long::sum));
      file.otherActions().forEach((action, count) -> occurring.merge(action, count, Long::sum));
    }
    ActionCounts.requireEach(
        options.actions(), occurring, reports.getFirst().path().toString());
  }

  private void plain(LogFile file, Layout.Plain plain, ClickSink sink) throws IOException {
    Path path = sink.path();
    switch (plain.format()) {
      case PARQUET -> parquet(file, sink);
      case OTTO ->
        new JsonLog(plain.format(), sessionKey(path, true, false, true, false), sink)
            .read(file.stream());
      case UBI -> {
        if (options.sessionsBy() == SessionsBy.AUTO) {
          new JsonLog(undecided(path), sink).read(file.stream());
        } else {
          SessionKey sessionKey = sessionKey(path, true, true, true, false);
          new JsonLog(plain.format(), sessionKey, sink).read(file.stream());
        }
      }
      case MOVIELENS ->
        new LineLog(plain, sessionKey(path, false, true, true, true), sink).read(file.stream());
      case PAIRS ->
        new LineLog(plain, sessionKey(path, false, true, false, true), sink).read(file.stream());
      default -> new LineLog(plain, sequenceKey(path), sink).read(file.stream());
    }
  }

  /** The keys of UBI events; which of them makes sessions is decided at the end of the log. */
  private SessionOrClient undecided(Path path) throws LogFormatException {
    if (undecided == null && first != null) {
      throw new LogFormatException(
          path,
          "UBI events cannot be loaded together with the other format of " + first
              + ": load them separately, or choose what makes a session with --sessions-by");
    }
    undecided = undecided == null ? new SessionOrClient() : undecided;
    return undecided;
  }

  /**
   * A sequence is a session or a user's history. The file does not say which, and the result is the
   * same.
   */
  private SessionKey sequenceKey(Path path) throws LogFormatException {
    return options.sessionsBy() == SessionsBy.USER
        ? sessionKey(path, false, true, false, true)
        : sessionKey(path, true, false, false, true);
  }

  private void parquet(LogFile file, ClickSink sink) throws IOException {
    Path path = file.path();
    if (!file.compression().equals("none")) {
      throw new LogFormatException(
          path,
          "expected a Parquet file, but it is compressed as a whole with " + file.compression()
              + ": decompress it");
    }
    try (ParquetLog parquet = ParquetLog.open(path)) {
      List<TableColumn> table = parquet.columns();
      TableSchema schema = TableSchema.of(table, options, path.toString());
      SessionKey sessionKey = sessionKey(path, schema.columns(), schema.sessionRows());
      String problem = schema.problem(table, sessionKey, !options.actions().isEmpty());
      if (problem != null) {
        throw new LogFormatException(path, "expected " + problem);
      }
      long before = done;
      long size = size(path);
      parquet.read(
          schema,
          sessionKey,
          sink,
          (row, rows) -> count(path, before + size * row / Math.max(1, rows) - done));
    }
  }

  private SessionKey sessionKey(Path path, Columns columns, boolean histories)
      throws LogFormatException {
    return sessionKey(
        path, columns.session() >= 0, columns.user() >= 0, columns.time() >= 0, histories);
  }

  /** The key of sessions in this file, which must be the same as in the previous files. */
  private SessionKey sessionKey(
      Path path, boolean session, boolean user, boolean time, boolean histories)
      throws LogFormatException {
    SessionKey sessionKey = SessionKey.of(path.toString(), options, session, user, time, histories);
    if (undecided != null && first != null) {
      throw new LogFormatException(
          path,
          "clicks of this format cannot be loaded together with the UBI events of " + first
              + ": load them separately, or choose what makes a session with --sessions-by");
    }
    if (first != null) {
      if (time != timed) {
        throw new LogFormatException(
            path,
            "expected " + (timed ? "times" : "no times") + " as in " + first
                + ": load the files separately");
      }
      SessionsBy expected = by;
      if (expected != null && sessionKey.by() != expected) {
        throw new LogFormatException(
            path,
            "expected sessions by " + expected.label() + " as in " + first + ", found sessions by "
                + sessionKey.by().label() + ": load the files separately");
      }
    }
    by = sessionKey.by();
    timed = time;
    return sessionKey;
  }

  private Loaded finish(List<Path> paths) throws LogFormatException {
    checkActions();
    SessionsBuilder all = undecided == null ? builder : undecided.builder();
    SessionsBy made = undecided == null ? by : undecided.by();
    if (all.clicks() == 0 || made == null) {
      throw new LogFormatException(paths.getFirst(), nothing(paths.size()));
    }
    Sessions built = all.build(made == SessionsBy.INACTIVITY ? options.inactivity() : null);
    Sessions sessions = made == SessionsBy.USER ? built.asHistories(options.inactivity()) : built;
    List<String> notes = new ArrayList<>();
    if (undecided != null && !undecided.reason().isEmpty()) {
      notes.add(undecided.reason());
    }
    LogEnd end = LogEnd.of(sessions);
    if (end != null && end.outliers() > 0) {
      notes.add(outliers(end));
    }
    LoadReport report = new LoadReport(
        reports,
        made,
        sessions.size(),
        sessions.clicks(),
        sessions.vocabulary().size(),
        Duplicates.of(sessions),
        notes);
    return new Loaded(sessions, report);
  }

  private String outliers(LogEnd end) {
    String where = reports.stream()
        .filter(file -> end.latest().equals(file.last()))
        .findFirst()
        .map(file -> file.path() + ":" + file.lastLine())
        .orElse("unknown");
    return Counts.of(end.outliers(), "click is", "clicks are")
        + " far later than all others, the latest at " + end.latest() + " in " + where
        + ": the log is taken to end at " + end.end()
        + "; remove such clicks if their clock was wrong";
  }

  /** Why there are no clicks. */
  private String nothing(int files) {
    LoadReport report =
        new LoadReport(reports, SessionsBy.SESSION, 0, 0, 0, new Duplicates(0, 0), List.of());
    FileReport only = reports.getFirst();
    String others = files > 1 ? ", and none in " + Counts.of(files - 1, "other file") : "";
    if (only.lines() == 0) {
      return "the file is empty" + others;
    }
    if (report.badLines() > 0) {
      return "no clicks: " + Counts.of(report.badLines(), "line is", "lines are") + " malformed"
          + only.examples();
    }
    if (!only.otherActions().isEmpty()) {
      return "no clicks among the events " + ActionCounts.text(only.otherActions()) + others
          + ": choose the actions that count as clicks with --actions";
    }
    return "no clicks" + (only.lines() == 1 ? ", only a header" : "") + others;
  }

  private void count(Path path, long count) {
    done += count;
    if (done - reported >= 1 << 20) {
      reported = done;
      progress.read(path, Math.min(done, total), total);
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      // Reading the file will report the error.
      return 0;
    }
  }
}
