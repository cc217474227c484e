package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a Transformer encodes the order of clicks. Positions are counted from the start of the
 * session, so what was computed for a click stays valid when more follow.
 */
public enum PositionEncoding {
  /** Sines and cosines added to the click's vector (Vaswani et al. 2017, section 3.5). */
  @JsonProperty("sinusoidal")
  SINUSOIDAL,
  /**
   * A learned vector for each of {@code lastClicks} positions, added to the click's vector. Longer
   * sessions reuse the vectors from the start. Attention only spans {@code lastClicks} clicks, so
   * no two clicks that it sees share a position, however long the session is. (A bidirectional
   * Transformer never gets more clicks than that.)
   */
  @JsonProperty("learned")
  LEARNED,
  /** Queries and keys are rotated by their position (Su et al. 2021, equation 34). */
  @JsonProperty("rotary")
  ROTARY,
  /** None: attention treats the preceding clicks as a set. */
  @JsonProperty("none")
  NONE;

  /**
   * The index of a position's learned vector.
   *
   * @param place in the session, from 0
   * @param lastClicks W
   */
  public static int learned(int place, int lastClicks) {
    return place % lastClicks;
  }
}
