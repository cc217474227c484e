package io.attune.cli;

import io.attune.cli.EvaluationReport.Details;
import io.attune.cli.EvaluationReport.Entry;
import io.attune.cli.EvaluationReport.Kind;
import io.attune.cli.EvaluationReport.Timed;
import io.attune.evaluation.BeyondAccuracy;
import io.attune.evaluation.Evaluation;
import io.attune.evaluation.ItemCounts;
import io.attune.evaluation.Latencies;
import io.attune.evaluation.LeakChecks;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranks;
import io.attune.evaluation.ScoredRun;
import io.attune.evaluation.Windows;
import io.attune.metric.Ties;
import io.attune.model.Manifest;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Asks one recommender after another the same predictions, and tells how far it is. */
final class EvaluationRunner {
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
  EvaluationRunner(
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

  /** Asks a model. */
  void ask(SavedModel model) throws CommandFailure {
    List<Manifest.Epoch> epochs =
        model instanceof SavedModel.Engine neural ? neural.model().manifest().epochs() : List.of();
    ask(EvaluatedRecommender.of(model), Kind.of(model), epochs);
  }

  /**
   * Asks a recommender, which stays the caller's.
   *
   * @param epochs of its training, where it is a model
   */
  void ask(EvaluatedRecommender asked, Kind kind, List<Manifest.Epoch> epochs)
      throws CommandFailure {
    long start = console.nanoTime().getAsLong();
    Ranks ranks = ranks(asked.recommender(), predictions);
    double seconds = console.since(start);
    enter(ranks, kind, new Timed(latencies(asked, predictions), asked.path(), seconds), epochs);
  }

  /** Makes a recommender from sessions. */
  interface Teacher {
    /** One that learnt from these sessions, which the caller closes. */
    EvaluatedRecommender teach(Sessions sessions) throws IOException, CommandFailure;
  }

  /**
   * Asks, in each window, a recommender that learnt from what was clicked before it.
   *
   * @param log all that was ever clicked
   */
  void evaluateRetrained(String name, Kind kind, Windows windows, Sessions log, Teacher teacher)
      throws IOException, CommandFailure {
    List<Ranks> parts = new ArrayList<>();
    Timed timed = null;
    double seconds = 0;
    for (int window = 0; window < windows.size(); window++) {
      console.line(String.format(
          Locale.ROOT,
          "%s: window %d of %d, from %s",
          name,
          window + 1,
          windows.size(),
          windows.start(window)));
      try (EvaluatedRecommender asked = teacher.teach(log.before(windows.start(window)))) {
        Predictions part = windows.predictions(window);
        long start = console.nanoTime().getAsLong();
        parts.add(ranks(asked.recommender(), part));
        seconds += console.since(start);
        if (part.size() > 0) {
          timed = new Timed(latencies(asked, part), asked.path(), seconds);
        }
      }
    }
    enter(windows.join(parts), kind, Objects.requireNonNull(timed), List.of());
  }

  private Ranks ranks(Recommender recommender, Predictions part) throws CommandFailure {
    try {
      findings.addAll(LeakChecks.batches(recommender, part));
      long start = console.nanoTime().getAsLong();
      Ranks ranks = evaluation.of(
          recommender, part, made -> console.state(() -> progress(recommender, part, made, start)));
      double seconds = console.since(start);
      console.line("%s: %s in %s, %s/s"
          .formatted(
              recommender.name(),
              Figures.count(part.size(), "prediction"),
              Figures.seconds(seconds),
              Figures.count(Math.round(part.size() / seconds))));
      return ranks;
    } catch (NotFiniteException e) {
      // A score that is no number.
      throw new CommandFailure(e);
    }
  }

  private Latencies latencies(EvaluatedRecommender asked, Predictions part) {
    return Latencies.of(asked.single(), part, evaluation.depth(), console.nanoTime());
  }

  private void enter(Ranks ranks, Kind kind, Timed timed, List<Manifest.Epoch> epochs) {
    Details details = new Details(
        ranks.unknownTargets(),
        ranks.unknownClicks(),
        ranks.tied(),
        BeyondAccuracy.of(ranks, evaluation.depth(), ties, counts),
        timed,
        epochs);
    entries.add(new Entry(new ScoredRun.Recommended(ranks, ties), kind, details));
  }

  private String progress(Recommender recommender, Predictions part, int made, long start) {
    double share = (double) made / part.size();
    return String.format(
        Locale.ROOT,
        "%s %s%2.0f %% of %s, %,.0f/s",
        recommender.name(),
        console.bar(share),
        100 * share,
        Figures.count(part.size(), "prediction"),
        made / console.since(start));
  }
}
