package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a Transformer's attention knows how long ago a click was. */
public enum TimeBias {
  /** It does not. */
  @JsonProperty("none")
  NONE,
  /**
   * A learned number for each head and each {@link TimeGaps bucket} of the time between two clicks
   * is added to their score (relative positions as in Raffel et al. 2020, section 2.1, over times
   * as in Li et al. 2020, TiSASRec). Where a click has no time, nothing is added.
   */
  @JsonProperty("gap")
  GAP
}
