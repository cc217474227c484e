package io.attune.cli;

import io.attune.cli.EvaluationReport.Entry;
import io.attune.evaluation.Judged;
import io.attune.evaluation.Metric.Relevant;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.evaluation.Ties;
import io.attune.evaluation.TrecExport;
import io.attune.model.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes what an evaluation is made of, for other tools: TREC runs, qrels, and ranks. */
final class EvaluationExport {
  private EvaluationExport() {}

  /**
   * Writes {@code next.qrels}, {@code rest.qrels}, {@code ranks.csv} or {@code ranks.parquet}, and
   * a run for each recommender.
   *
   * @param folder made if it is not there
   */
  static void write(
      Path folder, Predictions predictions, List<Entry> entries, Ties ties, RankTable.Format format)
      throws IOException {
    Files.createDirectories(folder);
    for (Relevant relevant : Relevant.values()) {
      text(
          folder.resolve(relevant.name().toLowerCase(Locale.ROOT) + ".qrels"),
          to -> TrecExport.qrels(predictions, relevant, to));
    }
    List<Ranks> all = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.judged() instanceof Judged.Recommended recommended) {
        Ranks ranks = recommended.ranks();
        text(
            folder.resolve(entry.judged().name().replaceAll("[^A-Za-z0-9.+=-]", "_") + ".run"),
            to -> TrecExport.run(ranks, ties, to));
        all.add(ranks);
      }
    }
    AtomicFile.replace(
        folder.resolve("ranks." + format.name().toLowerCase(Locale.ROOT)),
        beside -> new RankTable(predictions, all, ties).write(format, beside));
  }

  private interface Content {
    void write(BufferedWriter to) throws IOException;
  }

  private static void text(Path file, Content content) throws IOException {
    AtomicFile.replace(file, beside -> {
      try (BufferedWriter to = Files.newBufferedWriter(beside)) {
        content.write(to);
      }
    });
  }
}
