package io.attune.vector;

import java.util.function.BiFunction;
import java.util.function.IntPredicate;

/**
 * The K best rows offered so far: a bounded heap whose root is the worst of them.
 *
 * <p>Ties are broken in favour of the lower row, in whatever order rows are offered. Not
 * thread-safe.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class TopK {
  private final int[] rows;
  private final float[] scores;
  private int size;

  /**
   * Creates an empty heap.
   *
   * @param limit K, the maximum number of rows to keep
   */
  public TopK(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("the count must be at least 0, not " + limit);
    }
    rows = new int[limit];
    scores = new float[limit];
  }

  /**
   * Offers the rows {@code from} to {@code from + count − 1}.
   *
   * @param offered their scores
   * @param candidate selects the candidate rows; called only for rows that would enter the result
   * @throws ArithmeticException if a score is NaN
   */
  public void offer(int from, float[] offered, int count, IntPredicate candidate) {
    offer(from, offered, 0, count, candidate);
  }

  /**
   * Like {@link #offer(int, float[], int, IntPredicate)}, with scores that start at an offset of
   * the array.
   */
  public void offer(int from, float[] offered, int start, int count, IntPredicate candidate) {
    if (rows.length == 0) {
      return;
    }
    int i = 0;
    while (i < count && size < rows.length) {
      offer(from + i, offered[start + i++], candidate);
    }
    while (i < count) {
      float threshold = scores[0];
      while (i < count && offered[start + i] < threshold) {
        i++;
      }
      if (i < count) {
        offer(from + i, offered[start + i++], candidate);
      }
    }
  }

  /**
   * Offers one row.
   *
   * @throws ArithmeticException if its score is NaN
   */
  public void offer(int row, float score) {
    offer(row, score, each -> true);
  }

  /**
   * Offers one row.
   *
   * @param candidate tells whether it is a candidate; called only if it would enter the result
   * @throws ArithmeticException if its score is NaN
   */
  void offer(int row, float score, IntPredicate candidate) {
    if (rows.length == 0) {
      return;
    }
    if (Float.isNaN(score)) {
      throw new NotFiniteException("the score of row " + row + " is not a number (NaN)");
    }
    boolean full = size == rows.length;
    if ((full && isWorse(row, score, 0)) || !candidate.test(row)) {
      return;
    }
    if (full) {
      siftDown(row, score, size);
    } else {
      siftUp(size++, row, score);
    }
  }

  /**
   * The score that a row must reach to enter the result; negative infinity while fewer than K rows
   * are kept.
   */
  public float threshold() {
    return size < rows.length || size == 0 ? Float.NEGATIVE_INFINITY : scores[0];
  }

  /**
   * Empties the heap and returns its rows by descending score, ties by ascending row.
   *
   * @param make creates the result from rows and scores
   */
  public <T> T sorted(BiFunction<int[], float[], T> make) {
    int[] sortedRows = new int[size];
    float[] sortedScores = new float[size];
    while (size > 0) {
      int last = --size;
      sortedRows[last] = rows[0];
      sortedScores[last] = scores[0];
      siftDown(rows[size], scores[size], size);
    }
    return make.apply(sortedRows, sortedScores);
  }

  private void siftUp(int place, int row, float score) {
    int at = place;
    while (at > 0 && isWorse(row, score, (at - 1) / 2)) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    rows[at] = row;
    scores[at] = score;
  }

  /** Replaces the root of a heap of {@code end} entries. */
  private void siftDown(int row, float score, int end) {
    int at = 0;
    for (int child = 1; child < end; child = 2 * at + 1) {
      if (child + 1 < end && isWorse(rows[child + 1], scores[child + 1], child)) {
        child++;
      }
      if (isWorse(row, score, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    rows[at] = row;
    scores[at] = score;
  }

  private boolean isWorse(int row, float score, int than) {
    return score < scores[than] || (score == scores[than] && row > rows[than]);
  }

  private void move(int from, int to) {
    rows[to] = rows[from];
    scores[to] = scores[from];
  }
}
