package io.attune.recommender;

import io.attune.session.Sessions;

/**
 * The first clicks of a session, after which the next item is to be recommended.
 *
 * <p>Prefixes of one session share its array, so that a recommender may encode the session once; it
 * reads nothing beyond {@code length}.
 *
 * @param clicks item rows of the session, oldest first, none of them 0
 * @param times when each of them was made, in milliseconds; empty where that is not known
 * @param length how many of them have been made; 0 where nothing is known of the session
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

  /** Clicks of which it is not known when they were made. */
  public Prefix(int[] clicks, int length) {
    this(clicks, NO_TIMES, length);
  }

  /** When a click was made, in milliseconds; {@link Sessions#NO_TIME} where that is not known. */
  public long time(int click) {
    return times.length == 0 ? Sessions.NO_TIME : times[click];
  }

  /** Whether the item of this row is among the clicks made. */
  public boolean contains(int row) {
    for (int i = 0; i < length; i++) {
      if (clicks[i] == row) {
        return true;
      }
    }
    return false;
  }
}
