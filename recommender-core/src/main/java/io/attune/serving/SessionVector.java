package io.attune.serving;

/**
 * An encoded session: its query vector and the attention paid to its clicks.
 *
 * @param version the {@link ServingModel#version} that produced it; the query vector may only be
 *     compared with item vectors of this version
 * @param query float32 (D): the query vector; zero if no known item has been clicked
 * @param clicks item rows of the clicks in the attention window, oldest first
 * @param attention the share of attention of each of these clicks, adding up to 1
 */
public record SessionVector(String version, float[] query, int[] clicks, float[] attention) {

  public SessionVector {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("version must not be empty");
    }
    if (clicks.length != attention.length) {
      throw new IllegalArgumentException("attention must have a share for each of " + clicks.length
          + " clicks, not " + attention.length);
    }
  }

  /** The vector of a session without known clicks. */
  public static SessionVector empty(String version, int dimension) {
    return new SessionVector(version, new float[dimension], new int[0], new float[0]);
  }

  /** Whether the session has no known clicks, so there is nothing to rank by. */
  public boolean isEmpty() {
    return clicks.length == 0;
  }
}
