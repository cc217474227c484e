package io.attune.evaluation;

import io.attune.metric.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a paired test says of two recommenders.
 *
 * @param better the one with the higher mean
 * @param other the other one
 * @param metric by what they are compared
 * @param difference of the better to the other, 0 or more
 * @param pValue p, adjusted by Holm's method for all the comparisons made together
 */
public record Comparison(
    String better, String other, Metric metric, Difference difference, double pValue) {
  /** Below this chance a difference counts as shown. */
  public static final double LEVEL = 0.05;

  /** Whether the difference is shown. */
  public boolean isSignificant() {
    return pValue < LEVEL;
  }

  /** A recommender's worth at each prediction: float64 (P). */
  public record Values(String recommender, double[] values) {
    private double mean() {
      return Arrays.stream(values).average().orElse(Double.NaN);
    }
  }

  /**
   * Compares each with each by one metric, the best first.
   *
   * @param all of the same predictions
   */
  public static List<Comparison> of(Metric metric, List<Values> all, Bootstrap bootstrap) {
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

  /** Adjusts pValues for testing several at once (S. Holm, 1979). */
  static double[] holm(double[] pValues) {
    int count = pValues.length;
    int[] rising = IntStream.range(0, count)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> pValues[i]))
        .mapToInt(Integer::intValue)
        .toArray();
    double[] adjusted = new double[count];
    double most = 0;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, Math.min(1, (count - i) * pValues[rising[i]]));
      adjusted[rising[i]] = most;
    }
    return adjusted;
  }
}
