package io.attune.recommender;

import io.attune.session.Vocabulary;
import io.attune.vector.Pool;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

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
  public final TargetRanks rank(
      List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    TargetRanks standings = new TargetRanks(prefixes.size(), depth);
    IntStream.range(0, prefixes.size())
        .parallel()
        .forEach(i -> scored(prefixes.get(i), scores -> {
          rank(standings, i, scores, prefixes.get(i), targets[i], excludeClicked);
          return standings;
        }));
    return standings;
  }

  private void rank(
      TargetRanks standings,
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
      standings.place(i, vocabulary.size() - 1, 0);
    } else if (score > 0) {
      int above = scores.above(score);
      standings.place(i, above, scores.atLeast(score) - above - 1);
    } else {
      int above = scores.above(0);
      standings.place(i, above, candidates - above - 1);
    }
    int place = 0;
    for (int row : top(scores, prefix, standings.depth(), excludeClicked)) {
      standings.best(i, place++, row);
    }
  }

  @Override
  public final List<Recommendation> top(Prefix prefix, int count, boolean excludeClicked) {
    return scored(prefix, scores -> {
      if (excludeClicked) {
        exclude(scores, prefix);
      }
      return Arrays.stream(top(scores, prefix, count, excludeClicked))
          .mapToObj(row -> new Recommendation(vocabulary.id(row), row, scores.get(row)))
          .toList();
    });
  }

  /** The rows of the best items; those without a score fill up, the lower row first. */
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
