package io.attune.batch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a session gets.
 *
 * @param session its id
 * @param origin where the items come from
 * @param rows item rows, best first, of equal scores the lower row first
 * @param scores of each item: the model's, comparable within the session; of popular items, how
 *     often they were clicked in training
 */
public record Recommendations(String session, Origin origin, int[] rows, float[] scores) {

  /** Where recommended items come from. */
  public enum Origin {
    /** From the clicks of the session. */
    SESSION,
    /** From all sessions, since nothing is known of this one. */
    POPULAR
  }

  /** Those of at least this score; null for all. */
  Recommendations from(@Nullable Float minScore) {
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
