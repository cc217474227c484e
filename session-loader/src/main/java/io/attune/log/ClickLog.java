package io.attune.log;

import io.attune.log.LoadReport.FileReport;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Copies;
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
 * Reads click logs into sessions: any {@link LogFormat}, plain, gzip or zstd, found by looking at
 * the files.
 *
 * <p>Files are read one after the other and make one set of sessions, in which the same session's
 * or user's id in two files is the same session or user; only in formats with a whole session a
 * line is each line its own. The clicks of a session are ordered by time, those of the same time as
 * they stand in the log.
 *
 * <p>Times are numbers or ISO-8601. A number below 10<sup>11</sup> is taken for seconds (until the
 * year 5138), below 10<sup>14</sup> for milliseconds (from 1973 on), below 10<sup>17</sup> for
 * microseconds, else for nanoseconds, unless the options name the unit. A time without a zone is
 * UTC.
 *
 * <p>Whatever is wrong with a file is a {@link LogFormatException} with the path and, where known,
 * the line. The work is done by the calling thread, and streams: memory holds the clicks, not the
 * file.
 */
public final class ClickLog {
  /** What was loaded, and the report of it. */
  public record Loaded(Sessions sessions, LoadReport report) {}

  private final LogOptions options;
  private final LoadProgress progress;
  private final SessionsBuilder builder = new SessionsBuilder();
  private final List<FileReport> reports = new ArrayList<>();
  private final long total;
  private long done;
  private long told;
  private @Nullable Path first;
  private @Nullable SessionsBy by;
  private boolean timed;
  private @Nullable SessionOrClient open;

  private ClickLog(LogOptions options, LoadProgress progress, long total) {
    this.options = options;
    this.progress = progress;
    this.total = total;
  }

  /** Reads logs without telling anybody of the progress. */
  public static Loaded load(List<Path> paths, LogOptions options) throws LogFormatException {
    return load(paths, options, LoadProgress.none());
  }

