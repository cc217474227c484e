package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a Transformer learns of the order of clicks. Places are counted from the session's start, so
 * that what has been computed for a click stays valid when more follow.
 */
public enum PositionCode {
  /** Sines and cosines added to the click (Vaswani et al. 2017, section 3.5). */
  @JsonProperty("sinusoidal")
  SINUSOIDAL,
  /**
   * A learned vector for each of the first {@code lastClicks} places added to the click; later
   * places share the last one.
   */
  @JsonProperty("learned")
  LEARNED,
  /** Queries and keys are rotated by their place (Su et al. 2021, equation 34). */
  @JsonProperty("rotary")
  ROTARY,
  /** None: attention sees the clicks before a place as a set. */
  @JsonProperty("none")
  NONE
}
