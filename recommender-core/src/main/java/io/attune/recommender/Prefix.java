package io.attune.recommender;

import io.attune.session.Sessions;

/**
 * The first clicks of a session, after which the next item is recommended.
 *
 * <p>Prefixes of one session share its arrays, so a recommender may encode the session once. It
 * reads nothing beyond {@code length}.
 *
 * @param clicks item rows of the session, oldest first, none of them 0
 * @param times time of each click in milliseconds; empty if times are unknown
 * @param length number of clicks before the recommendation; 0 if nothing is known of the session
 */
public record Prefix(int[] clicks, long[] times, int length) {
  private static final long[] NO_TIMES = {};

  public Prefix {
    if (length < 0 || length > clicks.length) {
      throw new IllegalArgumentException(
          "length must be from 0 to " + clicks.length + ", not " + length);
    }
    if (times.length > 0 && times.length < clicks.length) {
      throw new IllegalArgumentException(
          "there must be a time for each of " + clicks.length + " clicks, not " + times.length);
    }
  }

  /** A prefix of clicks without times. */
  public Prefix(int[] clicks, int length) {
    this(clicks, NO_TIMES, length);
  }

  /** The time of a click in milliseconds, or {@link Sessions#NO_TIME}. */
  public long time(int click) {
    return times.length == 0 ? Sessions.NO_TIME : times[click];
  }

  /** Whether the prefix has a click on the item of this row. */
  public boolean contains(int row) {
    for (int i = 0; i < length; i++) {
      if (clicks[i] == row) {
        return true;
      }
    }
    return false;
  }
}
