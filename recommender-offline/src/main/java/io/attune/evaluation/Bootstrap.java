package io.attune.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How sure means over predictions are, and differences between them, by drawing sessions again.
 *
 * <p>Predictions of one session are alike, so sessions are drawn, not predictions (B. Efron, 1979,
 * with clusters). More than {@value #MAX_UNITS} sessions are dealt into so many groups, which are
 * drawn instead; the effort stays the same however large the test. All means are taken of the same
 * draws, so that their differences can be trusted as well.
 *
 * <p>Immutable, and safe for use by several threads.
 */
public final class Bootstrap {
  /** Groups of sessions at most. */
  public static final int MAX_UNITS = 20_000;

  /** How often sessions are drawn again. */
  public static final int SAMPLES = 1000;

  private static final int FLIPS = 9999;

  private final int[] unitOf; // (P)
  private final double[] sizes; // (U): predictions
  private final byte[][] drawn; // (SAMPLES, U): how often a unit was
  private final double[] totals; // (SAMPLES): predictions drawn
  private final long seed;

  /**
   * Draws.
   *
   * @param predictions of which sessions
   * @param seed of the draws
   */
  public Bootstrap(Predictions predictions, long seed) {
    this(predictions.sessions(), seed);
  }

  /**
   * Draws.
   *
   * @param clusterOf (P): whose prediction each is, in any order
   * @param seed of the draws
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
      byte[] times = new byte[units]; // 127 times the same of many units does not happen
      for (int draw = 0; draw < units; draw++) {
        times[random.nextInt(units)]++;
      }
      drawn[sample] = times;
      totals[sample] = dot(times, sizes);
    }
  }

  /** Where the mean of these values of predictions lies. */
  public Interval interval(double[] values) {
    return Interval.of(means(values));
  }

  /** The mean of these values in each sample: (SAMPLES). */
  double[] means(double[] values) {
    double[] sums = sums(values);
    double[] means = new double[SAMPLES];
    for (int sample = 0; sample < SAMPLES; sample++) {
      means[sample] = dot(drawn[sample], sums) / totals[sample];
    }
    return means;
  }

  /**
   * Whether the means of a and b differ: by how much, and how likely so much or more is where they
   * do not. The chance is that of a randomisation test: where it makes no difference which of the
   * two said what, the sign of each session's difference is a coin's (M. D. Smucker and others,
   * CIKM 2007); {@value #FLIPS} times all coins are tossed.
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
    int asMuch = 0;
    for (int flip = 0; flip < FLIPS; flip++) {
      double sum = 0;
      for (int from = 0; from < different.length; from += Long.SIZE) {
        long coins = random.nextLong();
        int to = Math.min(different.length, from + Long.SIZE);
        for (int unit = from; unit < to; unit++) {
          sum += (coins & 1) == 0 ? different[unit] : -different[unit];
          coins >>>= 1;
        }
      }
      asMuch += Math.abs(sum) >= observed - rounding ? 1 : 0;
    }
    double tossed = (asMuch + 1.0) / (FLIPS + 1.0);
    if (asMuch > 0) {
      return tossed;
    }
    // So rare that no toss came near: the tail of the normal distribution that the sums of many
    // sessions follow, but no less than the chance that all coins fall alike.
    double squares = Arrays.stream(different).map(sum -> sum * sum).sum();
    double z = observed / Math.sqrt(squares);
    double tail = Math.exp(-z * z / 2) * 2 / (z * Math.sqrt(2 * Math.PI)); // an upper bound
    return Math.min(tossed, Math.max(tail, Math.scalb(2.0, -different.length)));
  }

  private double[] sums(double[] values) {
    if (values.length != unitOf.length) {
      throw new IllegalArgumentException("there must be a value for each of " + unitOf.length
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
