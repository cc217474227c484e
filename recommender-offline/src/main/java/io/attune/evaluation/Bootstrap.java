package io.attune.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Confidence intervals and significance tests for means over predictions, by resampling sessions.
 *
 * <p>Predictions of one session are correlated, so sessions are resampled, not predictions: the
 * cluster bootstrap of Efron 1979. More than {@value #MAX_UNITS} sessions are merged into that many
 * groups, which bounds the cost for large tests. All means use the same samples, so intervals of
 * paired differences are valid as well.
 *
 * <p>Immutable and thread-safe.
 */
public final class Bootstrap {
  /** The maximum number of units, sessions or groups of them, that are resampled. */
  public static final int MAX_UNITS = 20_000;

  /** The number of bootstrap samples. */
  public static final int SAMPLES = 1000;

  private static final int PERMUTATIONS = 9999;

  private final int[] unitOf; // (P)
  private final double[] sizes; // (U): predictions per unit
  private final byte[][] drawn; // (SAMPLES, U): how often a unit was drawn
  private final double[] totals; // (SAMPLES): predictions per sample
  private final long seed;

  /**
   * Draws the samples.
   *
   * @param clusterOf (P): the session of each prediction, in any order and numbering
   * @param seed the seed of samples and tests
   */
  public Bootstrap(int[] clusterOf, long seed) {
    this.seed = seed;
    int[] clusters = Arrays.stream(clusterOf).sorted().distinct().toArray();
    this.unitOf = new int[clusterOf.length];
    Arrays.setAll(unitOf, p -> Arrays.binarySearch(clusters, clusterOf[p]) % MAX_UNITS);
    int units = Math.min(clusters.length, MAX_UNITS);
    this.sizes = new double[units];
    for (int unit : unitOf) {
      sizes[unit]++;
    }
    this.drawn = new byte[SAMPLES][];
    this.totals = new double[SAMPLES];
    SplittableRandom random = new SplittableRandom(seed);
    for (int sample = 0; sample < SAMPLES; sample++) {
      byte[] times = new byte[units]; // no unit is drawn more than 127 times in practice
      for (int draw = 0; draw < units; draw++) {
        times[random.nextInt(units)]++;
      }
      drawn[sample] = times;
      totals[sample] = dot(times, sizes);
    }
  }

  /** The confidence interval of the mean of these values, one per prediction. */
  public Interval interval(double[] values) {
    return Interval.of(means(values));
  }

  private double[] means(double[] values) {
    double[] sums = sums(values);
    double[] means = new double[SAMPLES];
    for (int sample = 0; sample < SAMPLES; sample++) {
      means[sample] = dot(drawn[sample], sums) / totals[sample];
    }
    return means;
  }

  /**
   * Compares the means of a and b by a paired randomization test: under the null hypothesis the
   * sign of each session's difference is random (Smucker et al., CIKM 2007). The test draws
   * {@value #PERMUTATIONS} sign assignments.
   *
   * @param a float64 (P)
   * @param b float64 (P), of the same predictions
   */
  public Difference difference(double[] a, double[] b) {
    double[] values = new double[a.length];
    double sum = 0;
    for (int p = 0; p < a.length; p++) {
      values[p] = a[p] - b[p];
      sum += values[p];
    }
    return new Difference(sum / a.length, interval(values), pValue(sums(values)));
  }

  private double pValue(double[] sums) {
    double[] different = Arrays.stream(sums).filter(sum -> sum != 0).toArray();
    double observed = Math.abs(Arrays.stream(different).sum());
    double rounding = 1e-9 * Arrays.stream(different).map(Math::abs).sum();
    SplittableRandom random = new SplittableRandom(seed);
    int asExtreme = 0;
    for (int permutation = 0; permutation < PERMUTATIONS; permutation++) {
      double sum = 0;
      for (int from = 0; from < different.length; from += Long.SIZE) {
        long signs = random.nextLong();
        int to = Math.min(different.length, from + Long.SIZE);
        for (int unit = from; unit < to; unit++) {
          sum += (signs & 1) == 0 ? different[unit] : -different[unit];
          signs >>>= 1;
        }
      }
      asExtreme += Math.abs(sum) >= observed - rounding ? 1 : 0;
    }
    double estimate = (asExtreme + 1.0) / (PERMUTATIONS + 1.0);
    if (asExtreme > 0) {
      return estimate;
    }
    // No permutation was as extreme: use the tail of the normal distribution that the sums of many
    // sessions follow, but no less than the probability that all signs are equal.
    double squares = Arrays.stream(different).map(sum -> sum * sum).sum();
    double z = observed / Math.sqrt(squares);
    double tail = Math.exp(-z * z / 2) * 2 / (z * Math.sqrt(2 * Math.PI)); // an upper bound
    return Math.min(estimate, Math.max(tail, Math.scalb(2.0, -different.length)));
  }

  private double[] sums(double[] values) {
    if (values.length != unitOf.length) {
      throw new IllegalArgumentException("there must be one value for each of " + unitOf.length
          + " predictions, not " + values.length);
    }
    double[] sums = new double[sizes.length];
    for (int p = 0; p < values.length; p++) {
      sums[unitOf[p]] += values[p];
    }
    return sums;
  }

  private static double dot(byte[] times, double[] sums) {
    double sum = 0;
    for (int unit = 0; unit < times.length; unit++) {
      sum += times[unit] * sums[unit];
    }
    return sum;
  }
}