  /**
   * Reads logs.
   *
   * @param paths files, or folders and patterns of them, see {@link LogFolder}
   * @throws LogFormatException if a file is missing, cannot be read, is malformed, has no known
   *     format, or does not go with the others, or if there is no click at all
   * @throws IllegalArgumentException if there is no path
   */
  public static Loaded load(List<Path> paths, LogOptions options, LoadProgress progress)
      throws LogFormatException {
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("at least one log must be named");
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
      throw new LogFormatException(path, 0, "the log is too large: " + e.getMessage(), e);
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
        Keys keys = keys(sink.path(), table.columns(), histories);
        new TableLog(table, keys, sink)
            .read(file.stream(), () -> LogFile.open(file.path(), count -> {}));
      }
      case Layout.Lists lists -> {
        Keys keys = keys(sink.path(), !lists.user(), lists.user(), false, true);
        new LineLog(lists, keys, sink).read(file.stream());
      }
      case Layout.Plain plain -> plain(file, plain, sink);
    }
  }

  /** Actions must not be passed over in silence where a format has none. */
  private void refuseActions(Path path, Layout layout) throws LogFormatException {
    LogFormat format = layout.format();
    boolean has = layout instanceof Layout.Table table
        ? table.columns().action() >= 0
        : format == LogFormat.PARQUET || format == LogFormat.OTTO || format == LogFormat.UBI;
    if (!has && !options.actions().isEmpty()) {
      throw new LogFormatException(
          path,
          "expected actions, since --actions names some, but the format " + format.label()
              + " has none: leave the option out");
    }
  }

  /** An action that never occurs is more likely misspelt than absent. */
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
        new JsonLog(plain.format(), keys(path, true, false, true, false), sink).read(file.stream());
      case UBI -> {
        if (options.sessionsBy() == SessionsBy.AUTO) {
          new JsonLog(open(path), sink).read(file.stream());
        } else {
          Keys keys = keys(path, true, true, true, false);
          new JsonLog(plain.format(), keys, sink).read(file.stream());
        }
      }
      case MOVIELENS ->
        new LineLog(plain, keys(path, false, true, true, true), sink).read(file.stream());
      case PAIRS ->
        new LineLog(plain, keys(path, false, true, false, true), sink).read(file.stream());
      default -> new LineLog(plain, sequenceKeys(path), sink).read(file.stream());
    }
  }

  /** The keys of UBI events, of which the whole log tells what makes sessions. */
  private SessionOrClient open(Path path) throws LogFormatException {
    if (open == null && first != null) {
      throw new LogFormatException(
          path,
          "its events and those of " + first + " are of different formats: load them apart, or"
              + " say what makes a session with --sessions-by");
    }
    open = open == null ? new SessionOrClient() : open;
    return open;
  }

  /**
   * A line of a sequence is a session or a user's history; which, nothing in the file says and
   * nothing depends on.
   */
  private Keys sequenceKeys(Path path) throws LogFormatException {
    return options.sessionsBy() == SessionsBy.USER
        ? keys(path, false, true, false, true)
        : keys(path, true, false, false, true);
  }

  private void parquet(LogFile file, ClickSink sink) throws IOException {
    Path path = file.path();
    if (!file.compression().equals("none")) {
      throw new LogFormatException(
          path, "expected a plain Parquet file, but it is compressed as a whole: decompress it");
    }
    try (ParquetLog parquet = ParquetLog.open(path)) {
      List<TableColumn> table = parquet.columns();
      TableChoice choice = TableChoice.of(table, options, path.toString());
      Keys keys = keys(path, choice.columns(), choice.lists());
      String problem = choice.problem(table, keys, !options.actions().isEmpty());
      if (problem != null) {
        throw new LogFormatException(path, "expected " + problem);
      }
      long before = done;
      long size = size(path);
      parquet.read(
          choice,
          keys,
          sink,
          (row, rows) -> count(path, before + size * row / Math.max(1, rows) - done));
    }
  }

  private Keys keys(Path path, Columns columns, boolean histories) throws LogFormatException {
    return keys(path, columns.session() >= 0, columns.user() >= 0, columns.time() >= 0, histories);
  }

  /** What a session is in this file, which must be the same as in the files before. */
  private Keys keys(Path path, boolean session, boolean user, boolean time, boolean histories)
      throws LogFormatException {
    Keys keys = Keys.of(path, options, session, user, time, histories);
    if (open != null && first != null) {
      throw new LogFormatException(
          path,
          "its clicks and the events of " + first + " are of different formats: load them apart,"
              + " or say what makes a session with --sessions-by");
    }
    if (first != null) {
      if (time != timed) {
        throw new LogFormatException(
            path,
            "expected " + (timed ? "times" : "no times") + " as in " + first + ": load them apart");
      }
      if (keys.by() != by) {
        throw new LogFormatException(
            path,
            "its sessions are by " + keys.by() + ", but those of " + first + " by " + by
                + ": load them apart");
      }
    }
    by = keys.by();
    timed = time;
    return keys;
  }

  private Loaded finish(List<Path> paths) throws LogFormatException {
    checkActions();
    SessionsBuilder all = open == null ? builder : open.builder();
    SessionsBy made = open == null ? by : open.by();
    if (all.clicks() == 0 || made == null) {
      throw new LogFormatException(paths.getFirst(), nothing(paths.size()));
    }
    Sessions sessions = all.build(made == SessionsBy.INACTIVITY ? options.inactivity() : null);
    List<String> notes = new ArrayList<>();
    if (open != null && !open.reason().isEmpty()) {
      notes.add(open.reason());
    }
    LogEnd end = LogEnd.of(sessions);
    if (end != null && end.after() > 0) {
      notes.add(farAfter(end));
    }
    LoadReport report = new LoadReport(
        reports,
        made,
        sessions.size(),
        sessions.clicks(),
        sessions.vocabulary().size(),
        Copies.of(sessions),
        notes);
    return new Loaded(sessions, report);
  }

  private String farAfter(LogEnd end) {
    String where = reports.stream()
        .filter(file -> end.latest().equals(file.last()))
        .findFirst()
        .map(file -> file.path() + ":" + file.lastLine())
        .orElse("unknown");
    return (end.after() == 1 ? "1 click lies" : end.after() + " clicks lie")
        + " far after all others, the latest at " + end.latest() + " in " + where
        + ": the last days of the log are counted from " + end.end()
        + " (leave such clicks out if their clock was wrong)";
  }

  private String nothing(int files) {
    LoadReport report =
        new LoadReport(reports, SessionsBy.SESSION, 0, 0, 0, new Copies(0, 0), List.of());
    FileReport only = reports.getFirst();
    String others = files > 1 ? " and none in the " + (files - 1) + " other files" : "";
    if (only.lines() == 0) {
      return "the file is empty" + others;
    }
    if (report.badLines() > 0) {
      return "there is no click: all of " + report.badLines() + " lines are malformed, such as "
          + only.samples();
    }
    if (!only.otherActions().isEmpty()) {
      return "there is no click among the events " + only.otherActions() + others
          + ": name those that count as clicks with --actions";
    }
    return "there is no click" + (only.lines() == 1 ? ", only a header" : "") + others;
  }

  private void count(Path path, long count) {
    done += count;
    if (done - told >= 1 << 20) {
      told = done;
      progress.read(path, Math.min(done, total), total);
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      // Reading it will say what is wrong.
      return 0;
    }
  }
}
