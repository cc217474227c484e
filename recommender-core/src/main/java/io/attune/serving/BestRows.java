package io.attune.serving;

import java.util.function.IntPredicate;

/**
 * The best of the rows offered so far: a heap of bounded size, its root the worst. Rows come in
 * rising order; of equal scores the earlier row stays.
 */
final class BestRows {
  private final int[] rows;
  private final float[] scores;
  private int size;

  /**
   * An empty one.
   *
   * @param limit the most rows to keep
   */
  BestRows(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("the count must be at least 0, not " + limit);
    }
    rows = new int[limit];
    scores = new float[limit];
  }

  /** Offers the rows {@code from} to {@code from + count − 1} with their scores. */
  void offer(int from, float[] offered, int count, IntPredicate candidate) {
    if (rows.length == 0) {
      return;
    }
    float worst = size < rows.length ? Float.NEGATIVE_INFINITY : scores[0];
    for (int i = 0; i < count; i++) {
      // Written so that a score which is not a number is looked at as well.
      if (!(offered[i] <= worst) || size < rows.length) {
        offer(from + i, offered[i], candidate);
        worst = size < rows.length ? Float.NEGATIVE_INFINITY : scores[0];
      }
    }
  }

  private void offer(int row, float score, IntPredicate candidate) {
    if (Float.isNaN(score)) {
      throw new ArithmeticException("the score of row " + row + " is not a number (NaN)");
    }
    if (!candidate.test(row)) {
      return;
    }
    if (size < rows.length) {
      up(size++, row, score);
    } else {
      down(row, score, size);
    }
  }

  /** Empties this, and returns what was in it. */
  ItemVectors.Top sorted() {
    int[] sortedRows = new int[size];
    float[] sortedScores = new float[size];
    while (size > 0) {
      int last = --size;
      sortedRows[last] = rows[0];
      sortedScores[last] = scores[0];
      down(rows[size], scores[size], size);
    }
    return new ItemVectors.Top(sortedRows, sortedScores);
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
