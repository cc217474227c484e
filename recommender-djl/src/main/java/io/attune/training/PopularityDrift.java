package io.attune.training;

import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.util.Arrays;

/** How much more or less popular an item is today than over the whole log. */
final class PopularityDrift {
  // Chosen, like the weight, on the validation part of one shop's log.
  private static final double LATE = 0.15; // share of the sessions, those that end last
  private static final double SMOOTHING = 0.5; // clicks added to those found and expected

  private PopularityDrift() {}

  /**
   * The correction to each item's score: a multiple of the logarithm of its popularity today over
   * that in the whole log.
   *
   * @param sessions what is trained on
   * @param all (V): the clicks of each item in what the weights are learned from, row 1 first
   * @param count number of the sessions that the weights are learned from, at least that of
   *     {@code sessions}
   * @return (V + 1), by row
   * @throws IllegalArgumentException when a forecast needs times and the clicks have none
   */
  static float[] of(Sessions sessions, long[] all, int count, TrainingConfig training) {
    return switch (training.driftEstimate()) {
      case RECENT -> recent(sessions, all, count, training.popularityDrift());
      case FORECAST -> forecast(sessions, all, training.popularityDrift());
    };
  }

  /** By the clicks that are forecast, in all as many as there were. */
  private static float[] forecast(Sessions sessions, long[] all, double weight) {
    if (!sessions.hasTimes()) {
      throw new IllegalArgumentException(
          "driftEstimate must be recent, since the clicks have no times");
    }
    double[] logarithms = new PopularityForecast(sessions).logarithms();
    double clicks = Arrays.stream(all).sum();
    double sum = Arrays.stream(logarithms, 1, logarithms.length).map(Math::exp).sum();
    float[] drift = new float[all.length + 1];
    for (int row = 1; row < drift.length; row++) {
      double expected = Math.exp(logarithms[row]) / sum * clicks;
      drift[row] = (float) (weight * Math.log((expected + SMOOTHING) / (all[row - 1] + SMOOTHING)));
    }
    return drift;
  }

  /** By the recent clicks over the number expected from the item's share of all clicks. */
  private static float[] recent(Sessions sessions, long[] all, int count, double weight) {
    int newest = (int) Math.min(sessions.size(), Math.ceil(LATE * count));
    long[] late = Popularity.counts(Split.recent(sessions, newest));
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
