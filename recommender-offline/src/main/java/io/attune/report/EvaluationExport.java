package io.attune.report;

import io.attune.evaluation.EvaluationResult;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.evaluation.TrecExport;
import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import io.attune.model.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Exports an evaluation for other tools: TREC runs, qrels, and the rank of each prediction. */
public final class EvaluationExport {
  /** Lists the files of an export, one name per line, and marks its directory as ours. */
  private static final String MARK = ".attune-export";

  private EvaluationExport() {}

  /** The file format of exported ranks. */
  public enum RankFormat {
    CSV,
    PARQUET
  }

  /**
   * Checks that a directory holds only files of an earlier export. Runs and qrels of other tools
   * may have the same names.
   *
   * @throws FileSystemException if the directory holds another file; the message names it
   */
  public static void requireReplaceable(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Set<String> own = exported(directory);
    try (Stream<Path> entries = Files.list(directory)) {
      Path foreign =
          entries.filter(entry -> !isOwn(entry, own)).sorted().findFirst().orElse(null);
      if (foreign != null) {
        throw new FileSystemException(
            directory.toString(),
            null,
            "holds '%s', which is not from an export; choose another directory with --export"
                .formatted(foreign.getFileName()));
      }
    }
  }

  private static boolean isOwn(Path entry, Set<String> own) {
    String name = String.valueOf(entry.getFileName());
    // A temporary file of an export that was killed is left alone.
    boolean isTemporary = name.startsWith(".") && name.contains(".writing-");
    return isTemporary || name.equals(MARK) || (own.contains(name) && Files.isRegularFile(entry));
  }

  /** The file names of an earlier export; empty if there is none. */
  private static Set<String> exported(Path directory) throws IOException {
    Path mark = directory.resolve(MARK);
    return Files.isRegularFile(mark) ? new TreeSet<>(Files.readAllLines(mark)) : new TreeSet<>();
  }

  /**
   * Writes {@code next.qrels}, {@code rest.qrels}, {@code ranks.csv} or {@code ranks.parquet}, and
   * a run for each recommender. Replaces an earlier export.
   *
   * @param directory created if it does not exist
   * @throws FileSystemException as by {@link #requireReplaceable}
   */
  public static void write(Path directory, EvaluationResult result, RankFormat format)
      throws IOException {
    Map<String, AtomicFile.Writer> files = files(result, format);
    requireReplaceable(directory); // again, since the evaluation may have taken long
    Files.createDirectories(directory);
    Set<String> stale = exported(directory);
    Set<String> all = new TreeSet<>(stale);
    all.addAll(files.keySet());
    mark(directory, all); // before the files, so that a killed export can be repeated
    for (Map.Entry<String, AtomicFile.Writer> file : files.entrySet()) {
      AtomicFile.replace(directory.resolve(file.getKey()), file.getValue());
    }
    stale.removeAll(files.keySet());
    for (String name : stale) {
      Files.deleteIfExists(directory.resolve(name)); // not a part of this evaluation
    }
    mark(directory, files.keySet());
  }

  private static void mark(Path directory, Set<String> names) throws IOException {
    AtomicFile.replace(directory.resolve(MARK), temporary -> Files.write(temporary, names));
  }

  private static Map<String, AtomicFile.Writer> files(EvaluationResult result, RankFormat format) {
    Predictions predictions = result.predictions();
    Ties ties = result.ties();
    Map<String, AtomicFile.Writer> files = new LinkedHashMap<>();
    for (Relevant relevant : Relevant.values()) {
      files.put(
          relevant.name().toLowerCase(Locale.ROOT) + ".qrels",
          text(writer -> TrecExport.writeQrels(predictions, relevant, writer)));
    }
    for (Ranks ranks : result.ranks()) {
      files.put(
          ranks.recommender().replaceAll("[^A-Za-z0-9.+=-]", "_") + ".run",
          text(writer -> TrecExport.writeRun(ranks, ties, writer)));
    }
    files.put(
        "ranks." + format.name().toLowerCase(Locale.ROOT),
        temporary -> new RankTable(predictions, result.ranks(), ties).write(format, temporary));
    return files;
  }

  private interface Content {
    void write(BufferedWriter writer) throws IOException;
  }

  private static AtomicFile.Writer text(Content content) {
    return temporary -> {
      try (BufferedWriter writer = Files.newBufferedWriter(temporary)) {
        content.write(writer);
      }
    };
  }
}
