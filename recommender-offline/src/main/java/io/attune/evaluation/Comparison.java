package io.attune.evaluation;

import io.attune.metric.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The result of a paired test between two recommenders.
 *
 * @param better the recommender with the higher mean
 * @param other the other recommender
 * @param metric the metric that is compared
 * @param difference the difference between the better and the other one, at least 0
 * @param pValue the p-value, adjusted for multiple comparisons by Holm's method
 */
public record Comparison(
    String better, String other, Metric metric, Difference difference, double pValue) {
  /** The significance level. */
  public static final double LEVEL = 0.05;

  /** Whether the difference is significant. */
  public boolean isSignificant() {
    return pValue < LEVEL;
  }

  /** The values of a metric for a recommender: float64 (P). */
  record Values(String recommender, double[] values) {
    private double mean() {
      return Arrays.stream(values).average().orElse(Double.NaN);
    }
  }

  /**
   * Compares all pairs of recommenders by one metric, those of the best recommender first.
   *
   * @param all values of the same predictions
   */
  static List<Comparison> of(Metric metric, List<Values> all, Bootstrap bootstrap) {
    List<Values> order =
        all.stream().sorted(Comparator.comparingDouble(Values::mean).reversed()).toList();
    List<int[]> pairs = IntStream.range(0, order.size())
        .boxed()
        .flatMap(a -> IntStream.range(a + 1, order.size()).mapToObj(b -> new int[] {a, b}))
        .toList();
    List<Difference> differences = pairs.parallelStream()
        .map(pair -> bootstrap.difference(order.get(pair[0]).values, order.get(pair[1]).values))
        .toList();
    double[] pValues = holm(differences.stream().mapToDouble(Difference::pValue).toArray());
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      comparisons.add(new Comparison(
          order.get(pairs.get(i)[0]).recommender,
          order.get(pairs.get(i)[1]).recommender,
          metric,
          differences.get(i),
          pValues[i]));
    }
    return comparisons;
  }

  /** Adjusts p-values for multiple comparisons (Holm 1979). */
  static double[] holm(double[] pValues) {
    int count = pValues.length;
    int[] ascending = IntStream.range(0, count)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> pValues[i]))
        .mapToInt(Integer::intValue)
        .toArray();
    double[] adjusted = new double[count];
    double max = 0;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, Math.min(1, (count - i) * pValues[ascending[i]]));
      adjusted[ascending[i]] = max;
    }
    return adjusted;
  }
}
