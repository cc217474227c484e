package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Copies;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was read from click logs, and what was not taken and why.
 *
 * @param files one report for each file, in the order they were read
 * @param sessionsBy what made a session: never {@link SessionsBy#AUTO}
 * @param sessions sessions before any filter
 * @param clicks clicks before any filter
 * @param items different items before any filter
 * @param copies what is there twice; it is kept
 * @param notes what a person should know of all files together, one sentence each
 */
public record LoadReport(
    List<FileReport> files,
    SessionsBy sessionsBy,
    int sessions,
    int clicks,
    int items,
    Copies copies,
    List<String> notes) {

  /** More values than these in a column are hardly actions. */
  private static final int MAX_ACTIONS = 30;

  /** Keeps its own copies of the lists. */
  public LoadReport {
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }

  /**
   * What was read from one file.
   *
   * @param path as it was handed in
   * @param format null for an empty file
   * @param compression {@code none}, {@code gzip} or {@code zstd}
   * @param bytes the size on disk
   * @param lines lines, or rows of Parquet, with a header counted
   * @param clicks clicks that were taken
   * @param badLines malformed lines that were skipped
   * @param samples the first of them: {@code path:line: what was expected}
   * @param everyAction whether there is a column of actions, but nothing that says which count as
   *     clicks, so that all did
   * @param takenActions events that were taken as clicks, by action; empty where nothing says the
   *     action
   * @param otherActions events that were not taken because of their action, by action
   * @param repeatedIds lines whose session's id stood on an earlier line already, in formats with a
   *     whole session a line
   * @param repeatedHeaders lines that repeat the header, as in files that were joined; they were
   *     passed over
   * @param first the earliest time
   * @param last the latest time
   * @param lastLine the line, or row, of the latest time; 0 without times
   * @param before1971 clicks with a time before 1971, which is more often a wrong unit or a missing
   *     time than true
   * @param afterNow clicks with a time after {@link LogOptions#now()}
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

    /** Keeps its own copies. */
    public FileReport {
      samples = List.copyOf(samples);
      takenActions = Map.copyOf(takenActions);
      otherActions = Map.copyOf(otherActions);
    }
  }

  /** Malformed lines that were skipped, in all files. */
  public long badLines() {
    return files.stream().mapToLong(FileReport::badLines).sum();
  }

  /**
   * What a person should know before trusting the data: one sentence each, empty when there is
   * nothing.
   */
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
          "every session has one click: there is nothing to learn; is the right column the session's?");
    }
    if (copies.clicks() > 0) {
      warnings.add(String.format(
          Locale.ROOT,
          "%,d of %,d clicks are copies of another click of their session, with the same item%s; they"
              + " were kept%s",
          copies.clicks(),
          clicks,
          files.stream().anyMatch(file -> file.first() != null)
              ? " and time"
              : "s in the same order",
          copies.clicks() * 4 > clicks ? ": was a log loaded twice?" : ""));
    }
    warnings.addAll(notes);
    return warnings;
  }

  private static void warn(List<String> warnings, FileReport file) {
    String path = file.path() + ": ";
    if (file.bytes() == 0 && file.lines() == 0) {
      warnings.add(path + "the file is empty");
    } else if (file.clicks() == 0) {
      warnings.add(path + "no click was taken");
    }
    if (file.badLines() > 0) {
      warnings.add(
          path + file.badLines() + " malformed lines were skipped, such as " + file.samples());
    }
    if (!file.otherActions().isEmpty()) {
      warnings.add(
          path + "events of other actions were left out: " + new TreeMap<>(file.otherActions()));
    }
    int different = file.takenActions().size();
    if (file.everyAction() && different > 1 && different <= MAX_ACTIONS) {
      warnings.add(path + "events of all actions were taken as clicks: "
          + new TreeMap<>(file.takenActions())
          + "; name those that count with --actions");
    }
    if (file.repeatedHeaders() > 0) {
      warnings.add(
          path + file.repeatedHeaders() + " lines repeat the header; they were passed over");
    }
    if (file.repeatedIds() > 0) {
      warnings.add(
          path
              + file.repeatedIds()
              + " lines repeat an earlier line's session id; each was taken as a session (is this a file of prefixes?)");
    }
    if (file.before1971() > 0) {
      warnings.add(path
          + file.before1971()
          + " clicks have a time before 1971, the earliest "
          + file.first()
          + ": is the unit of time right?");
    }
    if (file.afterNow() > 0) {
      warnings.add(path + file.afterNow() + " clicks have a time in the future, the latest "
          + file.last() + " in line " + file.lastLine());
    }
  }
}
