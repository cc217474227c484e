package io.attune.vector;

import java.util.function.BiFunction;
import java.util.function.IntPredicate;

/**
 * The best of the rows offered so far: a heap of bounded size, its root the worst. Of equal scores
 * the lower row is better, in whatever order they come. For one thread at a time.
 */
public final class TopK {
  private final int[] rows;
  private final float[] scores;
  private int size;

  /**
   * An empty one.
   *
   * @param limit the most rows to keep
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
   * @param candidate which rows are candidates; asked only of rows that would be among the best
   * @throws ArithmeticException when a score is not a number
   */
  public void offer(int from, float[] offered, int count, IntPredicate candidate) {
    offer(from, offered, 0, count, candidate);
  }

  /** The same with scores that start at a place of the array. */
  public void offer(int from, float[] offered, int start, int count, IntPredicate candidate) {
    if (rows.length == 0) {
      return;
    }
    int i = 0;
    while (i < count && size < rows.length) {
      offer(from + i, offered[start + i++], candidate);
    }
    while (i < count) {
      float worst = scores[0];
      while (i < count && offered[start + i] < worst) {
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
   * @throws ArithmeticException when its score is not a number
   */
  public void offer(int row, float score) {
    if (rows.length > 0) {
      offer(row, score, each -> true);
    }
  }

  private void offer(int row, float score, IntPredicate candidate) {
    if (Float.isNaN(score)) {
      throw new NotFiniteException("the score of row " + row + " is not a number (NaN)");
    }
    boolean full = size == rows.length;
    if ((full && isWorse(row, score, 0)) || !candidate.test(row)) {
      return;
    }
    if (full) {
      down(row, score, size);
    } else {
      up(size++, row, score);
    }
  }

  /**
   * The score that a row must reach to be among the best; negative infinity while there is room.
   */
  public float worst() {
    return size < rows.length || size == 0 ? Float.NEGATIVE_INFINITY : scores[0];
  }

  /**
   * Empties this, and returns what was in it, best first.
   *
   * @param make makes the result of rows and scores
   */
  public <T> T sorted(BiFunction<int[], float[], T> make) {
    int[] sortedRows = new int[size];
    float[] sortedScores = new float[size];
    while (size > 0) {
      int last = --size;
      sortedRows[last] = rows[0];
      sortedScores[last] = scores[0];
      down(rows[size], scores[size], size);
    }
    return make.apply(sortedRows, sortedScores);
  }

  private void up(int place, int row, float score) {
    int at = place;
    while (at > 0 && isWorse(row, score, (at - 1) / 2)) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    rows[at] = row;
    scores[at] = score;
  }

  /** Puts an entry in the place of the root of a heap of {@code end} entries. */
  private void down(int row, float score, int end) {
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
