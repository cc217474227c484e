package io.attune.evaluation;

import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.evaluation.EvaluationReport.Timing;
import io.attune.metric.Ties;
import io.attune.model.Manifest;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/** Evaluates recommenders on the same predictions, one after another. */
final class EvaluationRunner {
  private final Ranker ranker;
  private final Predictions predictions;
  private final Ties ties;
  private final ItemCounts counts;
  private final LongSupplier nanoTime;
  private final EvaluationListener listener;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();

  /**
   * Creates a runner.
   *
   * @param counts the clicks of training, for popularity and novelty
   */
  EvaluationRunner(
      Ranker ranker,
      Predictions predictions,
      Ties ties,
      ItemCounts counts,
      LongSupplier nanoTime,
      EvaluationListener listener) {
    this.ranker = ranker;
    this.predictions = predictions;
    this.ties = ties;
    this.counts = counts;
    this.nanoTime = nanoTime;
    this.listener = listener;
  }

  /** The results so far, one per recommender. */
  List<Entry> entries() {
    return entries;
  }

  /** Problems found so far. */
  List<String> findings() {
    return findings;
  }

  /**
   * Evaluates a recommender, which the caller still owns.
   *
   * @param epochs the epochs of its training; empty unless it is a model
   */
  void evaluate(EvaluatedRecommender evaluated, Kind kind, List<Manifest.Epoch> epochs) {
    long start = nanoTime.getAsLong();
    Ranks ranks = rank(evaluated.recommender(), predictions);
    double seconds = since(start);
    Timing timing = new Timing(latencies(evaluated, predictions), evaluated.servedBy(), seconds);
    addEntry(ranks, kind, timing, epochs);
  }

  /** Trains a recommender. */
  interface Training {
    /** Trains on these sessions; the caller closes the recommender. */
    EvaluatedRecommender train(Sessions sessions) throws IOException;
  }

  /**
   * Retrains and evaluates a recommender for each window, on all clicks before the window.
   *
   * @param log all clicks
   */
  void evaluateRetrained(String name, Kind kind, Windows windows, Sessions log, Training training)
      throws IOException {
    List<Ranks> parts = new ArrayList<>();
    Timing timing = null;
    double seconds = 0;
    for (int window = 0; window < windows.size(); window++) {
      listener.onWindow(name, window + 1, windows.size(), windows.start(window));
      try (EvaluatedRecommender evaluated = training.train(log.before(windows.start(window)))) {
        Predictions part = windows.predictions(window);
        long start = nanoTime.getAsLong();
        parts.add(rank(evaluated.recommender(), part));
        seconds += since(start);
        if (part.size() > 0) {
          timing = new Timing(latencies(evaluated, part), evaluated.servedBy(), seconds);
        }
      }
    }
    addEntry(windows.join(parts), kind, Objects.requireNonNull(timing), List.of());
  }

  private Ranks rank(Recommender recommender, Predictions part) {
    for (String finding : LeakChecks.batchDependence(recommender, part)) {
      findings.add(finding);
      listener.onFinding(finding);
    }
    long start = nanoTime.getAsLong();
    Ranks ranks = ranker.rank(
        recommender,
        part,
        done -> listener.onProgress(recommender.name(), done, part.size(), since(start)));
    listener.onRanked(recommender.name(), part.size(), since(start));
    return ranks;
  }

  private Latencies latencies(EvaluatedRecommender evaluated, Predictions part) {
    return Latencies.of(evaluated.serving(), part, ranker.depth(), nanoTime);
  }

  private void addEntry(Ranks ranks, Kind kind, Timing timing, List<Manifest.Epoch> epochs) {
    Details details = new Details(
        ranks.unknownTargets(),
        ranks.unknownClicks(),
        ranks.tied(),
        BeyondAccuracy.of(ranks, ranker.depth(), ties, counts),
        timing,
        epochs);
    entries.add(new Entry(new ScoredRun.Recommended(ranks, ties), kind, details));
  }

  private double since(long start) {
    return (nanoTime.getAsLong() - start) / 1e9;
  }
}
