package io.attune.model;

import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * The time between two clicks in buckets that double: less than a second, one second, two to three,
 * four to seven, and so on. Both ends are clicks, so a bucket stays what it is when more follow.
 */
public final class TimeGaps {
  /** How many buckets there are; the last begins at 194 days. */
  public static final int BUCKETS = 26;

  /** The bucket of a gap that is not known, behind the others. */
  public static final int UNKNOWN = BUCKETS;

  private TimeGaps() {}

  /** So many clicks without times. */
  public static long[] noTimes(int clicks) {
    long[] times = new long[clicks];
    Arrays.fill(times, Sessions.NO_TIME);
    return times;
  }

  /**
   * The bucket of a gap.
   *
   * @param earlier milliseconds, or {@link Sessions#NO_TIME}
   * @param later milliseconds; before {@code earlier} it counts as the same time
   */
  public static int bucket(long earlier, long later) {
    if (earlier == Sessions.NO_TIME || later == Sessions.NO_TIME) {
      return UNKNOWN;
    }
    long seconds = Math.max(0, later - earlier) / 1000;
    return Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(seconds));
  }
}
