package io.attune.recommender;

import io.attune.vector.NotFiniteException;
import java.util.Arrays;

/**
 * Where the true next items stand after B prefixes, and which items stand first.
 *
 * <p>A place is given by what stands above the target and what is tied with it, so that each rule
 * for ties can make its own rank of it. Filled by several threads, each at its own prefixes.
 */
public final class TargetRanks {
  private final int[] above; // (B)
  private final int[] tied; // (B)
  private final int[] best; // (B, K), 0 where there are not as many items
  private final int depth; // K

  /**
   * Nothing known yet.
   *
   * @param prefixes B
   * @param depth K, how many of the first items are kept for each prefix; may be 0
   */
  public TargetRanks(int prefixes, int depth) {
    this.above = new int[prefixes];
    this.tied = new int[prefixes];
    this.best = new int[Math.multiplyExact(prefixes, depth)];
    this.depth = depth;
  }

  /** How many prefixes there are. */
  public int size() {
    return above.length;
  }

  /** How many of the first items are kept for each prefix. */
  public int depth() {
    return depth;
  }

  /** How many items have a higher score than the target of prefix {@code i}. */
  public int above(int i) {
    return above[i];
  }

  /** How many other items have the very score of the target of prefix {@code i}. */
  public int tied(int i) {
    return tied[i];
  }

  /** The target's rank, from 1, where a tie counts against it. */
  public int rank(int i) {
    return above[i] + tied[i] + 1;
  }

  /** {@link #rank} of all: (B). */
  public int[] ranks() {
    int[] ranks = new int[size()];
    Arrays.setAll(ranks, this::rank);
    return ranks;
  }

  /**
   * Copies the rows of the items that stand first after prefix {@code i}, of equal scores the lower
   * row first.
   *
   * @param to where the first goes; {@link #depth()} of them, 0 where there is none
   */
  public void best(int i, int[] into, int to) {
    System.arraycopy(best, i * depth, into, to, depth);
  }

  /** Sets the place of a target. */
  void place(int i, int itemsAbove, int itemsTied) {
    above[i] = itemsAbove;
    tied[i] = itemsTied;
  }

  /** Sets the row that stands at a place, from 0. */
  void best(int i, int place, int row) {
    best[i * depth + place] = row;
  }

  /** Takes over what was found for some of the prefixes, from {@code first} on. */
  void takeOver(TargetRanks part, int first) {
    System.arraycopy(part.above, 0, above, first, part.size());
    System.arraycopy(part.tied, 0, tied, first, part.size());
    System.arraycopy(part.best, 0, best, first * depth, part.best.length);
  }

  /**
   * Reads the standing of one target off the scores of all items. Negative infinity is no
   * candidate; a target that is none stands last, behind all items.
   *
   * @param i which prefix
   * @param target its row
   * @throws ArithmeticException when a score is not a number
   */
  public void read(int i, ItemScores scores, int target) {
    float score = requireNumber(scores.get(target));
    int kept = depth == 0 ? 0 : readBest(i, scores);
    if (score == Float.NEGATIVE_INFINITY) {
      place(i, scores.size() - 1, 0);
    } else if (kept < depth || (depth > 0 && score > scores.get(best[(i + 1) * depth - 1]))) {
      // All that is as good stands in the list.
      int higher = 0;
      int equal = 0;
      for (int at = i * depth; at < i * depth + kept; at++) {
        float other = scores.get(best[at]);
        higher += other > score ? 1 : 0;
        equal += other == score ? 1 : 0;
      }
      place(i, higher, equal - 1);
    } else {
      count(i, scores, score);
    }
  }

  private void count(int i, ItemScores scores, float score) {
    int higher = 0;
    int equal = 0;
    int lower = 0;
    int looked = 0;
    for (int block = 0; block < scores.blocks(); block++) {
      if (scores.highest(block) < score) {
        continue;
      }
      int last = scores.last(block);
      for (int row = scores.first(block); row <= last; row++) {
        float other = scores.get(row);
        higher += other > score ? 1 : 0;
        equal += other == score ? 1 : 0;
        lower += other < score ? 1 : 0;
      }
      looked += last - scores.first(block) + 1;
    }
    if (higher + equal + lower < looked) {
      throw notANumber();
    }
    place(i, higher, equal - 1);
  }

  /** Keeps the first items by insertion: after the first few rows hardly any comes so far. */
  private int readBest(int i, ItemScores scores) {
    int first = i * depth;
    int size = 0;
    float worst = Float.NEGATIVE_INFINITY;
    for (int block = 0; block < scores.blocks(); block++) {
      if (scores.highest(block) <= worst) {
        continue;
      }
      int last = scores.last(block);
      for (int row = scores.first(block); row <= last; row++) {
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
