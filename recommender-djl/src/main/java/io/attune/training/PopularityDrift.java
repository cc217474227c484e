package io.attune.training;

import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.util.Arrays;

/** How much more or less an item has been clicked recently than over the whole log. */
final class PopularityDrift {
  // Chosen, like the weight, on the validation part of one shop's log.
  private static final double LATE = 0.15; // share of the sessions, those that end last
  private static final double SMOOTHING = 0.5; // clicks added to those found and expected

  private PopularityDrift() {}

  /**
   * The correction to each item's score: a multiple of the logarithm of its recent clicks over the
   * number expected from its share of all clicks.
   *
   * @param sessions what is trained on
   * @param all (V): the clicks of each item in them, row 1 first
   * @return (V + 1), by row
   */
  static float[] of(Sessions sessions, long[] all, double weight) {
    int[] newest = Split.newest(sessions, (int) Math.ceil(LATE * sessions.size()));
    long[] late = Popularity.counts(sessions.select(newest));
    double share = (double) Arrays.stream(late).sum() / Arrays.stream(all).sum();
    float[] drift = new float[all.length + 1];
    for (int row = 1; row < drift.length; row++) {
      double expected = share * all[row - 1];
      drift[row] =
          (float) (weight * Math.log((late[row - 1] + SMOOTHING) / (expected + SMOOTHING)));
    }
    return drift;
  }
}
