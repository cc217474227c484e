package io.attune.evaluation;

import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.evaluation.EvaluationReport.Timed;
import io.attune.metric.Ties;
import io.attune.model.Manifest;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/** Has one recommender after another make the same predictions. */
final class EvaluationRunner {
  private final Evaluation evaluation;
  private final Predictions predictions;
  private final Ties ties;
  private final ItemCounts counts;
  private final LongSupplier nanoTime;
  private final EvaluationListener listener;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  /**
   * A runner that has run nothing yet.
   *
   * @param counts of training, for what popularity means
   */
  EvaluationRunner(
      Evaluation evaluation,
      Predictions predictions,
      Ties ties,
      ItemCounts counts,
      LongSupplier nanoTime,
      EvaluationListener listener) {
    this.evaluation = evaluation;
    this.predictions = predictions;
    this.ties = ties;
    this.counts = counts;
    this.nanoTime = nanoTime;
    this.listener = listener;
  }

  /** The outcomes, one a recommender. */
  List<Entry> entries() {
    return entries;
  }

  /** What makes their figures doubtful. */
  List<String> findings() {
    return findings;
  }

  /**
   * Evaluates a recommender, which stays the caller's.
   *
   * @param epochs of its training, where it is a model
   */
  void evaluate(EvaluatedRecommender evaluated, Kind kind, List<Manifest.Epoch> epochs) {
    long start = nanoTime.getAsLong();
    Ranks ranks = rank(evaluated.recommender(), predictions);
    double seconds = since(start);
    Timed timed = new Timed(latencies(evaluated, predictions), evaluated.path(), seconds);
    enter(ranks, kind, timed, epochs);
  }

  /** Trains a recommender on sessions. */
  interface Training {
    /** The recommender, which the caller closes. */
    EvaluatedRecommender on(Sessions sessions) throws IOException;
  }

  /**
   * Evaluates, in each window, a recommender that was trained on all clicks before it.
   *
   * @param log all clicks
   */
  void evaluateRetrained(String name, Kind kind, Windows windows, Sessions log, Training training)
      throws IOException {
    List<Ranks> parts = new ArrayList<>();
    Timed timed = null;
    double seconds = 0;
    for (int window = 0; window < windows.size(); window++) {
      listener.onWindow(name, window + 1, windows.size(), windows.start(window));
      try (EvaluatedRecommender evaluated = training.on(log.before(windows.start(window)))) {
        Predictions part = windows.predictions(window);
        long start = nanoTime.getAsLong();
        parts.add(rank(evaluated.recommender(), part));
        seconds += since(start);
        if (part.size() > 0) {
          timed = new Timed(latencies(evaluated, part), evaluated.path(), seconds);
        }
      }
    }
    enter(windows.join(parts), kind, Objects.requireNonNull(timed), List.of());
  }

  private Ranks rank(Recommender recommender, Predictions part) {
    for (String finding : LeakChecks.batches(recommender, part)) {
      findings.add(finding);
      listener.onFinding(finding);
    }
    long start = nanoTime.getAsLong();
    Ranks ranks = evaluation.of(
        recommender,
        part,
        done -> listener.onProgress(recommender.name(), done, part.size(), since(start)));
    listener.onRanked(recommender.name(), part.size(), since(start));
    return ranks;
  }

  private Latencies latencies(EvaluatedRecommender evaluated, Predictions part) {
    return Latencies.of(evaluated.single(), part, evaluation.depth(), nanoTime);
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

  private double since(long start) {
    return (nanoTime.getAsLong() - start) / 1e9;
  }
}
