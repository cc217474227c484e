package io.attune.evaluation;

import io.attune.evaluation.EvaluationReport.Details;
import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.evaluation.EvaluationReport.Timing;
import io.attune.metric.Metric;
import io.attune.model.Manifest;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A report of a model that hits every fourth target and a baseline that hits every second one. */
public final class SampleReport {
  private static final int PREDICTIONS = 400;

  private SampleReport() {}

  public static EvaluationReport create() {
    int[] sessions = IntStream.range(0, PREDICTIONS).map(p -> p / 2).toArray();
    Slicing slicing = new Slicing(
        "clicks before",
        List.of("1", "2", "3"),
        IntStream.range(0, PREDICTIONS).map(p -> p % 2).toArray());
    List<Manifest.Epoch> epochs = List.of(
        new Manifest.Epoch("select", 1, 7.5, Map.of("HR@20", 0.2, "MRR@20", 0.1), 3),
        new Manifest.Epoch("select", 2, 6.5, Map.of("HR@20", 0.3, "MRR@20", 0.15), 3),
        new Manifest.Epoch("refit", 1, 7.4, Map.of(), 3));
    return EvaluationReport.of(
        Map.of("holdout", "7d"),
        List.of(),
        List.of("old <clicks>"),
        List.of(5, 20),
        List.of(
            new Entry(new Every(4, "model"), Kind.MODEL, details(epochs)),
            new Entry(new Every(2, "baseline"), Kind.BASELINE, details(List.of()))),
        sessions,
        PREDICTIONS / 2,
        List.of(slicing));
  }

  private static Details details(List<Manifest.Epoch> epochs) {
    return new Details(
        3,
        2,
        1,
        new BeyondAccuracy(20, 0.5, 0.4, 0.6, 12),
        new Timing(new Latencies(100, 0.1, 0.2, 0.3), "engine", 2),
        epochs);
  }

  private record Every(int n, String name) implements ScoredRun {
    @Override
    public double[] values(Metric metric) {
      return IntStream.range(0, PREDICTIONS)
          .mapToDouble(p -> p % n == 0 ? 1 : 0)
          .toArray();
    }
  }
}
