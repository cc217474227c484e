package io.attune.recommender;

import io.attune.session.Vocabulary;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Scores all items after the clicks of a session.
 *
 * <p>The scores of a prefix do not depend on the other prefixes of the call. Implementations are
 * thread-safe unless they say otherwise.
 */
public interface Recommender extends AutoCloseable {

  /** A short name for tables. */
  String name();

  /** The items that are scored; prefixes hold rows of this vocabulary. */
  Vocabulary vocabulary();

  /**
   * Scores all items after each prefix; higher is better.
   *
   * @param prefixes B prefixes
   * @param scores receives float32 (B, V + 1), row by row; column 0, padding, is negative infinity
   * @throws ArithmeticException if a score is NaN
   */
  void score(List<Prefix> prefixes, float[] scores);

  /**
   * Ranks the true next item of each prefix among all items, and finds the best items.
   *
   * @param prefixes B prefixes
   * @param targets (B): the row of each prefix's true next item
   * @param excludeClicked whether to remove the items of a prefix from its candidates; a target
   *     among them is ranked last
   * @param depth K: number of best items to keep for each prefix; may be 0
   * @throws ArithmeticException if a score is NaN
   */
  default TargetRanks rank(
      List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    int items = vocabulary().size();
    TargetRanks ranks = new TargetRanks(prefixes.size(), depth);
    int batchSize = Math.min(ItemScores.batchSize(items), prefixes.size());
    float[] scores = new float[batchSize * (items + 1)];
    for (int from = 0; from < prefixes.size(); from += batchSize) {
      List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + batchSize));
      score(part, scores);
      int first = from;
      IntStream.range(0, part.size()).parallel().forEach(i -> {
        ItemScores row = ItemScores.of(scores, i * (items + 1), items);
        if (excludeClicked) {
          row.exclude(part.get(i));
        }
        ranks.compute(first + i, row, targets[first + i]);
      });
    }
    return ranks;
  }

  /**
   * Recommends items after a prefix.
   *
   * @param count maximum number of items to return
   * @param excludeClicked whether to remove the items of the prefix from the candidates
   * @return items by descending score, ties by ascending row; fewer than {@code count} if there are
   *     not enough candidates
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

  /** Releases native resources, if any. */
  @Override
  default void close() {}
}
