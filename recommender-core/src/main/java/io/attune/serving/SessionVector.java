package io.attune.serving;

/**
 * What a session became: the vector that items are compared with, and what it rests on. An empty
 * session, or one of unknown items alone, has a query of zeros and no clicks.
 *
 * @param query float32 (D): the score of an item is its inner product with this
 * @param clicks (L): rows of the session's known items, oldest first
 * @param attention float32 (L): the share of each click in the query, adding up to 1; 0 for clicks
 *     that the encoder no longer looks back on
 */
public record SessionVector(float[] query, int[] clicks, float[] attention) {

  public SessionVector {
    if (clicks.length != attention.length) {
      throw new IllegalArgumentException(
          "attention must have " + clicks.length + " shares, one a click, not " + attention.length);
    }
  }

  /** A session without clicks, for item vectors of {@code dimension} elements. */
  public static SessionVector empty(int dimension) {
    return new SessionVector(new float[dimension], new int[0], new float[0]);
  }

  /** Whether nothing is known of the session, so that its query says nothing either. */
  public boolean isEmpty() {
    return clicks.length == 0;
  }
}
