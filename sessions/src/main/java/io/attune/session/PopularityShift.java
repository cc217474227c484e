package io.attune.session;

import java.util.Arrays;

/**
 * How much of the demand in the newest sessions is for other items than before: the total variation
 * distance between the shares of clicks of the items in the newest tenth of the sessions and in the
 * others, less that of another tenth, evenly spread over the log, which only chance sets apart. Of
 * histories it is the newest tenth of the clicks, since sessions that end together begin at any
 * time.
 */
final class PopularityShift {
  private static final int PARTS = 10;

  private PopularityShift() {}

  /**
   * The shift in these sessions.
   *
   * @return from 0 to 1; 0 for fewer than ten sessions
   */
  static double of(Sessions sessions) {
    int tenth = sessions.size() / PARTS;
    if (tenth == 0) {
      return 0;
    }
    int[] spread = new int[tenth];
    Arrays.setAll(spread, i -> i * PARTS);
    long[] all = counts(sessions);
    double shift = distance(all, counts(Split.recent(sessions, tenth)))
        - distance(all, counts(sessions.select(spread)));
    return Math.max(0, shift);
  }

  /** Between a part and what the part leaves of all. */
  private static double distance(long[] all, long[] part) {
    double partial = Arrays.stream(part).sum();
    double rest = Arrays.stream(all).sum() - partial;
    double distance = 0;
    for (int row = 1; row < all.length && partial > 0 && rest > 0; row++) {
      distance += Math.abs(part[row] / partial - (all[row] - part[row]) / rest);
    }
    return distance / 2;
  }

  private static long[] counts(Sessions sessions) {
    long[] counts = new long[sessions.vocabulary().size() + 1];
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        counts[sessions.item(click)]++;
      }
    }
    counts[Vocabulary.UNKNOWN] = 0;
    return counts;
  }
}
