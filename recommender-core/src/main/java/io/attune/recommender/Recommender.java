package io.attune.recommender;

import io.attune.session.Vocabulary;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Scores all items after the clicks of sessions.
 *
 * <p>What a prefix gets does not depend on the other prefixes of the call. Implementations are safe
 * for use by several threads unless they say otherwise.
 */
public interface Recommender extends AutoCloseable {
  /** The most prefixes that are scored at a time where scores of all items are held. */
  int PART = 128;

  /** How many are, given the items: their scores take 64 MB at most. */
  static int part(int items) {
    return Math.clamp((1 << 24) / (items + 1), 1, PART);
  }

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
   * Where a target stands among all items after each prefix, and which items stand first.
   *
   * @param prefixes B of them
   * @param targets (B): row of each prefix's true next item
   * @param excludeClicked whether the items of a prefix are no candidates after it; a target among
   *     them stands last
   * @param depth K: how many of the first items to name; may be 0
   * @throws ArithmeticException when a score is not a number
   */
  default TargetRanks rank(
      List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    int items = vocabulary().size();
    TargetRanks standings = new TargetRanks(prefixes.size(), depth);
    int most = Math.min(part(items), prefixes.size());
    float[] scores = new float[most * (items + 1)];
    for (int from = 0; from < prefixes.size(); from += most) {
      List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + most));
      score(part, scores);
      int first = from;
      IntStream.range(0, part.size()).parallel().forEach(i -> {
        ItemScores row = ItemScores.of(scores, i * (items + 1), items);
        if (excludeClicked) {
          row.exclude(part.get(i));
        }
        standings.read(first + i, row, targets[first + i]);
      });
    }
    return standings;
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
      ItemScores.of(scores, 0, vocabulary().size()).exclude(prefix);
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
}
