package io.attune.lucene;

import java.util.Arrays;

/**
 * Places with keys to sort them by, as longs: the key in the upper half, the place in the lower.
 */
final class RadixSort {
  private static final int FEW = 96; // fewer are sorted faster by comparing
  private static final int DIGIT = 11; // bits: their counters stay in the first-level cache
  private static final int COARSE = 1 << 10;
  private static final int STEPS = (1 << 18) - 1; // a key in steps has two short digits
  private static final int MOVES = 4; // of each, on average, before digits are the faster way

  private RadixSort() {}

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

  /** The score of a key. */
  private static float score(int falling) {
    int key = ~falling;
    return Float.intBitsToFloat(key ^ ((key >> 31) & 0x7fffffff));
  }

  /**
   * The places of the highest scores, the highest first; of equal scores the lower place first.
   *
   * @param scores none of which is NaN
   * @param count the most to return
   */
  static long[] byFalling(float[] scores, int count) {
    int first = Integer.MAX_VALUE; // keys, since the extremes of floats take longer to find
    int last = Integer.MIN_VALUE;
    for (float score : scores) {
      int key = falling(score);
      first = Math.min(first, key);
      last = Math.max(last, key);
    }
    float high = score(first);
    float range = high - score(last);
    boolean even = range >= Float.MIN_NORMAL * STEPS && range < Float.MAX_VALUE;
    long[] keyed;
    if (scores.length < FEW || !even) {
      keyed = new long[scores.length];
      for (int i = 0; i < keyed.length; i++) {
        keyed[i] = of(falling(scores[i]), i);
      }
      sort(keyed);
    } else if (count < scores.length / 2) {
      keyed = best(scores, count, high, COARSE / range);
    } else {
      keyed = all(scores, high, STEPS / range);
    }
    return keyed.length > count ? Arrays.copyOf(keyed, count) : keyed;
  }

  /** Only those that are not lower, in coarse steps, than the last one wanted. */
  private static long[] best(float[] scores, int count, float high, float perStep) {
    int[] counts = new int[COARSE + 2];
    for (float score : scores) {
      counts[(int) ((high - score) * perStep)]++;
    }
    int kept = 0;
    int limit = 0;
    while (kept < count) {
      kept += counts[limit++];
    }
    long[] keyed = new long[kept + 1]; // one more for what is written and not kept
    int at = 0;
    for (int i = 0; i < scores.length; i++) {
      keyed[at] = of(falling(scores[i]), i);
      at += (int) ((high - scores[i]) * perStep) < limit ? 1 : 0;
    }
    keyed = Arrays.copyOf(keyed, kept);
    sort(keyed);
    return keyed;
  }

  /**
   * All of them, sorted first by how far they lie below the highest, in steps so coarse that two
   * short digits tell them apart. What that leaves to do is next to nothing, unless some scores are
   * far from all others.
   */
  private static long[] all(float[] scores, float high, float perStep) {
    long[] keyed = new long[scores.length];
    for (int i = 0; i < keyed.length; i++) {
      keyed[i] = of((int) ((high - scores[i]) * perStep), i);
    }
    digits(keyed);
    for (int i = 0; i < keyed.length; i++) {
      int place = place(keyed[i]);
      keyed[i] = of(falling(scores[place]), place);
    }
    if (!settle(keyed)) {
      digits(keyed);
    }
    return keyed;
  }

  /**
   * Sorts by rising key.
   *
   * @param keyed with places that rise; those of equal keys still do afterwards
   */
  static void sort(long[] keyed) {
    if (keyed.length < FEW) {
      Arrays.sort(keyed);
    } else {
      digits(keyed);
    }
  }

  /**
   * Sorts by rising key, digit by digit from the last: a thousand take a fifth of the time of a
   * sort by comparisons, which would mispredict every other one.
   */
  private static void digits(long[] keyed) {
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
    addUp(starts);
    for (long one : from) {
      to[starts[digit(one, shift, mask)]++] = one;
    }
  }

  /** Turns counts into the sums of those before. */
  private static void addUp(int[] counts) {
    int sum = 0;
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i];
      counts[i] = sum;
      sum += count;
    }
  }

  private static int digit(long keyed, int shift, int mask) {
    // Negative keys before positive ones.
    return (int) ((keyed ^ Long.MIN_VALUE) >>> shift) & mask;
  }

  /**
   * Sorts what is nearly sorted.
   *
   * @return whether it is done; if not, equal keys are still in the order of their places
   */
  private static boolean settle(long[] keyed) {
    int moves = MOVES * keyed.length;
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
