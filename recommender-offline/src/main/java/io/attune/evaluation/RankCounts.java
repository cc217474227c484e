package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Relevant;
import io.attune.metric.Ties;
import java.util.Arrays;
import java.util.Locale;

/**
 * How often the true next item stood at each rank: all that a metric of the next item needs, in
 * numbers that can be added up over the parts of a test, in any order and without rounding.
 *
 * @param sessions in how many something was predicted
 * @param predictions misses included
 * @param unknownTargets misses because the recommender does not know the true next item
 * @param unknownClicks misses because it knows none of the clicks before
 * @param repeatedTargets targets that were clicked before in their session
 * @param tied targets with the very score of another item
 * @param atRank (K): how many targets stood at rank 1, 2, …
 */
public record RankCounts(
    long sessions,
    long predictions,
    long unknownTargets,
    long unknownClicks,
    long repeatedTargets,
    long tied,
    long[] atRank) {

  /** Nothing predicted yet; negative depths are a NegativeArraySizeException. */
  public static RankCounts none(int depth) {
    return new RankCounts(0, 0, 0, 0, 0, 0, new long[depth]);
  }

  /**
   * Counts.
   *
   * @param depth K: the largest cutoff that will be asked for
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

  /** Both parts together; different depths are an IllegalArgumentException. */
  public RankCounts plus(RankCounts other) {
    if (other.atRank.length != atRank.length) {
      throw new IllegalArgumentException(
          "the depths must be equal, but are " + atRank.length + " and " + other.atRank.length);
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
   * The mean over all predictions; NaN where there are none.
   *
   * @throws IllegalArgumentException when the metric is not about the next item, or looks at more
   *     items than were counted
   */
  public double mean(Metric metric) {
    if (metric.measure().relevant() != Relevant.NEXT) {
      throw new IllegalArgumentException(
          metric.name() + " is not of the next item, so that counts of ranks do not tell it");
    }
    if (metric.cutoff() > atRank.length) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "%s needs counts up to rank %d, but there are %d",
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
