package io.attune.evaluation;

import java.util.Arrays;

/**
 * A 95 % confidence interval of a mean.
 *
 * @param low the lower bound
 * @param high the upper bound
 */
public record Interval(double low, double high) {

  /** The interval of the middle 95 % of the means of bootstrap samples. */
  static Interval of(double[] means) {
    double[] sorted = means.clone();
    Arrays.sort(sorted);
    int cut = Math.round(sorted.length * 0.025f);
    return new Interval(sorted[cut], sorted[sorted.length - 1 - cut]);
  }

  /** Half the width of the interval, for {@code ±}. */
  public double halfWidth() {
    return (high - low) / 2;
  }
}
