package io.attune.recommender;

import io.attune.vector.NotFiniteException;
import io.attune.vector.QuickSelect;
import java.util.Arrays;

/**
 * A sparse score vector: an array of all items and a list of those with a score.
 *
 * <p>Clearing and reading take time proportional to the number of scored items. Not thread-safe.
 */
public final class SparseScores {
  private final float[] values; // (V + 1), zero without a score
  private int[] rows = new int[256];
  private int size;
  private long[] packed = new long[256];

  /**
   * Creates a vector of zeros.
   *
   * @param items V
   */
  public SparseScores(int items) {
    this.values = new float[items + 1];
  }

  /**
   * Adds to the score of an item.
   *
   * @param row 1 to V
   * @param score 0 or more; 0 changes nothing
   * @throws ArithmeticException if the score is negative or NaN
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

  /** The number of items with a score above zero. */
  public int size() {
    return size;
  }

  /** The row of the {@code i}-th scored item, in the order in which items were first scored. */
  public int row(int i) {
    return rows[i];
  }

  /** Sets a score to zero; the row stays in the list. */
  void exclude(int row) {
    values[row] = 0;
  }

  /** Sets all scores to zero. */
  public void clear() {
    for (int i = 0; i < size; i++) {
      values[rows[i]] = 0;
    }
    size = 0;
  }

  /** The number of items with at least this score, which is above zero. */
  int countAtLeast(float score) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += values[rows[i]] >= score ? 1 : 0;
    }
    return count;
  }

  /** The number of items with more than this score, which is 0 or more. */
  int countAbove(float score) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += values[rows[i]] > score ? 1 : 0;
    }
    return count;
  }

  /**
   * Returns the rows of the highest-scoring items.
   *
   * @param count maximum number of rows to return
   * @return rows by descending score, ties by ascending row; items with score zero are not included
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
    QuickSelect.selectLargest(packed, scored, length);
    Arrays.sort(packed, 0, length);
    int[] best = new int[length];
    for (int i = 0; i < length; i++) {
      best[i] = Integer.MAX_VALUE - QuickSelect.number(packed[length - 1 - i]);
    }
    return best;
  }
}
