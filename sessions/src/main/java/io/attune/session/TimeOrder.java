package io.attune.session;

import java.util.Arrays;

/** Orders the clicks of each session by time, keeping the order of those with the same time. */
final class TimeOrder {
  private static final int SHORT = 24;

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
      if (to - from <= SHORT) {
        insert(from, to);
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

  private void insert(int from, int to) {
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
   * Sorts one long per click, the time since the earliest in the upper bits and the place in the
   * lower, so that equal times keep their order. Only times that lie too far apart for that
   * (thousands of years) go through objects.
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
      Integer[] places = new Integer[count];
      Arrays.setAll(places, i -> i);
      Arrays.sort(places, (a, b) -> Long.compare(time[a], time[b]));
      Arrays.setAll(order, i -> places[i]);
    }
    for (int i = 0; i < count; i++) {
      times.set(from + i, time[order[i]]);
      items.set(from + i, item[order[i]]);
    }
  }
}
