package io.attune.vector;

/**
 * Partial selection of the largest of many numbers.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class QuickSelect {
  private QuickSelect() {}

  /**
   * Packs a positive score and a number into one value, ordered by score, then by number.
   *
   * @param score positive
   * @param number not negative
   */
  public static long pack(float score, int number) {
    return ((long) Float.floatToRawIntBits(score) << 32) | number;
  }

  /** The score of a packed value. */
  public static float score(long packed) {
    return Float.intBitsToFloat((int) (packed >>> 32));
  }

  /** The number of a packed value. */
  public static int number(long packed) {
    return (int) packed;
  }

  /**
   * Moves the largest values to the front, in no particular order (quickselect: Hoare 1961,
   * "Algorithm 65: Find").
   *
   * @param values the first {@code size} of them are rearranged
   * @param count how many values to move to the front
   */
  public static void selectLargest(long[] values, int size, int count) {
    int low = 0;
    int high = size - 1;
    while (low < high && count > 0 && count < size) {
      long pivot = median(values[low], values[(low + high) >>> 1], values[high]);
      int left = low;
      int right = high;
      while (left <= right) {
        while (values[left] > pivot) {
          left++;
        }
        while (values[right] < pivot) {
          right--;
        }
        if (left <= right) {
          long value = values[left];
          values[left++] = values[right];
          values[right--] = value;
        }
      }
      // Now low..right hold values ≥ pivot, and left..high values ≤ pivot.
      if (count - 1 <= right) {
        high = right;
      } else if (count - 1 >= left) {
        low = left;
      } else {
        return;
      }
    }
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
