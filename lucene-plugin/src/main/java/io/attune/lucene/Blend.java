package io.attune.lucene;

import io.attune.model.LearnedBlend;
import java.util.Map;
import org.apache.lucene.search.Query;
import org.jspecify.annotations.Nullable;

/**
 * How first-pass scores and session scores are combined into one score for the hits of a window.
 */
public sealed interface Blend {

  /** The session score replaces the first-pass score. */
  record Replace() implements Blend {}

  /**
   * A weighted sum, {@code (1 − weight) · first pass + weight · session}, of scores that are first
   * normalized over the window.
   *
   * @param weight weight of the session, 0 to 1
   * @param normalization how both scores are normalized
   */
  record Weighted(float weight, Normalization normalization) implements Blend {
    public Weighted {
      requireShare(weight);
    }
  }

  /**
   * Weighted reciprocal rank fusion: {@code (1 − weight) / (k + first-pass rank) + weight / (k +
   * session rank)}, with ranks from 1 (Cormack, Clarke and Büttcher 2009, with k = 60 and equal
   * weights).
   *
   * @param weight weight of the session, 0 to 1
   * @param k how much the advantage of the first ranks is dampened, 0 to {@link #MAX_K}
   */
  record ReciprocalRankFusion(float weight, int k) implements Blend {
    /** With a much larger k, the scores of neighbouring ranks round to the same float. */
    public static final int MAX_K = 1_000_000;

    public ReciprocalRankFusion {
      requireShare(weight);
      if (k < 0 || k > MAX_K) {
        throw new IllegalArgumentException("k must be from 0 to " + MAX_K + ", not " + k);
      }
    }
  }

  /**
   * A weighted sum of first-pass score, logarithm of the first-pass rank, and session score, whose
   * weights depend on the query: on its number of words and hits, on how far the first-pass scores
   * lie apart, and on how well any hit fits the session. They are learned by {@code attune blend}
   * on the scores of one model and one index; {@link Blend#of} makes it of what a model keeps.
   *
   * <p>Scores are comparable where all hits of a query are ranked together, as a
   * {@link SessionRanking} of merged hits does, since weights and ranks are those of all hits.
   * Equal session scores keep the first pass's order, and a higher session score never lowers a
   * hit. Learned from lists without scores, it goes by ranks and the session alone.
   *
   * @param weights weights by name
   * @param words number of words of the query; 0 if it is not known, which counts as the average
   *     number of the queries that were learned from
   */
  record Learned(Map<String, Double> weights, int words) implements Blend {
    public Learned {
      weights = Map.copyOf(weights);
      BlendWeights.of(weights); // checks that all are there
      if (words < 0) {
        throw new IllegalArgumentException("words must be 0 or more, not " + words);
      }
    }

    /** The same for a query of this number of words; 0 if it is not known. */
    public Learned withWords(int number) {
      return new Learned(weights, number);
    }

    /** The same for a query. */
    public Learned withQuery(Query query) {
      return withWords(QueryWords.count(query));
    }
  }

  /** Equal weights of first pass and session, min-max normalized over the window. */
  static Blend defaults() {
    return new Weighted(0.5f, Normalization.MIN_MAX);
  }

  /**
   * The blend that a model keeps, for a query of unknown words; {@link #defaults} if it has none.
   *
   * @throws IllegalArgumentException if this version does not know a weight
   */
  static Blend of(@Nullable LearnedBlend learned) {
    return learned == null ? defaults() : new Learned(learned.weights(), 0);
  }

  /** How scores of different origin are brought to a common scale. */
  enum Normalization {
    /** Linearly to 0 (lowest of the window) … 1 (highest). */
    MIN_MAX,
    /** To standard deviations from the window's mean. */
    Z_SCORE,
    /**
     * Not at all: the weight must bridge the scales, but a hit's score does not depend on its
     * window, so the hits of several indexes can be merged.
     */
    NONE
  }

  private static void requireShare(float weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new IllegalArgumentException("weight must be from 0 to 1, not " + weight);
    }
  }

  /**
   * Combines the scores of hits that have both.
   *
   * @param first first-pass scores, in first-pass order
   * @param session session scores of the same hits
   * @return the combined scores; equal inputs give equal scores
   * @throws IllegalArgumentException if first-pass scores are needed but the hits have none
   */
  default float[] scores(float[] first, float[] session) {
    return switch (this) {
      case Replace replace -> session.clone();
      case Weighted weighted -> {
        requireScores("a weighted", first);
        float[] a = normalized(first, weighted.normalization);
        float[] b = normalized(session, weighted.normalization);
        float[] sums = new float[a.length];
        for (int i = 0; i < sums.length; i++) {
          sums[i] = (1 - weighted.weight) * a[i] + weighted.weight * b[i];
        }
        yield sums;
      }
      case Learned learned -> {
        BlendWeights weights = BlendWeights.of(learned.weights);
        if (weights.usesScores()) {
          requireScores("a learned", first);
        }
        yield weights.scores(learned.words, first, session);
      }
      case ReciprocalRankFusion fusion -> {
        int[] ranks = ranks(session);
        float[] sums = new float[first.length];
        for (int i = 0; i < sums.length; i++) {
          sums[i] =
              (1 - fusion.weight) / (fusion.k + i + 1) + fusion.weight / (fusion.k + ranks[i]);
        }
        yield sums;
      }
    };
  }

  private static void requireScores(String which, float[] first) {
    if (!BlendWeights.areScored(first)) {
      throw new IllegalArgumentException(which + " blend needs first-pass scores, but the hits"
          + " were sorted without scores; use replace or reciprocal rank fusion");
    }
  }

  private static float[] normalized(float[] scores, Normalization normalization) {
    float[] result = new float[scores.length];
    switch (normalization) {
      case MIN_MAX -> {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
          low = Math.min(low, score);
          high = Math.max(high, score);
        }
        float range = high - low;
        for (int i = 0; i < scores.length; i++) {
          result[i] = range > 0 ? (scores[i] - low) / range : 0;
        }
      }
      case NONE -> System.arraycopy(scores, 0, result, 0, scores.length);
      case Z_SCORE -> {
        double sum = 0;
        double squares = 0;
        for (float score : scores) {
          sum += score;
        }
        double mean = sum / scores.length;
        for (float score : scores) {
          squares += (score - mean) * (score - mean);
        }
        double deviation = Math.sqrt(squares / scores.length);
        for (int i = 0; i < scores.length; i++) {
          result[i] = deviation > 0 ? (float) ((scores[i] - mean) / deviation) : 0;
        }
      }
    }
    return result;
  }

  /** Ranks from 1 by descending score; ties keep the order of the hits. */
  private static int[] ranks(float[] scores) {
    long[] sorted = RadixSort.sortDescending(scores, scores.length);
    int[] ranks = new int[sorted.length];
    for (int rank = 1; rank <= sorted.length; rank++) {
      ranks[RadixSort.index(sorted[rank - 1])] = rank;
    }
    return ranks;
  }
}
