package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Counts;
import io.attune.session.Duplicates;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A report on what was read from click logs, and on what was skipped and why.
 *
 * @param files a report for each file, in the order in which they were read
 * @param sessionsBy what made a session; never {@link SessionsBy#AUTO}
 * @param sessions the number of sessions before any filter
 * @param clicks the number of clicks before any filter
 * @param items the number of distinct items before any filter
 * @param duplicates duplicate clicks and sessions, which are kept
 * @param notes further remarks about all files together, a sentence each
 */
public record LoadReport(
    List<FileReport> files,
    SessionsBy sessionsBy,
    int sessions,
    int clicks,
    int items,
    Duplicates duplicates,
    List<String> notes) {

  /** A column with more distinct values hardly contains actions. */
  private static final int MAX_ACTIONS = 30;

  /** Copies the lists. */
  public LoadReport {
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }

  /**
   * A report on one file.
   *
   * @param path the path as it was passed in
   * @param format the format; null for an empty file
   * @param compression {@code none}, {@code gzip} or {@code zstd}
   * @param bytes the size on disk
   * @param lines the number of lines including the header, or of Parquet rows
   * @param clicks the number of clicks that were read
   * @param badLines the number of malformed lines that were skipped
   * @param samples the first of them as {@code path:line: what is wrong}
   * @param everyAction whether all actions counted as clicks because the options name none
   * @param takenActions the number of events of each action that counted as a click; empty without
   *     actions
   * @param otherActions the number of skipped events of each other action
   * @param repeatedIds the number of lines whose session id occurred in an earlier line, in formats
   *     with a whole session per line
   * @param repeatedHeaders the number of lines that repeat the header, as in files that were
   *     joined; they were skipped
   * @param first the earliest time; null without times
   * @param last the latest time; null without times
   * @param lastLine the line or row of the latest time; 0 without times
   * @param before1971 the number of clicks before 1971, usually a sign of a wrong unit or of
   *     missing times
   * @param afterNow the number of clicks after {@link LogOptions#now()}
   */
  public record FileReport(
      Path path,
      @Nullable LogFormat format,
      String compression,
      long bytes,
      long lines,
      long clicks,
      long badLines,
      List<String> samples,
      boolean everyAction,
      Map<String, Long> takenActions,
      Map<String, Long> otherActions,
      long repeatedIds,
      long repeatedHeaders,
      @Nullable Instant first,
      @Nullable Instant last,
      long lastLine,
      long before1971,
      long afterNow) {

    /** Copies the collections. */
    public FileReport {
      samples = List.copyOf(samples);
      takenActions = Map.copyOf(takenActions);
      otherActions = Map.copyOf(otherActions);
    }

    /** The samples as the end of a sentence about the malformed lines. */
    String examples() {
      return (samples.isEmpty() ? "" : samples.size() < badLines ? ", such as " : ": ")
          + String.join("; ", samples);
    }
  }

  /** The number of malformed lines that were skipped in all files. */
  public long badLines() {
    return files.stream().mapToLong(FileReport::badLines).sum();
  }

  /** Reasons to distrust the data, a sentence each. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (FileReport file : files) {
      warn(warnings, file);
    }
    if (items == 1) {
      warnings.add("all clicks are on one item: there is nothing to learn");
    }
    if (clicks > 0 && sessions == clicks) {
      warnings.add(
          "every session has one click: there is nothing to learn; is the session column right?");
    }
    if (duplicates.clicks() > 0) {
      boolean timed = files.stream().anyMatch(file -> file.first() != null);
      warnings.add(String.format(
          Locale.ROOT,
          "%,d of %s in their session (%s) and were kept%s",
          duplicates.clicks(),
          Counts.of(clicks, "click is a duplicate", "clicks are duplicates"),
          timed ? "same item and time" : "same items in the same order",
          duplicates.clicks() * 4 > clicks ? ": was a log loaded twice?" : ""));
    }
    warnings.addAll(notes);
    return warnings;
  }

  private static void warn(List<String> warnings, FileReport file) {
    String path = file.path() + ": ";
    if (file.bytes() == 0 && file.lines() == 0) {
      warnings.add(path + "the file is empty");
    } else if (file.clicks() == 0) {
      warnings.add(path + "no clicks");
    }
    if (file.badLines() > 0) {
      warnings.add(
          path + "skipped " + Counts.of(file.badLines(), "malformed line") + file.examples());
    }
    if (!file.otherActions().isEmpty()) {
      warnings.add(
          path + "skipped events of other actions: " + ActionCounts.text(file.otherActions()));
    }
    int different = file.takenActions().size();
    if (file.everyAction() && different > 1 && different <= MAX_ACTIONS) {
      warnings.add(path + "events of all actions counted as clicks: "
          + ActionCounts.text(file.takenActions()) + "; choose some with --actions");
    }
    if (file.repeatedHeaders() > 0) {
      warnings.add(path + "skipped "
          + Counts.of(file.repeatedHeaders(), "line that repeats", "lines that repeat")
          + " the header");
    }
    if (file.repeatedIds() > 0) {
      warnings.add(path
          + Counts.of(file.repeatedIds(), "line repeats", "lines repeat")
          + " the session id of an earlier line; each was read as a session of its own (is this a"
          + " file of prefixes?)");
    }
    if (file.before1971() > 0) {
      warnings.add(path
          + Counts.of(file.before1971(), "click is", "clicks are")
          + " before 1971, the earliest at "
          + file.first()
          + ": is the time unit right?");
    }
    if (file.afterNow() > 0) {
      warnings.add(path
          + Counts.of(file.afterNow(), "click is", "clicks are")
          + " in the future, the latest at " + file.last() + " in line " + file.lastLine());
    }
  }
}
