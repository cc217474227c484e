package io.attune.recommender;

import io.attune.vector.NotFiniteException;
import java.util.Arrays;

/**
 * The ranks of the true next items of B prefixes, and the best items of each.
 *
 * <p>A rank is stored as the number of items above the target and tied with it, so that any
 * tie-breaking rule can be applied later. Threads may fill it concurrently, each for its own
 * prefixes.
 */
public final class TargetRanks {
  private final int[] above; // (B)
  private final int[] tied; // (B)
  private final int[] best; // (B, K), padded with 0 if there are fewer items
  private final int depth; // K

  /**
   * Creates empty ranks.
   *
   * @param prefixes B
   * @param depth K, number of best items to keep for each prefix; may be 0
   */
  public TargetRanks(int prefixes, int depth) {
    this.above = new int[prefixes];
    this.tied = new int[prefixes];
    this.best = new int[Math.multiplyExact(prefixes, depth)];
    this.depth = depth;
  }

  /** B, the number of prefixes. */
  public int size() {
    return above.length;
  }

  /** K, the number of best items kept for each prefix. */
  public int depth() {
    return depth;
  }

  /** The number of items that score higher than the target of prefix {@code i}. */
  public int above(int i) {
    return above[i];
  }

  /** The number of other items that score the same as the target of prefix {@code i}. */
  public int tied(int i) {
    return tied[i];
  }

  /** The target's rank, from 1; ties count against it. */
  public int rank(int i) {
    return above[i] + tied[i] + 1;
  }

  /** The {@link #rank} of each prefix, (B). */
  public int[] ranks() {
    int[] ranks = new int[size()];
    Arrays.setAll(ranks, this::rank);
    return ranks;
  }

  /**
   * Copies the rows of the best items after prefix {@code i}, ties by ascending row.
   *
   * @param to index of the first of {@link #depth()} elements to write; padded with 0 if there are
   *     fewer items
   */
  public void copyBest(int i, int[] into, int to) {
    System.arraycopy(best, i * depth, into, to, depth);
  }

  /** Sets the rank of a target. */
  void set(int i, int itemsAbove, int itemsTied) {
    above[i] = itemsAbove;
    tied[i] = itemsTied;
  }

  /** Sets the row of the best item at a position, from 0. */
  void setBest(int i, int place, int row) {
    best[i * depth + place] = row;
  }

  /**
   * Computes the rank of one target, and the best items, from the scores of all items.
   *
   * <p>An item scored negative infinity is no candidate; a target that is none is ranked last.
   *
   * @param i the prefix
   * @param target the row of its true next item
   * @throws ArithmeticException if a score is NaN
   */
  public void compute(int i, ItemScores scores, int target) {
    float score = requireNumber(scores.get(target));
    int found = depth == 0 ? 0 : computeBest(i, scores);
    if (score == Float.NEGATIVE_INFINITY) {
      set(i, scores.size() - 1, 0);
    } else if (found < depth || (depth > 0 && score > scores.get(best[(i + 1) * depth - 1]))) {
      // Every item that scores as high is among the best.
      int higher = 0;
      int equal = 0;
      for (int at = i * depth; at < i * depth + found; at++) {
        float other = scores.get(best[at]);
        higher += other > score ? 1 : 0;
        equal += other == score ? 1 : 0;
      }
      set(i, higher, equal - 1);
    } else {
      count(i, scores, score);
    }
  }

  /**
   * Computes the rank of one target, and the best items, from the scores of some items.
   *
   * @param i the prefix
   * @param rows the target, all items that may be among the best, and all others that are not known
   *     to score below the target or above it; ascending
   * @param scores their scores
   * @param others how many other items score above the target
   * @param target the row of its true next item; ranked last if it is not among the rows
   * @param items V
   * @throws ArithmeticException if a score is NaN
   */
  public void compute(int i, int[] rows, float[] scores, int others, int target, int items) {
    int first = i * depth;
    float[] listed = new float[depth];
    int size = 0;
    for (int r = 0; r < rows.length; r++) {
      float score = requireNumber(scores[r]);
      if (size == depth && (depth == 0 || score <= listed[depth - 1])) {
        continue;
      }
      int place = size < depth ? size++ : size - 1;
      while (place > 0 && listed[place - 1] < score) {
        listed[place] = listed[place - 1];
        best[first + place] = best[first + place - 1];
        place--;
      }
      listed[place] = score;
      best[first + place] = rows[r];
    }
    int at = Arrays.binarySearch(rows, target);
    if (at < 0) {
      set(i, items - 1, 0);
      return;
    }
    int higher = 0;
    int equal = 0;
    for (float score : scores) {
      higher += score > scores[at] ? 1 : 0;
      equal += score == scores[at] ? 1 : 0;
    }
    set(i, others + higher, equal - 1);
  }

  private void count(int i, ItemScores scores, float score) {
    int higher = 0;
    int equal = 0;
    int lower = 0;
    int compared = 0;
    for (int block = 0; block < scores.blocks(); block++) {
      if (scores.blockMax(block) < score) {
        continue;
      }
      int last = scores.lastRow(block);
      for (int row = scores.firstRow(block); row <= last; row++) {
        float other = scores.get(row);
        higher += other > score ? 1 : 0;
        equal += other == score ? 1 : 0;
        lower += other < score ? 1 : 0;
      }
      compared += last - scores.firstRow(block) + 1;
    }
    if (higher + equal + lower < compared) {
      throw notANumber();
    }
    set(i, higher, equal - 1);
  }

  /** Finds the best items by insertion: after the first few rows hardly any row qualifies. */
  private int computeBest(int i, ItemScores scores) {
    int first = i * depth;
    int size = 0;
    float worst = Float.NEGATIVE_INFINITY;
    for (int block = 0; block < scores.blocks(); block++) {
      if (scores.blockMax(block) <= worst) {
        continue;
      }
      int last = scores.lastRow(block);
      for (int row = scores.firstRow(block); row <= last; row++) {
        float score = scores.get(row);
        if (score <= worst) {
          continue;
        }
        requireNumber(score);
        int place = size < depth ? size++ : size - 1;
        while (place > 0 && scores.get(best[first + place - 1]) < score) {
          best[first + place] = best[first + place - 1];
          place--;
        }
        best[first + place] = row;
        if (size == depth) {
          worst = scores.get(best[first + depth - 1]);
        }
      }
    }
    return size;
  }

  private static float requireNumber(float score) {
    if (Float.isNaN(score)) {
      throw notANumber();
    }
    return score;
  }

  private static NotFiniteException notANumber() {
    return new NotFiniteException("a score is not a number (NaN)");
  }
}
