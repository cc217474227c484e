package io.attune.serving;

import io.attune.vector.ClickedScores;

/**
 * An encoded session: its query vector, the correction for items that it clicked, and the attention
 * paid to its clicks.
 *
 * <p>The score of an item is the inner product of {@code query} and its vector, plus what
 * {@code clicked} adds.
 *
 * @param version the {@link ServingModel#version} that produced it; the query vector may only be
 *     compared with item vectors of this version
 * @param query float32 (D): the query vector; zero if no known item has been clicked
 * @param clicked what is added to the scores of clicked items; empty for a model without a
 *     correction
 * @param clicks item rows of the clicks in the attention window, oldest first
 * @param attention the share of attention of each of these clicks, adding up to 1
 */
public record SessionVector(
    String version, float[] query, ClickedScores clicked, int[] clicks, float[] attention) {

  public SessionVector {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("version must not be empty");
    }
    if (clicks.length != attention.length) {
      throw new IllegalArgumentException("attention must have a share for each of " + clicks.length
          + " clicks, not " + attention.length);
    }
  }

  /** A session whose clicked items are scored like others. */
  public SessionVector(String version, float[] query, int[] clicks, float[] attention) {
    this(version, query, ClickedScores.NONE, clicks, attention);
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
