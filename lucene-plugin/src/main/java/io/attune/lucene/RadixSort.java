package io.attune.lucene;

import java.util.Arrays;

/** A radix sort of packed longs: a 32-bit key in the upper half, an index in the lower. */
final class RadixSort {
  private static final int MIN_LENGTH = 96; // shorter arrays are sorted faster by comparisons
  private static final int DIGIT_BITS = 11; // the counters stay in the L1 cache
  private static final int COARSE_STEPS = 1 << 10;
  private static final int FINE_STEPS = (1 << 18) - 1; // a quantized score has two short digits
  private static final int MAX_MOVES = 4; // per element, before a radix sort is faster

  private RadixSort() {}

  static long pack(int key, int index) {
    return ((long) key << 32) | index;
  }

  static int key(long keyed) {
    return (int) (keyed >>> 32);
  }

  static int index(long keyed) {
    return (int) keyed;
  }

  /** A key that sorts by descending score. */
  static int descendingKey(float score) {
    int bits = Float.floatToIntBits(score);
    return ~(bits ^ ((bits >> 31) & 0x7fffffff));
  }

  /** The score of a key. */
  private static float score(int descendingKey) {
    int key = ~descendingKey;
    return Float.intBitsToFloat(key ^ ((key >> 31) & 0x7fffffff));
  }

  /**
   * Returns the packed indexes of the highest scores in descending order, ties by ascending index.
   *
   * @param scores must not contain NaN
   * @param count maximum number of results
   */
  static long[] sortDescending(float[] scores, int count) {
    int first = Integer.MAX_VALUE; // keys: minimum and maximum of floats are slower to compute
    int last = Integer.MIN_VALUE;
    for (float score : scores) {
      int key = descendingKey(score);
      first = Math.min(first, key);
      last = Math.max(last, key);
    }
    float high = score(first);
    float range = high - score(last);
    boolean even = range >= Float.MIN_NORMAL * FINE_STEPS && range < Float.MAX_VALUE;
    long[] keyed;
    if (scores.length < MIN_LENGTH || !even) {
      keyed = new long[scores.length];
      for (int i = 0; i < keyed.length; i++) {
        keyed[i] = pack(descendingKey(scores[i]), i);
      }
      sort(keyed);
    } else if (count < scores.length / 2) {
      keyed = sortTop(scores, count, high, COARSE_STEPS / range);
    } else {
      keyed = sortAll(scores, high, FINE_STEPS / range);
    }
    return keyed.length > count ? Arrays.copyOf(keyed, count) : keyed;
  }

  /** Sorts only the scores that are not below the last one wanted, by quantized score. */
  private static long[] sortTop(float[] scores, int count, float high, float perStep) {
    int[] counts = new int[COARSE_STEPS + 2];
    for (float score : scores) {
      counts[(int) ((high - score) * perStep)]++;
    }
    int kept = 0;
    int limit = 0;
    while (kept < count) {
      kept += counts[limit++];
    }
    long[] keyed = new long[kept + 1]; // one extra slot for the last unconditional write
    int at = 0;
    for (int i = 0; i < scores.length; i++) {
      keyed[at] = pack(descendingKey(scores[i]), i);
      at += (int) ((high - scores[i]) * perStep) < limit ? 1 : 0;
    }
    keyed = Arrays.copyOf(keyed, kept);
    sort(keyed);
    return keyed;
  }

  /**
   * Sorts by quantized scores first, in steps so coarse that two short digits are enough. Little is
   * left to sort afterwards, unless there are extreme outliers.
   */
  private static long[] sortAll(float[] scores, float high, float perStep) {
    long[] keyed = new long[scores.length];
    for (int i = 0; i < keyed.length; i++) {
      keyed[i] = pack((int) ((high - scores[i]) * perStep), i);
    }
    sortByDigits(keyed);
    for (int i = 0; i < keyed.length; i++) {
      int index = index(keyed[i]);
      keyed[i] = pack(descendingKey(scores[index]), index);
    }
    if (!insertionSort(keyed)) {
      sortByDigits(keyed);
    }
    return keyed;
  }

  /**
   * Sorts by ascending key.
   *
   * @param keyed with ascending indexes; elements with equal keys keep their order
   */
  static void sort(long[] keyed) {
    if (keyed.length < MIN_LENGTH) {
      Arrays.sort(keyed);
    } else {
      sortByDigits(keyed);
    }
  }

  /**
   * LSD radix sort by ascending key. A thousand elements take a fifth of the time of a comparison
   * sort, which mispredicts every other branch.
   */
  private static void sortByDigits(long[] keyed) {
    long differing = 0;
    for (long one : keyed) {
      differing |= one ^ keyed[0];
    }
    int bits = 32 - Integer.numberOfLeadingZeros(key(differing));
    int digits = Math.ceilDiv(bits, DIGIT_BITS);
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
    prefixSums(starts);
    for (long one : from) {
      to[starts[digit(one, shift, mask)]++] = one;
    }
  }

  /** Replaces each count by the sum of those before it. */
  private static void prefixSums(int[] counts) {
    int sum = 0;
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i];
      counts[i] = sum;
      sum += count;
    }
  }

  private static int digit(long keyed, int shift, int mask) {
    // Flipping the sign bit sorts negative keys before positive ones.
    return (int) ((keyed ^ Long.MIN_VALUE) >>> shift) & mask;
  }

  /**
   * Insertion sort for nearly sorted input.
   *
   * @return false if it gave up after too many moves; equal keys are in order of their indexes even
   *     then
   */
  private static boolean insertionSort(long[] keyed) {
    int moves = MAX_MOVES * keyed.length;
    for (int i = 1; i < keyed.length; i++) {
      long one = keyed[i];
      int at = i;
      while (at > 0 && keyed[at - 1] > one) {
        keyed[at] = keyed[at - 1];
        at--;
      }
      keyed[at] = one;
      moves -= i - at;
      if (moves < 0) {
        return false;
      }
    }
    return true;
  }
}
