package io.attune.report;

import io.attune.evaluation.EvaluationResult;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.evaluation.ScoredRun;
import io.attune.evaluation.TrecExport;
import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import io.attune.model.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Writes what an evaluation is made of, for other tools: TREC runs, qrels, and ranks. */
public final class EvaluationExport {
  /** Lists the files that an export wrote, a name a line; by it, a directory is known as ours. */
  private static final String MARK = ".attune-export";

  private EvaluationExport() {}

  /**
   * Refuses a directory with something in it that no export wrote: runs and qrels of somebody else
   * may well have the names of ours.
   *
   * @throws FileSystemException when there is such a file
   */
  public static void requireOurs(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Set<String> own = written(folder);
    try (Stream<Path> entries = Files.list(folder)) {
      Path foreign =
          entries.filter(entry -> !isOwn(entry, own)).sorted().findFirst().orElse(null);
      if (foreign != null) {
        throw new FileSystemException(
            folder.toString(),
            null,
            "holds '%s', which no export wrote; name another directory by --export"
                .formatted(foreign.getFileName()));
      }
    }
  }

  private static boolean isOwn(Path entry, Set<String> own) {
    String name = String.valueOf(entry.getFileName());
    // What an export that was killed had not yet put in its place stays beside, and is not touched.
    boolean isHalf = name.startsWith(".") && name.contains(".writing-");
    return isHalf || name.equals(MARK) || (own.contains(name) && Files.isRegularFile(entry));
  }

  /** The names of the files of an earlier export; none where there was none. */
  private static Set<String> written(Path folder) throws IOException {
    Path mark = folder.resolve(MARK);
    return Files.isRegularFile(mark) ? new TreeSet<>(Files.readAllLines(mark)) : new TreeSet<>();
  }

  /**
   * Writes {@code next.qrels}, {@code rest.qrels}, {@code ranks.csv} or {@code ranks.parquet}, and
   * a run for each recommender, in the place of all that an earlier export wrote there.
   *
   * @param folder made if it is not there
   * @throws FileSystemException as {@link #requireOurs}
   */
  public static void write(Path folder, EvaluationResult result, RankTable.Format format)
      throws IOException {
    Map<String, AtomicFile.Writer> files = files(result, format);
    requireOurs(folder); // once more, because the evaluation took its time
    Files.createDirectories(folder);
    Set<String> stale = written(folder);
    Set<String> all = new TreeSet<>(stale);
    all.addAll(files.keySet());
    mark(folder, all); // before the files, so that one who is killed can be repeated
    for (Map.Entry<String, AtomicFile.Writer> file : files.entrySet()) {
      AtomicFile.replace(folder.resolve(file.getKey()), file.getValue());
    }
    stale.removeAll(files.keySet());
    for (String name : stale) {
      Files.deleteIfExists(folder.resolve(name)); // it would pass for a part of this evaluation
    }
    mark(folder, files.keySet());
  }

  private static void mark(Path folder, Set<String> names) throws IOException {
    AtomicFile.replace(folder.resolve(MARK), beside -> Files.write(beside, names));
  }

  private static Map<String, AtomicFile.Writer> files(
      EvaluationResult result, RankTable.Format format) {
    Predictions predictions = result.predictions();
    Ties ties = result.ties();
    Map<String, AtomicFile.Writer> files = new LinkedHashMap<>();
    for (Relevant relevant : Relevant.values()) {
      files.put(
          relevant.name().toLowerCase(Locale.ROOT) + ".qrels",
          text(to -> TrecExport.qrels(predictions, relevant, to)));
    }
    List<Ranks> all = new ArrayList<>();
    for (ScoredRun run : result.runs()) {
      if (run instanceof ScoredRun.Recommended recommended) {
        Ranks ranks = recommended.ranks();
        files.put(
            run.name().replaceAll("[^A-Za-z0-9.+=-]", "_") + ".run",
            text(to -> TrecExport.run(ranks, ties, to)));
        all.add(ranks);
      }
    }
    files.put(
        "ranks." + format.name().toLowerCase(Locale.ROOT),
        beside -> new RankTable(predictions, all, ties).write(format, beside));
    return files;
  }

  private interface Content {
    void write(BufferedWriter to) throws IOException;
  }

  private static AtomicFile.Writer text(Content content) {
    return beside -> {
      try (BufferedWriter to = Files.newBufferedWriter(beside)) {
        content.write(to);
      }
    };
  }
}
