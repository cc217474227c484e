package io.attune.serving;

import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * The last clicks of a session that have a time, by which a click that is delivered twice is known.
 * Not for use by several threads at once.
 */
final class RecentClicks {
  /** So many are remembered. */
  static final int KEPT = 32;

  private static final int FIRST = 4;

  private int[] rows = {};
  private long[] times = {};
  private int count; // of all so far

  /** Whether this is one of them: the same item at the same time. */
  boolean contains(int row, long time) {
    for (int i = 0; i < Math.min(count, rows.length) && time != Sessions.NO_TIME; i++) {
      if (rows[i] == row && times[i] == time) {
        return true;
      }
    }
    return false;
  }

  /** Remembers a click, if it has a time. */
  void add(int row, long time) {
    if (time == Sessions.NO_TIME) {
      return;
    }
    if (count >= rows.length && rows.length < KEPT) {
      int length = Math.clamp(2L * rows.length, FIRST, KEPT);
      rows = Arrays.copyOf(rows, length);
      times = Arrays.copyOf(times, length);
    }
    rows[count % KEPT] = row;
    times[count % KEPT] = time;
    count++;
  }

  /** How much memory it takes, in bytes. */
  int bytes() {
    return 64 + 12 * rows.length;
  }
}
