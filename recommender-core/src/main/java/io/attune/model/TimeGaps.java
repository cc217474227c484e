package io.attune.model;

import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * Logarithmic buckets of the time between two clicks: below 1 s, 1 s, 2 to 3 s, 4 to 7 s, and so
 * on. A bucket depends only on its two clicks, so it does not change when more follow.
 *
 * <p>Internal: shared by both implementations of the Transformer.
 */
public final class TimeGaps {
  /** The number of buckets; the last one starts at 194 days. */
  public static final int BUCKETS = 26;

  /** The bucket of an unknown gap, after the others. */
  public static final int UNKNOWN = BUCKETS;

  private TimeGaps() {}

  /** Returns the times of clicks without times. */
  public static long[] noTimes(int clicks) {
    long[] times = new long[clicks];
    Arrays.fill(times, Sessions.NO_TIME);
    return times;
  }

  /**
   * The bucket of a gap.
   *
   * @param earlier milliseconds, or {@link Sessions#NO_TIME}
   * @param later milliseconds; if it is before {@code earlier}, the gap counts as zero
   */
  public static int bucket(long earlier, long later) {
    if (earlier == Sessions.NO_TIME || later == Sessions.NO_TIME) {
      return UNKNOWN;
    }
    long seconds = Math.max(0, later - earlier) / 1000;
    return Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(seconds));
  }
}
