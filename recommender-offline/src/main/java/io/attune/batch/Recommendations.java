package io.attune.batch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The recommendations for a session.
 *
 * @param session the id of the session
 * @param origin what the recommendations are based on
 * @param rows item rows, best first, ties by ascending row; of a continued session, in the order of
 *     the clicks to come
 * @param scores the score of each item: of the model, comparable within the session only; of a
 *     continued session, the probability of the click; of popular items, the number of their clicks
 *     in training
 */
public record Recommendations(String session, Origin origin, int[] rows, float[] scores) {

  /** What recommendations are based on. */
  public enum Origin {
    /** The clicks of the session. */
    SESSION,
    /** Popularity over all sessions, as a fallback. */
    POPULAR
  }

  /** The recommendations before the first with a lower score; null for all of them. */
  Recommendations withMinScore(@Nullable Float minScore) {
    if (minScore == null) {
      return this;
    }
    int length = 0;
    while (length < scores.length && scores[length] >= minScore) {
      length++;
    }
    return new Recommendations(
        session, origin, Arrays.copyOf(rows, length), Arrays.copyOf(scores, length));
  }
}
