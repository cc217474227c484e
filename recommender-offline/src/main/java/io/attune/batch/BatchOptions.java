package io.attune.batch;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a session gets. Serializable, so that the tasks of a cluster can carry it.
 *
 * @param top the most items, K
 * @param excludeClicked whether the items of a session are no candidates for it
 * @param minScore items of a lower score are left out, by the model's own scale; null for none
 * @param fallback what a session gets of which nothing is known
 * @param search how hard the best items are looked for
 */
public record BatchOptions(
    int top, boolean excludeClicked, @Nullable Float minScore, Fallback fallback, Search search)
    implements Serializable {
  /** The largest number of items for a session. */
  public static final int MOST = 10_000;

  /**
   * What a session gets of which nothing is known: it has no click that the model knows, or the
   * model has nothing to say after those it has. No minimum score applies to it.
   */
  public enum Fallback {
    /** The items clicked most often in training, marked as such. */
    POPULAR,
    /** Nothing. */
    NONE
  }

  /** How hard the best items are looked for, where items have vectors. */
  public enum Search {
    /** None of them is missed. */
    EXACT,
    /** A few are missed for speed. */
    APPROXIMATE
  }

  /** Options of which none of the best is missed. */
  public BatchOptions(
      int top, boolean excludeClicked, @Nullable Float minScore, Fallback fallback) {
    this(top, excludeClicked, minScore, fallback, Search.EXACT);
  }

  /** Checks the values. */
  public BatchOptions {
    if (top < 1 || top > MOST) {
      throw new IllegalArgumentException("top must be from 1 to " + MOST + ", not " + top);
    }
    if (minScore != null && !Float.isFinite(minScore)) {
      throw new IllegalArgumentException("the minimum score must be a number, not " + minScore);
    }
  }
}
