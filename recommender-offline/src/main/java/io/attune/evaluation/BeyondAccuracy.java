package io.attune.evaluation;

import io.attune.metric.Ties;
import java.util.Arrays;
import java.util.Locale;

/**
 * What lists of recommended items are like as a whole, whether they are right or not.
 *
 * @param cutoff how many items of each list count
 * @param coverage the share of the items that are in some list
 * @param gini how unevenly items are recommended: 0 where all are equally often, near 1 where few
 *     take all places
 * @param popularity how popular the recommended items are on average, as the share of the items
 *     that were clicked less often in training: 0.5 would be no bias
 * @param novelty the mean of −log2 of an item's share of the training clicks (T. Zhou and others,
 *     PNAS 2010), in bits; an item never clicked counts as clicked once
 */
public record BeyondAccuracy(
    int cutoff, double coverage, double gini, double popularity, double novelty) {

  /**
   * Of the lists of an evaluation.
   *
   * @param counts of training
   * @throws IllegalArgumentException when fewer items than the cutoff were kept
   */
  public static BeyondAccuracy of(Ranks ranks, int cutoff, Ties ties, ItemCounts counts) {
    if (cutoff > ranks.depth()) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT, "the first %d items are needed, but %d were kept", cutoff, ranks.depth()));
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
    double[] lessClicked = lessClicked(clicked);
    double clicks = Math.max(1, counts.total());
    long places = 0;
    int covered = 0;
    double popularity = 0;
    double novelty = 0;
    for (int row = 1; row <= items; row++) {
      long times = recommended[row];
      places += times;
      covered += times > 0 ? 1 : 0;
      popularity += times * lessClicked[row];
      novelty -= times * Math.log(Math.max(1, clicked[row]) / clicks) / Math.log(2);
    }
    return new BeyondAccuracy(
        cutoff,
        (double) covered / items,
        gini(recommended, places),
        popularity / places,
        novelty / places);
  }

  /** By row: the share of the other items that were clicked less often, of equals half. */
  private static double[] lessClicked(long[] clicked) {
    long[] sorted = Arrays.copyOfRange(clicked, 1, clicked.length);
    Arrays.sort(sorted);
    double[] shares = new double[clicked.length];
    for (int row = 1; row < clicked.length; row++) {
      int below = firstAtLeast(sorted, clicked[row]);
      int upTo = firstAtLeast(sorted, clicked[row] + 1);
      shares[row] =
          sorted.length == 1 ? 0.5 : (below + (upTo - 1 - below) / 2.0) / (sorted.length - 1);
    }
    return shares;
  }

  private static int firstAtLeast(long[] sorted, long value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double gini(long[] recommended, long places) {
    long[] sorted = Arrays.copyOfRange(recommended, 1, recommended.length);
    Arrays.sort(sorted);
    double weighted = 0;
    for (int i = 0; i < sorted.length; i++) {
      weighted += (2.0 * (i + 1) - sorted.length - 1) * sorted[i];
    }
    return weighted / ((double) sorted.length * places);
  }
}
