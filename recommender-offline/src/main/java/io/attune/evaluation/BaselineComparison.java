package io.attune.evaluation;

import io.attune.baseline.Baseline;
import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cheap baselines on the validation part of a training, by which one sees whether a model was worth
 * its training.
 *
 * @param results one for each baseline
 * @param predictions on how many each was evaluated
 * @param sampled whether these are not all of the validation part
 */
public record BaselineComparison(List<Result> results, int predictions, boolean sampled) {
  /** What is compared: the metrics of a validation. */
  public static final List<Metric> METRICS =
      List.of(new Metric(Measure.HR, 20), new Metric(Measure.MRR, 20));

  private static final List<Baseline> BASELINES = Baseline.parseAll("sr,item-knn,v-sknn,stan");

  private static final int MAX_PREDICTIONS = 20_000;

  /** Copies the results. */
  public BaselineComparison {
    results = List.copyOf(results);
  }

  /**
   * The figures of a baseline.
   *
   * @param excludeClicked whether clicked items are excluded from its candidates, where that is
   *     better: a model learns how clicked items are to be scored, a baseline does not
   * @param means by the names of the metrics, as shares
   * @param margins by the names of the metrics: half of a 95 % interval
   */
  public record Result(
      Baseline baseline,
      boolean excludeClicked,
      Map<String, Double> means,
      Map<String, Double> margins) {
    /** Whether this is better than a figure by more than chance. */
    public boolean beats(Metric metric, double figure) {
      return mean(metric) - margins.getOrDefault(metric.name(), 0.0) > figure;
    }

    private double mean(Metric metric) {
      return means.getOrDefault(metric.name(), 0.0);
    }
  }

  /**
   * Trains sr, item-knn, v-sknn and stan and evaluates each, in some seconds: of a large validation
   * part, on sessions with about 20,000 predictions, evenly over it. Clicked items are candidates
   * or not, whichever gives a baseline the better MRR@20.
   *
   * @param train what the baselines may know
   * @param validation with the same vocabulary
   */
  public static BaselineComparison of(Sessions train, Sessions validation, Split.Targets targets) {
    int all = Predictions.of(validation, targets).size();
    int every = Math.ceilDiv(Math.max(1, all), MAX_PREDICTIONS);
    Predictions predictions = Predictions.of(
        validation.select(
            IntStream.range(0, validation.size()).filter(s -> s % every == 0).toArray()),
        targets);
    List<Result> results =
        BASELINES.stream().map(baseline -> result(baseline, train, predictions)).toList();
    return new BaselineComparison(results, predictions.size(), every > 1);
  }

  private static Result result(Baseline baseline, Sessions train, Predictions predictions) {
    try (Recommender recommender = baseline.train(train)) {
      Result all = result(baseline, recommender, predictions, false);
      Result others = result(baseline, recommender, predictions, true);
      return others.mean(METRICS.getLast()) > all.mean(METRICS.getLast()) ? others : all;
    }
  }

  private static Result result(
      Baseline baseline, Recommender recommender, Predictions predictions, boolean excludeClicked) {
    Ranks ranks = new Ranker(excludeClicked, 0).rank(recommender, predictions, done -> {});
    Map<String, Double> means = new LinkedHashMap<>();
    Map<String, Double> margins = new LinkedHashMap<>();
    for (Metric metric : METRICS) {
      double[] values = ranks.values(metric, Ties.CONSERVATIVE);
      means.put(metric.name(), mean(values));
      margins.put(metric.name(), margin(values));
    }
    return new Result(baseline, excludeClicked, means, margins);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  private static double margin(double[] values) {
    double mean = mean(values);
    double variance = Arrays.stream(values)
        .map(value -> (value - mean) * (value - mean))
        .average()
        .orElse(0);
    return 1.96 * Math.sqrt(variance / Math.max(1, values.length));
  }

  /** The best by a metric; of equals the first. */
  public Result best(Metric metric) {
    return results.stream().max(Comparator.comparingDouble(r -> r.mean(metric))).orElseThrow();
  }

  /**
   * The baseline that beats a model by more than chance: by MRR@20, or else by HR@20.
   *
   * @param model its figures on the validation part, by the names of the metrics
   */
  public Optional<Result> better(Map<String, Double> model) {
    return METRICS.reversed().stream()
        .filter(metric -> best(metric).beats(metric, model.getOrDefault(metric.name(), 0.0)))
        .map(this::best)
        .findFirst();
  }
}
