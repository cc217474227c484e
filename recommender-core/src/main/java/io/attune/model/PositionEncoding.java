package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a Transformer learns of the order of clicks. Places are counted from the session's start, so
 * that what has been computed for a click stays valid when more follow.
 */
public enum PositionEncoding {
  /** Sines and cosines added to the click (Vaswani et al. 2017, section 3.5). */
  @JsonProperty("sinusoidal")
  SINUSOIDAL,
  /**
   * A learned vector for each of {@code lastClicks} places added to the click. After the last place
   * they begin again with the first: attention looks back on as many clicks, so that no two of
   * those that it sees share a vector, however long the session is. (Where it looks in both
   * directions it is never shown more.)
   */
  @JsonProperty("learned")
  LEARNED,
  /** Queries and keys are rotated by their place (Su et al. 2021, equation 34). */
  @JsonProperty("rotary")
  ROTARY,
  /** None: attention sees the clicks before a place as a set. */
  @JsonProperty("none")
  NONE;

  /**
   * Which learned vector a place has.
   *
   * @param place in the session, from 0
   * @param lastClicks W
   */
  public static int learned(int place, int lastClicks) {
    return place % lastClicks;
  }
}
