package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.model.Manifest;
import io.attune.saved.SavedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The results of an evaluation: metrics with confidence intervals, pairwise comparisons, metrics by
 * slice, and problems that make them less reliable.
 *
 * @param conditions the conditions of the evaluation, by name
 * @param headlines problems that make the metrics meaningless
 * @param findings problems that make the metrics less reliable
 * @param predictions number of predictions
 * @param sessions number of sessions with a prediction
 * @param metrics the metrics, largest cutoff first
 * @param rows one row per recommender
 * @param comparisons all pairs of recommenders, by HR and by MRR at the largest cutoff
 * @param slices HR and MRR at the largest cutoff in parts of the test
 * @param continued how well models foretell the rest of sessions; empty unless asked for
 */
public record EvaluationReport(
    Map<String, Object> conditions,
    List<String> headlines,
    List<String> findings,
    int predictions,
    int sessions,
    List<Metric> metrics,
    List<Row> rows,
    List<Comparison> comparisons,
    List<Slices> slices,
    List<ContinuedSessions> continued) {

  /** The role of a recommender in comparisons. */
  public enum Kind {
    MODEL,
    BASELINE;

    /** The kind of a saved model; a saved baseline is a baseline. */
    static Kind of(SavedModel model) {
      return switch (model) {
        case SavedModel.Engine engine -> MODEL;
        case SavedModel.Incremental incremental -> MODEL;
        case SavedModel.Baseline baseline -> BASELINE;
      };
    }
  }

  /**
   * The value of a metric.
   *
   * @param mean mean over predictions
   * @param interval confidence interval of {@code mean}
   * @param overSessions mean over sessions of the means over their predictions
   */
  public record Figure(double mean, Interval interval, double overSessions) {}

  /**
   * The results of one recommender.
   *
   * @param figures values by metric
   * @param details further results, null for a run that was made elsewhere
   */
  public record Row(
      String name,
      Kind kind,
      Map<Metric, Figure> figures,
      @Nullable Details details) {
    /** The value of a metric of the report. */
    public Figure figure(Metric metric) {
      return Objects.requireNonNull(figures.get(metric));
    }
  }

  /**
   * Further results of a recommender that was run by the evaluation.
   *
   * @param unknownTargets number of misses because the target is unknown
   * @param unknownClicks number of misses because no click of the prefix is known
   * @param tied number of predictions whose target ties with another item
   * @param epochs the epochs of its training; empty unless it is a model
   */
  public record Details(
      int unknownTargets,
      int unknownClicks,
      int tied,
      BeyondAccuracy beyondAccuracy,
      Timing timing,
      List<Manifest.Epoch> epochs) {}

  /**
   * Latency and throughput.
   *
   * @param latencies latencies of single requests
   * @param servedBy what answered the single requests, as in production
   * @param seconds time of all predictions in batches
   */
  public record Timing(Latencies latencies, String servedBy, double seconds) {}

  /**
   * The metrics in each slice of the test.
   *
   * @param slicing how the test is divided
   * @param sizes number of predictions per slice
   * @param means means per slice, by recommender and metric
   */
  public record Slices(Slicing slicing, int[] sizes, Map<String, Map<Metric, double[]>> means) {
    /** The means of a recommender, one per slice. */
    public double[] means(String recommender, Metric metric) {
      return Objects.requireNonNull(
          Objects.requireNonNull(means.get(recommender)).get(metric));
    }
  }

  /** A recommender with the values of its predictions, which are needed to compute the report. */
  record Entry(ScoredRun run, Kind kind, @Nullable Details details) {}

  public EvaluationReport {
    headlines = List.copyOf(headlines);
    findings = List.copyOf(findings);
    metrics = List.copyOf(metrics);
    rows = List.copyOf(rows);
    comparisons = List.copyOf(comparisons);
    slices = List.copyOf(slices);
    continued = List.copyOf(continued);
  }

  /**
   * Computes a report.
   *
   * @param clusters (P): the session of each prediction
   * @param sessions number of sessions with a prediction
   */
  static EvaluationReport of(
      Map<String, Object> conditions,
      List<String> headlines,
      List<String> findings,
      List<Integer> cutoffs,
      List<Entry> entries,
      int[] clusters,
      int sessions,
      List<Slicing> slicings) {
    Bootstrap bootstrap = new Bootstrap(clusters, 1);
    List<Metric> metrics = metrics(cutoffs);
    int largest = metrics.getFirst().cutoff();
    List<Metric> primary =
        List.of(new Metric(Measure.HR, largest), new Metric(Measure.MRR, largest));
    List<Row> rows = new ArrayList<>();
    Map<Metric, List<Comparison.Values>> compared = new LinkedHashMap<>();
    List<Slices> slices = slicings.stream()
        .map(slicing -> new Slices(slicing, slicing.sizes(), new LinkedHashMap<>()))
        .toList();
    for (Entry entry : entries) {
      Map<Metric, Figure> figures = new LinkedHashMap<>();
      for (Metric metric : metrics) {
        double[] values = entry.run.values(metric);
        figures.put(
            metric,
            new Figure(
                Arrays.stream(values).average().orElse(Double.NaN),
                bootstrap.interval(values),
                overClusters(values, clusters)));
        if (primary.contains(metric)) {
          compared
              .computeIfAbsent(metric, each -> new ArrayList<>())
              .add(new Comparison.Values(entry.run.name(), values));
          for (Slices each : slices) {
            each.means
                .computeIfAbsent(entry.run.name(), name -> new LinkedHashMap<>())
                .put(metric, each.slicing.means(values));
          }
        }
      }
      rows.add(new Row(entry.run.name(), entry.kind, figures, entry.details));
    }
    List<Comparison> comparisons = new ArrayList<>();
    compared.forEach(
        (metric, values) -> comparisons.addAll(Comparison.of(metric, values, bootstrap)));
    return new EvaluationReport(
        conditions,
        headlines,
        findings,
        clusters.length,
        sessions,
        metrics,
        rows,
        comparisons,
        slices,
        List.of());
  }

  /** The same report with the results of continued sessions. */
  EvaluationReport withContinued(List<ContinuedSessions> sessionsContinued) {
    return new EvaluationReport(
        conditions,
        headlines,
        findings,
        predictions,
        sessions,
        metrics,
        rows,
        comparisons,
        slices,
        sessionsContinued);
  }

  /** The same report with one more condition, or another value of one. */
  public EvaluationReport withCondition(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(conditions);
    more.put(name, value);
    return new EvaluationReport(
        more,
        headlines,
        findings,
        predictions,
        sessions,
        metrics,
        rows,
        comparisons,
        slices,
        continued);
  }

  private static List<Metric> metrics(List<Integer> cutoffs) {
    return cutoffs.stream()
        .distinct()
        .sorted(Comparator.reverseOrder())
        .flatMap(
            cutoff -> Arrays.stream(Measure.values()).map(measure -> new Metric(measure, cutoff)))
        .toList();
  }

  /** The mean over clusters of the means of their values, in any order. */
  private static double overClusters(double[] values, int[] clusters) {
    Map<Integer, double[]> sums = new HashMap<>(); // sum and count
    for (int p = 0; p < values.length; p++) {
      double[] sum = sums.computeIfAbsent(clusters[p], cluster -> new double[2]);
      sum[0] += values[p];
      sum[1]++;
    }
    return sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).average().orElse(Double.NaN);
  }

  /**
   * The results of a recommender.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  Row row(String name) {
    return rows.stream()
        .filter(row -> row.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the report has no row " + name));
  }

  /** The largest cutoff, which comparisons and slices use. */
  public int largestCutoff() {
    return metrics.getFirst().cutoff();
  }

  /** The metrics that recommenders are compared by: HR and MRR at the largest cutoff. */
  public List<Metric> primaryMetrics() {
    return metrics.stream()
        .filter(metric -> metric.cutoff() == largestCutoff())
        .filter(metric -> metric.measure() == Measure.HR || metric.measure() == Measure.MRR)
        .toList();
  }

  /**
   * States the primary metrics by which the best model does not significantly beat the best
   * baseline. Empty if it does by all of them, if there are no models or no baselines, or if no
   * target is known to any recommender.
   */
  public Optional<String> verdict() {
    if (rows.stream()
        .allMatch(row -> row.details != null && row.details.unknownTargets == predictions)) {
      return Optional.empty();
    }
    List<String> reasons = new ArrayList<>();
    for (Metric metric : primaryMetrics()) {
      Optional<Row> model = best(metric, Kind.MODEL);
      Optional<Row> baseline = best(metric, Kind.BASELINE);
      if (model.isPresent() && baseline.isPresent()) {
        Comparison comparison =
            comparison(metric, model.get().name, baseline.get().name).orElseThrow();
        if (!comparison.isSignificant() || !comparison.better().equals(model.get().name)) {
          reasons.add(
              comparison.isSignificant()
                  ? describe(comparison)
                  : "no significant difference between %s and %s at %s"
                      .formatted(baseline.get().name, model.get().name, metric.name()));
        }
      }
    }
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "No model significantly beats the best baseline: " + String.join("; ", reasons));
  }

  private Optional<Row> best(Metric metric, Kind kind) {
    return rows.stream()
        .filter(row -> row.kind == kind)
        .max(Comparator.comparingDouble(row -> row.figure(metric).mean));
  }

  Optional<Comparison> comparison(Metric metric, String one, String other) {
    return comparisons.stream()
        .filter(each -> each.metric().equals(metric))
        .filter(each -> List.of(each.better(), each.other()).containsAll(List.of(one, other)))
        .findFirst();
  }

  /** The comparisons of the best recommender by a metric with all others. */
  public List<Comparison> comparisonsOfBest(Metric metric) {
    List<Comparison> all =
        comparisons.stream().filter(each -> each.metric().equals(metric)).toList();
    return all.stream()
        .filter(each -> each.better().equals(all.getFirst().better()))
        .toList();
  }

  /** Describes a comparison, such as {@code a beats b at HR@20 by 1.20 ± 0.40, p < 0.001}. */
  public static String describe(Comparison comparison) {
    String difference = Figures.percent(comparison.difference().mean()) + " ± "
        + Figures.percent(comparison.difference().interval().halfWidth());
    String pValue = comparison.pValue() < 0.001
        ? "p < 0.001"
        : "p = " + Figures.decimal(comparison.pValue(), 3);
    return (comparison.isSignificant()
            ? "%s beats %s at %s by %s, %s"
            : "no significant difference between %s and %s at %s: %s, %s")
        .formatted(
            comparison.better(),
            comparison.other(),
            comparison.metric().name(),
            difference,
            pValue);
  }
}
