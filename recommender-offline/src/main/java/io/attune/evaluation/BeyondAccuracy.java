package io.attune.evaluation;

import io.attune.metric.Ties;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Beyond-accuracy metrics of the recommended lists: coverage, concentration, popularity bias and
 * novelty.
 *
 * @param cutoff number of items of each list that count
 * @param coverage fraction of all items that appear in at least one list
 * @param gini Gini index of how often items are recommended: 0 if all are recommended equally
 *     often, near 1 if a few items take nearly all positions
 * @param popularity mean popularity percentile of the recommended items: the fraction of items with
 *     fewer training clicks; 0.5 means no popularity bias
 * @param novelty mean self-information −log2(p) of the recommended items in bits, where p is an
 *     item's fraction of the training clicks (Zhou et al., PNAS 2010); items without clicks count
 *     as clicked once
 */
public record BeyondAccuracy(
    int cutoff, double coverage, double gini, double popularity, double novelty) {

  /**
   * Computes the metrics.
   *
   * @param counts the clicks of training
   * @throws IllegalArgumentException if the cutoff exceeds the depth of the ranks
   */
  static BeyondAccuracy of(Ranks ranks, int cutoff, Ties ties, ItemCounts counts) {
    if (cutoff > ranks.depth()) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT, "the cutoff must be at most the depth %d, not %d", ranks.depth(), cutoff));
    }
    int items = ranks.vocabulary().size();
    long[] recommended = new long[items + 1];
    for (int p = 0; p < ranks.predictions().size(); p++) {
      int[] list = ranks.list(p, ties);
      for (int i = 0; i < Math.min(cutoff, list.length); i++) {
        recommended[list[i]]++;
      }
    }
    long[] clicked = counts.byRowOf(ranks.vocabulary());
    double[] percentiles = percentiles(clicked);
    double clicks = Math.max(1, counts.total());
    long positions = 0;
    int covered = 0;
    double popularity = 0;
    double novelty = 0;
    for (int row = 1; row <= items; row++) {
      long times = recommended[row];
      positions += times;
      covered += times > 0 ? 1 : 0;
      popularity += times * percentiles[row];
      novelty -= times * Math.log(Math.max(1, clicked[row]) / clicks) / Math.log(2);
    }
    return new BeyondAccuracy(
        cutoff,
        (double) covered / items,
        gini(recommended, positions),
        popularity / positions,
        novelty / positions);
  }

  /** By row, the fraction of the other items with fewer clicks, where ties count half. */
  private static double[] percentiles(long[] clicked) {
    long[] sorted = Arrays.copyOfRange(clicked, 1, clicked.length);
    Arrays.sort(sorted);
    Map<Long, Double> byClicks = new HashMap<>();
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      while (to < sorted.length && sorted[to] == sorted[from]) {
        to++;
      }
      byClicks.put(
          sorted[from],
          sorted.length == 1 ? 0.5 : (from + (to - 1 - from) / 2.0) / (sorted.length - 1));
      from = to;
    }
    double[] percentiles = new double[clicked.length];
    for (int row = 1; row < clicked.length; row++) {
      percentiles[row] = byClicks.getOrDefault(clicked[row], 0.5);
    }
    return percentiles;
  }

  private static double gini(long[] recommended, long positions) {
    long[] sorted = Arrays.copyOfRange(recommended, 1, recommended.length);
    Arrays.sort(sorted);
    double weighted = 0;
    for (int i = 0; i < sorted.length; i++) {
      weighted += (2.0 * (i + 1) - sorted.length - 1) * sorted[i];
    }
    return weighted / ((double) sorted.length * positions);
  }
}
