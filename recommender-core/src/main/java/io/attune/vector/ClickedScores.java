package io.attune.vector;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * What is added to the scores of the few items that a session has clicked. The score of an item is
 * the inner product of query and item vector, plus its addition, in float arithmetic; items without
 * one are scored by the inner product alone.
 *
 * @param rows item rows, ascending and distinct, from 1
 * @param additions the addition of each row, finite
 * @param clicks item rows of the clicks that the additions are for, oldest first; each of
 *     {@code rows} is among them
 */
public record ClickedScores(int[] rows, float[] additions, int[] clicks) {
  /** No additions. */
  public static final ClickedScores NONE = new ClickedScores(new int[0], new float[0], new int[0]);

  /** Checks the rows and their additions. */
  public ClickedScores {
    if (rows.length != additions.length) {
      throw new IllegalArgumentException("there must be an addition for each of " + rows.length
          + " rows, not " + additions.length);
    }
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] <= (i == 0 ? 0 : rows[i - 1])) {
        throw new IllegalArgumentException(
            "clicked rows must be distinct, ascending and from 1, not " + Arrays.toString(rows));
      }
      if (!Float.isFinite(additions[i])) {
        throw new NotFiniteException("the addition to the score of row " + rows[i] + " is "
            + additions[i] + ": the model is damaged");
      }
    }
  }

  /** A scan of all items by inner product alone, such as {@link ItemVectors#top}. */
  @FunctionalInterface
  public interface Scan {
    /** Finds the best candidates, as {@link ItemVectors#top(float[], int, IntPredicate)}. */
    ItemVectors.Top top(float[] query, int count, IntPredicate candidate);
  }

  /** Whether there are no additions. */
  public boolean isEmpty() {
    return rows.length == 0;
  }

  /** Whether the score of a row has an addition. */
  public boolean contains(int row) {
    return Arrays.binarySearch(rows, row) >= 0;
  }

  /** What is added to the score of a row; 0 without an addition. */
  public float of(int row) {
    int at = Arrays.binarySearch(rows, row);
    return at < 0 ? 0 : additions[at];
  }

  /**
   * Says how an item was clicked: {@code clicked twice, last}.
   *
   * @param row one that {@linkplain #contains has an addition}
   */
  public String describe(int row) {
    int count = 0;
    int age = 0;
    for (int i = 0; i < clicks.length; i++) {
      if (clicks[i] == row) {
        count++;
        age = clicks.length - 1 - i;
      }
    }
    String times =
        switch (count) {
          case 1 -> "once";
          case 2 -> "twice";
          default -> count + " times";
        };
    String when =
        switch (age) {
          case 0 -> "last";
          case 1 -> "before last";
          case 2 -> "third last";
          default -> "earlier";
        };
    return "clicked " + times + ", " + when;
  }

  /**
   * Adds to the scores of all items.
   *
   * @param scores float32, of rows 0, 1, … V from index {@code start} on
   */
  public void addTo(float[] scores, int start) {
    for (int i = 0; i < rows.length; i++) {
      scores[start + rows[i]] += additions[i];
    }
  }

  /**
   * Adds to the scores of given rows.
   *
   * @param wanted the rows in any order, of which the first {@code count} are read
   * @param scores the score of each of them
   */
  public void addTo(int[] wanted, int count, float[] scores) {
    // One bit for each row, modulo 64: most rows need no search.
    long bits = 0;
    for (int row : rows) {
      bits |= 1L << row;
    }
    for (int i = 0; i < count; i++) {
      if ((bits >>> wanted[i] & 1) != 0) {
        int at = Arrays.binarySearch(rows, wanted[i]);
        if (at >= 0) {
          scores[i] += additions[at];
        }
      }
    }
  }

  /** The candidates whose score has no addition. */
  public IntPredicate others(IntPredicate candidate) {
    return isEmpty() ? candidate : row -> !contains(row) && candidate.test(row);
  }

  /**
   * Finds the highest-scoring items of a query, exactly: items with an addition are left out of the
   * scan and merged into its result.
   *
   * @param items all items
   * @param query float32 (D)
   * @param count maximum number of items to return
   * @param candidate selects the candidate rows
   * @param scan finds the best of the other items
   * @return items by descending score, ties by ascending row
   * @throws ArithmeticException if a score is NaN
   */
  public ItemVectors.Top top(
      ItemVectors items, float[] query, int count, IntPredicate candidate, Scan scan) {
    return merged(scan.top(query, count, others(candidate)), items, query, count, candidate);
  }

  /**
   * Merges the items with an addition into the best of the {@linkplain #others others}.
   *
   * @param others the {@code count} best of them, or all if there are fewer
   * @param items all items
   * @param query float32 (D)
   * @param count maximum number of items to return
   * @param candidate selects the candidate rows among those with an addition
   * @return items by descending score, ties by ascending row
   * @throws ArithmeticException if a score is NaN
   */
  public ItemVectors.Top merged(
      ItemVectors.Top others, ItemVectors items, float[] query, int count, IntPredicate candidate) {
    if (isEmpty()) {
      return others;
    }
    TopK best = new TopK(Math.min(count, others.rows().length + rows.length));
    for (int i = 0; i < others.rows().length; i++) {
      best.offer(others.rows()[i], others.scores()[i]);
    }
    for (int i = 0; i < rows.length; i++) {
      if (candidate.test(rows[i])) {
        best.offer(rows[i], items.dot(query, rows[i]) + additions[i]);
      }
    }
    return best.sorted(ItemVectors.Top::new);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClickedScores that
        && Arrays.equals(rows, that.rows)
        && Arrays.equals(additions, that.additions)
        && Arrays.equals(clicks, that.clicks);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(rows) + Arrays.hashCode(additions)) + Arrays.hashCode(clicks);
  }

  @Override
  public String toString() {
    return "rows " + Arrays.toString(rows) + " + " + Arrays.toString(additions) + " after clicks "
        + Arrays.toString(clicks);
  }
}
