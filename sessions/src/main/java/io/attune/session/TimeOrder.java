package io.attune.session;

import java.util.Arrays;

/** A stable sort of the clicks of each session by time. */
final class TimeOrder {
  private static final int MAX_INSERTION_SORT = 24;

  private final IntColumn items;
  private final LongColumn times;

  TimeOrder(IntColumn items, LongColumn times) {
    this.items = items;
    this.times = times;
  }

  void sort(int[] starts) {
    for (int session = 0; session + 1 < starts.length; session++) {
      int from = starts[session];
      int to = starts[session + 1];
      if (ordered(from, to)) {
        continue;
      }
      if (to - from <= MAX_INSERTION_SORT) {
        insertionSort(from, to);
      } else {
        sort(from, to);
      }
    }
  }

  private boolean ordered(int from, int to) {
    for (int click = from + 1; click < to; click++) {
      if (times.get(click) < times.get(click - 1)) {
        return false;
      }
    }
    return true;
  }

  private void insertionSort(int from, int to) {
    for (int click = from + 1; click < to; click++) {
      long time = times.get(click);
      int item = items.get(click);
      int at = click;
      while (at > from && times.get(at - 1) > time) {
        times.set(at, times.get(at - 1));
        items.set(at, items.get(at - 1));
        at--;
      }
      times.set(at, time);
      items.set(at, item);
    }
  }

  /**
   * Sorts one long per click, with the time since the earliest in the upper bits and the position
   * in the lower, so that the sort is stable. Only times too far apart for that, by thousands of
   * years, are sorted as objects.
   */
  private void sort(int from, int to) {
    int count = to - from;
    long[] time = new long[count];
    int[] item = new int[count];
    long earliest = Long.MAX_VALUE;
    long latest = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      time[i] = times.get(from + i);
      item[i] = items.get(from + i);
      earliest = Math.min(earliest, time[i]);
      latest = Math.max(latest, time[i]);
    }
    int bits = 32 - Integer.numberOfLeadingZeros(count - 1);
    long span = latest - earliest;
    int[] order = new int[count];
    if (span >= 0 && span < 1L << (63 - bits)) {
      long[] packed = new long[count];
      for (int i = 0; i < count; i++) {
        packed[i] = ((time[i] - earliest) << bits) | i;
      }
      Arrays.sort(packed);
      for (int i = 0; i < count; i++) {
        order[i] = (int) (packed[i] & ((1L << bits) - 1));
      }
    } else {
      Integer[] positions = new Integer[count];
      Arrays.setAll(positions, i -> i);
      Arrays.sort(positions, (a, b) -> Long.compare(time[a], time[b]));
      Arrays.setAll(order, i -> positions[i]);
    }
    for (int i = 0; i < count; i++) {
      times.set(from + i, time[order[i]]);
      items.set(from + i, item[order[i]]);
    }
  }
}
