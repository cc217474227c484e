package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether a Transformer's attention takes the time between clicks into account. */
public enum TimeBias {
  /** It ignores time. */
  @JsonProperty("none")
  NONE,
  /**
   * A learned bias for each head and each {@link TimeGaps bucket} of the time between two clicks is
   * added to their score: relative positions as in Raffel et al. 2020, section 2.1, applied to time
   * as in Li et al. 2020, TiSASRec. A click without a time gets no bias.
   */
  @JsonProperty("gap")
  GAP
}
