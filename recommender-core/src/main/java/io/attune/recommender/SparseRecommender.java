package io.attune.recommender;

import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A recommender that scores few of the items above zero, and all others exactly zero.
 *
 * <p>Ranks and best items come from the scored ones alone, by the same rules as everywhere: a tie
 * counts against the target, so that an item without a score stands behind all others. Safe for use
 * by several threads.
 */
public abstract class SparseRecommender implements Recommender {
  private final Vocabulary vocabulary;
  private final Pool<SparseScores> pool;

  protected SparseRecommender(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.pool = new Pool<>(() -> new SparseScores(vocabulary.size()));
  }

  /**
   * Scores items after a prefix. Called by several threads at once.
   *
   * @param scores where to add; all zero
   */
  protected abstract void score(Prefix prefix, SparseScores scores);

  /**
   * Scores items after a prefix and reads the scores.
   *
   * @param use must not keep the scores
   */
  public final <R> R scored(Prefix prefix, Function<SparseScores, R> use) {
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
      scored(prefixes.get(i), sparse -> {
        for (int s = 0; s < sparse.size(); s++) {
          scores[start + sparse.row(s)] = sparse.get(sparse.row(s));
        }
        return sparse.size();
      });
    }
  }

  @Override
  public final int[] ranks(List<Prefix> prefixes, int[] targets, boolean excludeClicked) {
    int[] ranks = new int[prefixes.size()];
    for (int i = 0; i < ranks.length; i++) {
      Prefix prefix = prefixes.get(i);
      int target = targets[i];
      ranks[i] = scored(prefix, scores -> rank(scores, prefix, target, excludeClicked));
    }
    return ranks;
  }

  private int rank(SparseScores scores, Prefix prefix, int target, boolean excludeClicked) {
    if (!excludeClicked) {
      float score = scores.get(target);
      return score > 0 ? scores.atLeast(score) : vocabulary.size();
    }
    if (prefix.contains(target)) {
      return vocabulary.size();
    }
    exclude(scores, prefix);
    float score = scores.get(target);
    return score > 0 ? scores.atLeast(score) : vocabulary.size() - distinct(prefix);
  }

  @Override
  public final List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    return scored(prefix, scores -> {
      if (excludeClicked) {
        exclude(scores, prefix);
      }
      List<Recommendation> best = new ArrayList<>();
      for (int row : scores.top(count)) {
        best.add(new Recommendation(vocabulary.id(row), row, scores.get(row)));
      }
      // Items without a score fill up, the lower row first.
      for (int row = 1; best.size() < count && row <= vocabulary.size(); row++) {
        if (scores.get(row) == 0 && !(excludeClicked && prefix.contains(row))) {
          best.add(new Recommendation(vocabulary.id(row), row, 0));
        }
      }
      return List.copyOf(best);
    });
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
