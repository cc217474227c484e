package io.attune.lucene;

import java.util.Arrays;

/**
 * Places with keys to sort them by, as longs: the key in the upper half, the place in the lower.
 */
final class KeyedPlaces {
  private static final int FEW = 96; // fewer are sorted faster by comparing
  private static final int DIGIT = 11; // bits: their counters stay in the first-level cache

  private KeyedPlaces() {}

  static long of(int key, int place) {
    return ((long) key << 32) | place;
  }

  static int key(long keyed) {
    return (int) (keyed >>> 32);
  }

  static int place(long keyed) {
    return (int) keyed;
  }

  /** A key that sorts by falling score. */
  static int falling(float score) {
    int bits = Float.floatToIntBits(score);
    return ~(bits ^ ((bits >> 31) & 0x7fffffff));
  }

  /**
   * Sorts by rising key, digit by digit from the last: a thousand take a fourth of the time of a
   * sort by comparisons, which would mispredict every other one.
   *
   * @param keyed with places that rise; those of equal keys still do afterwards
   */
  static void sort(long[] keyed) {
    if (keyed.length < FEW) {
      Arrays.sort(keyed);
      return;
    }
    long differing = 0;
    for (long one : keyed) {
      differing |= one ^ keyed[0];
    }
    int bits = 32 - Integer.numberOfLeadingZeros(key(differing));
    int digits = Math.ceilDiv(bits, DIGIT);
    int width = digits == 0 ? 0 : Math.ceilDiv(bits, digits);
    int[] starts = new int[1 << width];
    long[] from = keyed;
    long[] to = new long[keyed.length];
    for (int digit = 0; digit < digits; digit++) {
      pass(from, to, 32 + digit * width, starts);
      long[] sorted = to;
      to = from;
      from = sorted;
    }
    if (digits % 2 == 1) {
      System.arraycopy(from, 0, keyed, 0, keyed.length);
    }
  }

  private static void pass(long[] from, long[] to, int shift, int[] starts) {
    int mask = starts.length - 1;
    Arrays.fill(starts, 0);
    for (long one : from) {
      starts[digit(one, shift, mask)]++;
    }
    int start = 0;
    for (int i = 0; i < starts.length; i++) {
      int count = starts[i];
      starts[i] = start;
      start += count;
    }
    for (long one : from) {
      to[starts[digit(one, shift, mask)]++] = one;
    }
  }

  private static int digit(long keyed, int shift, int mask) {
    // Negative keys before positive ones.
    return (int) ((keyed ^ Long.MIN_VALUE) >>> shift) & mask;
  }
}
