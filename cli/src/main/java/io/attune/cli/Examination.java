package io.attune.cli;

import io.attune.cli.EvaluationReport.Details;
import io.attune.cli.EvaluationReport.Entry;
import io.attune.cli.EvaluationReport.Kind;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.ItemCounts;
import io.attune.evaluation.Judged;
import io.attune.evaluation.Latencies;
import io.attune.evaluation.LeakChecks;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.evaluation.Ties;
import io.attune.evaluation.Variety;
import io.attune.model.Manifest;
import io.attune.recommender.Recommender;
import java.util.ArrayList;
import java.util.List;

/** Asks one recommender after another the same predictions, and tells how far it is. */
final class Examination {
  private final Evaluation evaluation;
  private final Predictions predictions;
  private final Ties ties;
  private final ItemCounts counts;
  private final Console console;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  /**
   * Nobody asked yet.
   *
   * @param counts of training, for what popularity means
   */
  Examination(
      Evaluation evaluation,
      Predictions predictions,
      Ties ties,
      ItemCounts counts,
      Console console) {
    this.evaluation = evaluation;
    this.predictions = predictions;
    this.ties = ties;
    this.counts = counts;
    this.console = console;
  }

  /** What was found, one a recommender. */
  List<Entry> entries() {
    return entries;
  }

  /** What makes their figures doubtful. */
  List<String> findings() {
    return findings;
  }

  /**
   * Asks a recommender.
   *
   * @param epochs of its training, where it is a model
   */
  Ranks ask(Recommender recommender, Kind kind, List<Manifest.Epoch> epochs) throws CommandFailure {
    try {
      findings.addAll(LeakChecks.batches(recommender, predictions));
      long start = console.nanoTime().getAsLong();
      Ranks ranks = evaluation.of(
          recommender,
          predictions,
          made -> console.state(() -> progress(recommender, made, start)));
      double seconds = console.since(start);
      console.line("%s: %s in %s, %s/s"
          .formatted(
              recommender.name(),
              Figures.count(predictions.size(), "prediction"),
              Figures.seconds(seconds),
              Figures.count(Math.round(predictions.size() / seconds))));
      Details details = new Details(
          ranks.unknownTargets(),
          ranks.unknownClicks(),
          ranks.tied(),
          Variety.of(ranks, evaluation.depth(), ties, counts),
          Latencies.of(recommender, predictions, evaluation.depth(), console.nanoTime()),
          seconds,
          epochs);
      entries.add(new Entry(new Judged.Recommended(ranks, ties), kind, details));
      return ranks;
    } catch (ArithmeticException e) {
      // A score that is no number.
      throw new CommandFailure(e);
    }
  }

  private String progress(Recommender recommender, int made, long start) {
    double share = (double) made / predictions.size();
    return "%s %s%2.0f %% of %s, %,.0f/s"
        .formatted(
            recommender.name(),
            console.bar(share),
            100 * share,
            Figures.count(predictions.size(), "prediction"),
            made / console.since(start));
  }
}
