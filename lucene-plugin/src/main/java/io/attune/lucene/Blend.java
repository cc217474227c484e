package io.attune.lucene;

/** How the first pass and the session make one score for the hits of a window. */
public sealed interface Blend {

  /** The session alone decides. */
  record Replace() implements Blend {}

  /**
   * {@code (1 − weight) · first pass + weight · session}, both brought to a common scale over the
   * window.
   *
   * @param weight of the session, 0 to 1
   * @param normalization how they are brought to a common scale
   */
  record Weighted(float weight, Normalization normalization) implements Blend {
    public Weighted {
      requireShare(weight);
    }
  }

  /**
   * {@code (1 − weight) / (k + rank in the first pass) + weight / (k + rank by the session)}, ranks
   * from 1 (Cormack, Clarke and Büttcher 2009, whose k is 60 and whose weights are equal).
   *
   * @param weight of the session, 0 to 1
   * @param k how much less the first ranks stand out, 0 to {@link #MAX_K}
   */
  record ReciprocalRankFusion(float weight, int k) implements Blend {
    /** Far beyond it the scores of neighbouring ranks round to the same float. */
    public static final int MAX_K = 1_000_000;

    public ReciprocalRankFusion {
      requireShare(weight);
      if (k < 0 || k > MAX_K) {
        throw new IllegalArgumentException("k must be from 0 to " + MAX_K + ", not " + k);
      }
    }
  }

  /** A common scale for scores of different origin. */
  enum Normalization {
    /** From 0, the lowest of the window, to 1, the highest. */
    MIN_MAX,
    /** Deviations from the window's mean, in standard deviations. */
    Z_SCORE,
    /**
     * As they are: the weight has to bridge their scales, but a hit's score does not depend on its
     * window, so that the hits of several indexes may be merged.
     */
    NONE
  }

  private static void requireShare(float weight) {
    if (!(weight >= 0 && weight <= 1)) {
      throw new IllegalArgumentException("weight must be from 0 to 1, not " + weight);
    }
  }

  /**
   * Blends the scores of the hits that have both.
   *
   * @param first of the first pass, in its order
   * @param session of the session
   * @return of each hit; equal inputs get equal scores
   * @throws IllegalArgumentException when the first pass has no scores and they are needed
   */
  default float[] scores(float[] first, float[] session) {
    return switch (this) {
      case Replace replace -> session.clone();
      case Weighted weighted -> {
        for (float score : first) {
          if (Float.isNaN(score)) {
            throw new IllegalArgumentException("a weighted blend needs the scores of the first"
                + " pass, which was sorted without them; use replace or reciprocal rank fusion");
          }
        }
        float[] a = normalized(first, weighted.normalization);
        float[] b = normalized(session, weighted.normalization);
        float[] sums = new float[a.length];
        for (int i = 0; i < sums.length; i++) {
          sums[i] = (1 - weighted.weight) * a[i] + weighted.weight * b[i];
        }
        yield sums;
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

  /** Ranks from 1 by falling score; of equal scores the earlier hit first. */
  private static int[] ranks(float[] scores) {
    long[] keyed = RadixSort.byFalling(scores, scores.length);
    int[] ranks = new int[keyed.length];
    for (int rank = 1; rank <= keyed.length; rank++) {
      ranks[RadixSort.place(keyed[rank - 1])] = rank;
    }
    return ranks;
  }
}
