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
 * The outcome of an evaluation: figures with intervals, comparisons, slices, and what makes them
 * doubtful.
 *
 * @param conditions under which it was found, by name
 * @param headlines what makes figures say nothing at all
 * @param findings what makes the figures doubtful
 * @param predictions how many there were
 * @param sessions in how many sessions
 * @param metrics all of them; those of the largest cutoff come first
 * @param rows one a recommender
 * @param comparisons each with each, by HR and by MRR at the largest cutoff
 * @param slices HR and MRR in parts of the test
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
    List<Slices> slices) {

  /** What a recommender is in a comparison. */
  public enum Kind {
    MODEL,
    BASELINE;

    /** A baseline stays one when it was saved. */
    public static Kind of(SavedModel model) {
      return switch (model) {
        case SavedModel.Engine engine -> MODEL;
        case SavedModel.Incremental incremental -> MODEL;
        case SavedModel.Baseline baseline -> BASELINE;
      };
    }
  }

  /**
   * A metric's figures.
   *
   * @param mean over predictions
   * @param interval of that mean
   * @param overSessions mean over sessions of the means over their predictions
   */
  public record Figure(double mean, Interval interval, double overSessions) {}

  /**
   * One recommender.
   *
   * @param figures by metric
   * @param details what only a recommender that was asked here has, and a run has not
   */
  public record Row(
      String name,
      Kind kind,
      Map<Metric, Figure> figures,
      @Nullable Details details) {
    /** Its figures by a metric of the report. */
    public Figure figure(Metric metric) {
      return Objects.requireNonNull(figures.get(metric));
    }
  }

  /**
   * What was seen while a recommender was asked.
   *
   * @param unknownTargets misses because it does not know the next item
   * @param unknownClicks misses because it knows no click before
   * @param tied predictions whose target has the very score of another item
   * @param epochs of its training, where it is a model
   */
  public record Details(
      int unknownTargets,
      int unknownClicks,
      int tied,
      BeyondAccuracy variety,
      Timed timed,
      List<Manifest.Epoch> epochs) {}

  /**
   * How long answers took.
   *
   * @param single one request at a time
   * @param path how those were answered: by what would serve, where it is not what ranked
   * @param seconds all predictions took, in batches
   */
  public record Timed(Latencies single, String path, double seconds) {}

  /**
   * A way to divide the test, and the metrics in each part.
   *
   * @param means of each recommender in each slice: by its name, by metric
   */
  public record Slices(Slicing slicing, int[] sizes, Map<String, Map<Metric, double[]>> means) {
    /** A recommender's means, one a slice. */
    public double[] of(String recommender, Metric metric) {
      return Objects.requireNonNull(
          Objects.requireNonNull(means.get(recommender)).get(metric));
    }
  }

  /** A recommender with its value at each prediction, which only the comparisons need. */
  public record Entry(ScoredRun run, Kind kind, @Nullable Details details) {}

  public EvaluationReport {
    headlines = List.copyOf(headlines);
    findings = List.copyOf(findings);
    metrics = List.copyOf(metrics);
    rows = List.copyOf(rows);
    comparisons = List.copyOf(comparisons);
    slices = List.copyOf(slices);
  }

  /**
   * Computes the figures.
   *
   * @param clusters (P): the session of each prediction
   */
  public static EvaluationReport of(
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
        slices);
  }

  private static List<Metric> metrics(List<Integer> cutoffs) {
    return cutoffs.stream()
        .distinct()
        .sorted(Comparator.reverseOrder())
        .flatMap(
            cutoff -> Arrays.stream(Measure.values()).map(measure -> new Metric(measure, cutoff)))
        .toList();
  }

  /** The mean over clusters of the means over their values, wherever those stand. */
  private static double overClusters(double[] values, int[] clusters) {
    Map<Integer, double[]> sums = new HashMap<>(); // sum and count
    for (int p = 0; p < values.length; p++) {
      double[] sum = sums.computeIfAbsent(clusters[p], cluster -> new double[2]);
      sum[0] += values[p];
      sum[1]++;
    }
    return sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).average().orElse(Double.NaN);
  }

  /** The largest cutoff, that of the comparisons. */
  public int cutoff() {
    return metrics.getFirst().cutoff();
  }

  /** The metrics that recommenders are compared by. */
  public List<Metric> primary() {
    return metrics.stream()
        .filter(metric -> metric.cutoff() == cutoff())
        .filter(metric -> metric.measure() == Measure.HR || metric.measure() == Measure.MRR)
        .toList();
  }

  /**
   * What has to be said first where anything could be hit: by which metric no model is shown to
   * beat the best baseline. Empty where there are no models or no baselines, or where one does by
   * every metric.
   */
  public Optional<String> verdict() {
    if (rows.stream()
        .allMatch(row -> row.details != null && row.details.unknownTargets == predictions)) {
      return Optional.empty();
    }
    List<String> said = new ArrayList<>();
    for (Metric metric : primary()) {
      Optional<Row> model = best(metric, Kind.MODEL);
      Optional<Row> baseline = best(metric, Kind.BASELINE);
      if (model.isPresent() && baseline.isPresent()) {
        Comparison between =
            comparison(metric, model.get().name, baseline.get().name).orElseThrow();
        if (!between.isSignificant() || !between.better().equals(model.get().name)) {
          said.add(
              between.isSignificant()
                  ? sentence(between)
                  : "at " + metric.name() + " no difference is shown between " + baseline.get().name
                      + " and " + model.get().name);
        }
      }
    }
    return said.isEmpty()
        ? Optional.empty()
        : Optional.of("No model is shown to beat the baselines: " + String.join("; ", said));
  }

  private Optional<Row> best(Metric metric, Kind kind) {
    return rows.stream()
        .filter(row -> row.kind == kind)
        .max(Comparator.comparingDouble(row -> row.figure(metric).mean));
  }

  private Optional<Comparison> comparison(Metric metric, String one, String other) {
    return comparisons.stream()
        .filter(each -> each.metric().equals(metric))
        .filter(each -> List.of(each.better(), each.other()).containsAll(List.of(one, other)))
        .findFirst();
  }

  /** The comparisons of the best recommender by a metric with each other one. */
  public List<Comparison> ofTheBest(Metric metric) {
    List<Comparison> all =
        comparisons.stream().filter(each -> each.metric().equals(metric)).toList();
    return all.stream()
        .filter(each -> each.better().equals(all.getFirst().better()))
        .toList();
  }

  /** What a paired test says, such as {@code a beats b at HR@20 by 1.20 ± 0.40, p < 0.001}. */
  public static String sentence(Comparison comparison) {
    String by = Figures.percent(comparison.difference().mean()) + " ± "
        + Figures.percent(comparison.difference().interval().halfWidth());
    String chance = comparison.pValue() < 0.001
        ? "p < 0.001"
        : "p = " + Figures.decimal(comparison.pValue(), 3);
    return comparison.isSignificant()
        ? "%s beats %s at %s by %s, %s"
            .formatted(
                comparison.better(), comparison.other(), comparison.metric().name(), by, chance)
        : "no difference shown between %s and %s at %s: %s, %s"
            .formatted(
                comparison.better(), comparison.other(), comparison.metric().name(), by, chance);
  }
}
