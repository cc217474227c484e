package io.attune.recommender;

import io.attune.vector.NotFiniteException;
import io.attune.vector.QuickSelect;
import java.util.Arrays;

/**
 * Scores of which only a few are not zero: an array of all items, and the list of those scored.
 * Clearing and reading cost as much as there are scored items. For one thread at a time.
 */
public final class SparseScores {
  private final float[] values; // (V + 1), zero where not scored
  private int[] rows = new int[256];
  private int size;
  private long[] packed = new long[256];

  /**
   * All zero.
   *
   * @param items V
   */
  public SparseScores(int items) {
    this.values = new float[items + 1];
  }

  /**
   * Adds to an item's score.
   *
   * @param row from 1 to V
   * @param score not negative; 0 changes nothing
   * @throws ArithmeticException when it is negative or not a number
   */
  public void add(int row, float score) {
    if (!(score > 0)) {
      requireZero(score);
      return;
    }
    float before = values[row];
    if (before == 0) {
      if (size == rows.length) {
        rows = Arrays.copyOf(rows, 2 * size);
      }
      rows[size++] = row;
    }
    values[row] = before + score;
  }

  private static void requireZero(float score) {
    if (score != 0) {
      throw new NotFiniteException("a sparse score must be 0 or more, not " + score);
    }
  }

  /** The score of an item. */
  public float get(int row) {
    return values[row];
  }

  /** How many items have a score above zero. */
  public int size() {
    return size;
  }

  /** The row of the {@code i}-th scored item, in the order in which they were first scored. */
  public int row(int i) {
    return rows[i];
  }

  /** Makes a row's score zero again; the row stays in the list. */
  void exclude(int row) {
    values[row] = 0;
  }

  /** Makes all scores zero again. */
  public void clear() {
    for (int i = 0; i < size; i++) {
      values[rows[i]] = 0;
    }
    size = 0;
  }

  /** How many scored items have at least this score, which is above zero. */
  int atLeast(float score) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += values[rows[i]] >= score ? 1 : 0;
    }
    return count;
  }

  /** How many scored items have more than this score, which is 0 or above. */
  int above(float score) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += values[rows[i]] > score ? 1 : 0;
    }
    return count;
  }

  /**
   * The rows of the best scored items.
   *
   * @param count the most to return
   * @return best first, of equal scores the lower row first; those of score zero are not among them
   */
  public int[] top(int count) {
    if (packed.length < size) {
      packed = new long[rows.length];
    }
    int scored = 0;
    for (int i = 0; i < size; i++) {
      if (values[rows[i]] > 0) {
        packed[scored++] = QuickSelect.pack(values[rows[i]], Integer.MAX_VALUE - rows[i]);
      }
    }
    int length = Math.min(count, scored);
    QuickSelect.largestFirst(packed, scored, length);
    Arrays.sort(packed, 0, length);
    int[] best = new int[length];
    for (int i = 0; i < length; i++) {
      best[i] = Integer.MAX_VALUE - QuickSelect.number(packed[length - 1 - i]);
    }
    return best;
  }
}
