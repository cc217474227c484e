package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import java.util.Arrays;
import java.util.Locale;

/**
 * A histogram of target ranks, from which the metrics of the next item are computed. Counts of the
 * parts of a test can be added in any order without rounding errors.
 *
 * @param sessions number of sessions with a prediction
 * @param predictions number of predictions, including misses
 * @param unknownTargets number of misses because the target is unknown
 * @param unknownClicks number of misses because no click of the prefix is known
 * @param repeatedTargets number of targets that were clicked earlier in their session
 * @param tied number of targets that tie with another item
 * @param atRank (K): number of targets at rank 1, 2, …
 */
public record RankCounts(
    long sessions,
    long predictions,
    long unknownTargets,
    long unknownClicks,
    long repeatedTargets,
    long tied,
    long[] atRank) {

  /**
   * Counts of no predictions.
   *
   * @param depth K, the largest cutoff of metrics
   */
  public static RankCounts none(int depth) {
    return new RankCounts(0, 0, 0, 0, 0, 0, new long[depth]);
  }

  /**
   * Counts ranks.
   *
   * @param depth K, the largest cutoff of metrics
   */
  public static RankCounts of(Ranks ranks, int depth, Ties ties) {
    long[] atRank = new long[depth];
    int predictions = ranks.predictions().size();
    for (int prediction = 0; prediction < predictions; prediction++) {
      int rank = ranks.rank(prediction, ties);
      if (rank != Metric.MISS && rank <= depth) {
        atRank[rank - 1]++;
      }
    }
    return new RankCounts(
        ranks.predictions().testedSessions(),
        predictions,
        ranks.unknownTargets(),
        ranks.unknownClicks(),
        ranks.predictions().repeats().cardinality(),
        ranks.tied(),
        atRank);
  }

  /**
   * The sum of these and other counts.
   *
   * @throws IllegalArgumentException if their depths differ
   */
  public RankCounts plus(RankCounts other) {
    if (other.atRank.length != atRank.length) {
      throw new IllegalArgumentException(
          "depths must be equal, but are " + atRank.length + " and " + other.atRank.length);
    }
    long[] sum = new long[atRank.length];
    Arrays.setAll(sum, i -> atRank[i] + other.atRank[i]);
    return new RankCounts(
        sessions + other.sessions,
        predictions + other.predictions,
        unknownTargets + other.unknownTargets,
        unknownClicks + other.unknownClicks,
        repeatedTargets + other.repeatedTargets,
        tied + other.tied,
        sum);
  }

  /**
   * The mean of a metric over all predictions; NaN if there are none.
   *
   * @throws IllegalArgumentException if the metric does not score the next item only, or its cutoff
   *     exceeds the depth
   */
  public double mean(Metric metric) {
    if (metric.measure().relevant() != Relevant.NEXT) {
      throw new IllegalArgumentException(
          metric.name() + " does not score the next item only, so rank counts are not enough");
    }
    if (metric.cutoff() > atRank.length) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "%s needs counts up to rank %d, but their depth is %d",
          metric.name(),
          metric.cutoff(),
          atRank.length));
    }
    double sum = 0;
    for (int rank = metric.cutoff(); rank >= 1; rank--) {
      sum += atRank[rank - 1] * metric.value(rank);
    }
    return sum / predictions;
  }
}
