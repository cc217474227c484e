package io.attune.recommender;

/**
 * The first clicks of a session, after which the next item is to be recommended.
 *
 * <p>Prefixes of one session share its array, so that a recommender may encode the session once; it
 * reads nothing beyond {@code length}.
 *
 * @param clicks item rows of the session, oldest first, none of them 0
 * @param length how many of them have been made; 0 where nothing is known of the session
 */
public record Prefix(int[] clicks, int length) {

  public Prefix {
    if (length < 0 || length > clicks.length) {
      throw new IllegalArgumentException(
          "length must be from 0 to " + clicks.length + ", not " + length);
    }
  }

  /** Whether the item of this row is among the clicks made. */
  public boolean contains(int row) {
    for (int i = 0; i < length; i++) {
      if (clicks[i] == row) {
        return true;
      }
    }
    return false;
  }

  /**
   * Makes the items of the clicks made no candidates: their scores become negative infinity.
   *
   * @param scores float32, from {@code start} on row 0, 1, …
   */
  public void exclude(float[] scores, int start) {
    for (int i = 0; i < length; i++) {
      scores[start + clicks[i]] = Float.NEGATIVE_INFINITY;
    }
  }
}
