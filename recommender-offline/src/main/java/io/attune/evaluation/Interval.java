package io.attune.evaluation;

import java.util.Arrays;

/**
 * Where a mean lies with 95 % confidence.
 *
 * @param low the lower end
 * @param high the upper end
 */
public record Interval(double low, double high) {

  /** The middle 95 % of means that were found in samples. */
  static Interval of(double[] means) {
    double[] sorted = means.clone();
    Arrays.sort(sorted);
    int cut = Math.round(sorted.length * 0.025f);
    return new Interval(sorted[cut], sorted[sorted.length - 1 - cut]);
  }

  /** Half of the width, for {@code ±}. */
  public double halfWidth() {
    return (high - low) / 2;
  }
}
