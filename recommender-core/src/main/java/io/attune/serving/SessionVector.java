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
 * @param visits the visit of each of these clicks, from 0; all 0 for an encoder that does not tell
 *     visits apart. The share of a visit is the sum of those of its clicks
 */
public record SessionVector(
    String version,
    float[] query,
    ClickedScores clicked,
    int[] clicks,
    float[] attention,
    int[] visits) {

  public SessionVector {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("version must not be empty");
    }
    if (clicks.length != attention.length || clicks.length != visits.length) {
      throw new IllegalArgumentException("attention must have a share and a visit for each of "
          + clicks.length + " clicks, not " + attention.length + " and " + visits.length);
    }
  }

  /** A session of one visit. */
  public SessionVector(
      String version, float[] query, ClickedScores clicked, int[] clicks, float[] attention) {
    this(version, query, clicked, clicks, attention, new int[clicks.length]);
  }

  /** A session whose clicked items are scored like others. */
  public SessionVector(String version, float[] query, int[] clicks, float[] attention) {
    this(version, query, ClickedScores.NONE, clicks, attention);
  }

  /** The vector of a session without known clicks. */
  public static SessionVector empty(String version, int dimension) {
    return new SessionVector(version, new float[dimension], new int[0], new float[0]);
  }

  /** The share of attention of each visit, adding up to 1: one for a session of one visit. */
  public float[] visitShares() {
    float[] shares = new float[visits.length == 0 ? 0 : 1 + visits[visits.length - 1]];
    for (int i = 0; i < visits.length; i++) {
      shares[visits[i]] += attention[i];
    }
    return shares;
  }

  /** Whether the session has no known clicks, so there is nothing to rank by. */
  public boolean isEmpty() {
    return clicks.length == 0;
  }
}
