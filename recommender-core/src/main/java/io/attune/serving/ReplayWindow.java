package io.attune.serving;

import io.attune.session.Sessions;
import java.util.Arrays;

/**
 * The most recent clicks of a session that have a time, used to recognise clicks that are delivered
 * twice. Not thread-safe.
 */
final class ReplayWindow {
  /** The number of clicks remembered. */
  static final int SIZE = 32;

  private static final int INITIAL_SIZE = 4;

  private int[] rows = {};
  private long[] times = {};
  private int count; // of clicks so far, including forgotten ones

  /** Whether a click on the same item at the same time is remembered. */
  boolean contains(int row, long time) {
    for (int i = 0; i < Math.min(count, rows.length) && time != Sessions.NO_TIME; i++) {
      if (rows[i] == row && times[i] == time) {
        return true;
      }
    }
    return false;
  }

  /** Remembers a click if it has a time. */
  void add(int row, long time) {
    if (time == Sessions.NO_TIME) {
      return;
    }
    if (count >= rows.length && rows.length < SIZE) {
      int length = Math.clamp(2L * rows.length, INITIAL_SIZE, SIZE);
      rows = Arrays.copyOf(rows, length);
      times = Arrays.copyOf(times, length);
    }
    rows[count % SIZE] = row;
    times[count % SIZE] = time;
    count++;
  }

  /** The memory that it takes, in bytes. */
  int bytes() {
    return 64 + 12 * rows.length;
  }
}
