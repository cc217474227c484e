package io.attune.batch;

import io.attune.recommender.Prefix;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The options of batch recommendation.
 *
 * @param top K, the maximum number of items per session
 * @param excludeClicked whether to remove the items of a session from its candidates
 * @param minScore minimum score of a recommended item, on the scale of the model; null for none
 * @param fallback what to recommend for sessions without known items
 * @param search whether the search may miss some of the best items
 */
public record BatchOptions(
    int top, boolean excludeClicked, @Nullable Float minScore, Fallback fallback, Search search) {
  /** The largest {@code top}. */
  public static final int MAX_TOP = 10_000;

  /**
   * What to recommend for a session without clicks on known items, or for which the model finds no
   * item. The minimum score does not apply.
   */
  public enum Fallback {
    /** The most clicked items of training, marked as a fallback. */
    POPULAR,
    /** Nothing. */
    NONE
  }

  /** How the best items are searched if items have vectors. */
  public enum Search {
    /** Finds all of the best items. */
    EXACT,
    /** Faster, but may miss a few of the best items. */
    APPROXIMATE
  }

  /** Options with exact search. */
  public BatchOptions(
      int top, boolean excludeClicked, @Nullable Float minScore, Fallback fallback) {
    this(top, excludeClicked, minScore, fallback, Search.EXACT);
  }

  /** Checks the values. */
  public BatchOptions {
    if (top < 1 || top > MAX_TOP) {
      throw new IllegalArgumentException("top must be from 1 to " + MAX_TOP + ", not " + top);
    }
    if (minScore != null && !Float.isFinite(minScore)) {
      throw new IllegalArgumentException("the minimum score must be finite, not " + minScore);
    }
  }

  /** The rows that are not recommended after a prefix, ascending and distinct. */
  int[] excluded(Prefix prefix) {
    return excludeClicked
        ? Arrays.stream(prefix.clicks(), 0, prefix.length()).sorted().distinct().toArray()
        : new int[0];
  }
}
