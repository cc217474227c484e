package io.attune.recommender;

import io.attune.session.Vocabulary;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Scores all items after the clicks of sessions.
 *
 * <p>What a prefix gets does not depend on the other prefixes of the call. Implementations are safe
 * for use by several threads unless they say otherwise.
 */
public interface Recommender extends AutoCloseable {

  /** A short name for tables. */
  String name();

  /** The items that are scored; rows of prefixes are its rows. */
  Vocabulary vocabulary();

  /**
   * Scores all items after each prefix; more is better.
   *
   * @param prefixes B of them
   * @param scores written: float32 (B, V + 1) row by row; column 0, padding, gets negative infinity
   * @throws ArithmeticException when a score is not a number
   */
  void score(List<Prefix> prefixes, float[] scores);

  /**
   * The rank of a target among all items after each prefix, from 1. A tie counts against the
   * target, so that it stands behind all items of its score.
   *
   * @param prefixes B of them
   * @param targets (B): row of each prefix's true next item
   * @param excludeClicked whether the items of a prefix are no candidates after it; a target among
   *     them is ranked last
   * @return (B)
   * @throws ArithmeticException when a score is not a number
   */
  default int[] ranks(List<Prefix> prefixes, int[] targets, boolean excludeClicked) {
    int stride = vocabulary().size() + 1;
    float[] scores = new float[Math.multiplyExact(prefixes.size(), stride)];
    score(prefixes, scores);
    int[] ranks = new int[prefixes.size()];
    for (int i = 0; i < ranks.length; i++) {
      if (excludeClicked) {
        Prefix prefix = prefixes.get(i);
        for (int c = 0; c < prefix.length(); c++) {
          scores[i * stride + prefix.clicks()[c]] = Float.NEGATIVE_INFINITY;
        }
      }
      ranks[i] = rank(scores, i * stride, stride, targets[i]);
    }
    return ranks;
  }

  /**
   * The best items after a prefix.
   *
   * @param count the most to return
   * @param excludeClicked whether the items of the prefix are no candidates
   * @return best first, of equal scores the lower row first; fewer than {@code count} where there
   *     are not as many candidates
   */
  default List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    float[] scores = new float[vocabulary().size() + 1];
    score(List.of(prefix), scores);
    if (excludeClicked) {
      for (int i = 0; i < prefix.length(); i++) {
        scores[prefix.clicks()[i]] = Float.NEGATIVE_INFINITY;
      }
    }
    Comparator<Recommendation> worstFirst = Recommendation.BEST_FIRST.reversed();
    PriorityQueue<Recommendation> best = new PriorityQueue<>(worstFirst);
    for (int row = 1; row < scores.length; row++) {
      if (scores[row] == Float.NEGATIVE_INFINITY) {
        continue;
      }
      Recommendation worst = best.size() < count ? null : best.peek();
      if (best.size() < count || (worst != null && scores[row] > worst.score())) {
        if (worst != null) {
          best.poll();
        }
        best.add(new Recommendation(vocabulary().id(row), row, scores[row]));
      }
    }
    return best.stream().sorted(Recommendation.BEST_FIRST).toList();
  }

  /** Frees what is held outside the heap, if anything. */
  @Override
  default void close() {}

  private static int rank(float[] scores, int start, int stride, int target) {
    float score = scores[start + target];
    int rank = 0;
    boolean numbers = true;
    for (int i = start + 1; i < start + stride; i++) {
      rank += scores[i] >= score ? 1 : 0;
      numbers &= !Float.isNaN(scores[i]);
    }
    if (!numbers) {
      throw new ArithmeticException("a score is not a number (NaN)");
    }
    return rank;
  }
}
