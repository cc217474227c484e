package io.attune.recommender;

import io.attune.session.Vocabulary;
import io.attune.vector.ScratchPool;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A recommender that gives few items a positive score, and all others zero.
 *
 * <p>Ranks and top lists are computed from the scored items alone, by the usual rules: a tie counts
 * against the target, so a target without a score ranks behind all other items. Thread-safe.
 */
public abstract class SparseRecommender implements Recommender {
  private final Vocabulary vocabulary;
  private final ScratchPool<SparseScores> pool;

  protected SparseRecommender(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.pool = new ScratchPool<>(() -> new SparseScores(vocabulary.size()));
  }

  /**
   * Scores items after a prefix. Called by several threads concurrently.
   *
   * @param scores receives the scores; all zero at first
   */
  protected abstract void score(Prefix prefix, SparseScores scores);

  /**
   * Scores items after a prefix and passes the scores to a function.
   *
   * @param use must not retain the scores
   */
  public final <R> R withScores(Prefix prefix, Function<SparseScores, R> use) {
    return pool.with(scores -> {
      score(prefix, scores);
      R result = use.apply(scores);
      scores.clear();
      return result;
    });
  }

  @Override
  public final Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public final void score(List<Prefix> prefixes, float[] scores) {
    int stride = vocabulary.size() + 1;
    for (int i = 0; i < prefixes.size(); i++) {
      int start = i * stride;
      Arrays.fill(scores, start, start + stride, 0);
      scores[start] = Float.NEGATIVE_INFINITY;
      withScores(prefixes.get(i), sparse -> {
        for (int s = 0; s < sparse.size(); s++) {
          scores[start + sparse.row(s)] = sparse.get(sparse.row(s));
        }
        return sparse.size();
      });
    }
  }

  @Override
  public final TargetRanks rank(
      List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    TargetRanks ranks = new TargetRanks(prefixes.size(), depth);
    IntStream.range(0, prefixes.size())
        .parallel()
        .forEach(i -> withScores(prefixes.get(i), scores -> {
          rank(ranks, i, scores, prefixes.get(i), targets[i], excludeClicked);
          return ranks;
        }));
    return ranks;
  }

  private void rank(
      TargetRanks ranks,
      int i,
      SparseScores scores,
      Prefix prefix,
      int target,
      boolean excludeClicked) {
    int excluded = 0;
    if (excludeClicked) {
      exclude(scores, prefix);
      excluded = distinct(prefix);
    }
    int candidates = vocabulary.size() - excluded;
    float score = scores.get(target);
    if (excludeClicked && prefix.contains(target)) {
      ranks.set(i, vocabulary.size() - 1, 0);
    } else if (score > 0) {
      int above = scores.countAbove(score);
      ranks.set(i, above, scores.countAtLeast(score) - above - 1);
    } else {
      int above = scores.countAbove(0);
      ranks.set(i, above, candidates - above - 1);
    }
    int place = 0;
    for (int row : top(scores, prefix, ranks.depth(), excludeClicked)) {
      ranks.setBest(i, place++, row);
    }
  }

  @Override
  public final List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    return withScores(prefix, scores -> {
      if (excludeClicked) {
        exclude(scores, prefix);
      }
      return Arrays.stream(top(scores, prefix, count, excludeClicked))
          .mapToObj(row -> new Recommendation(vocabulary.id(row), row, scores.get(row)))
          .toList();
    });
  }

  /** The rows of the best items, filled up with unscored items in ascending order. */
  private int[] top(SparseScores scores, Prefix prefix, int count, boolean excludeClicked) {
    int[] scored = scores.top(count);
    int[] best = Arrays.copyOf(scored, count);
    int size = scored.length;
    for (int row = 1; size < count && row <= vocabulary.size(); row++) {
      if (scores.get(row) == 0 && !(excludeClicked && prefix.contains(row))) {
        best[size++] = row;
      }
    }
    return Arrays.copyOf(best, size);
  }

  private static void exclude(SparseScores scores, Prefix prefix) {
    for (int i = 0; i < prefix.length(); i++) {
      scores.exclude(prefix.clicks()[i]);
    }
  }

  private static int distinct(Prefix prefix) {
    return (int) Arrays.stream(prefix.clicks(), 0, prefix.length()).distinct().count();
  }
}
