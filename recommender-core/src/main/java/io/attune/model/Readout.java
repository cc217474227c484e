package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a Transformer's outputs become the query vector. */
public enum Readout {
  /** The output at the last click (Kang and McAuley 2018, SASRec). */
  @JsonProperty("last")
  LAST,
  /**
   * A mean of the clicks' item vectors weighted by their outputs, so that the query lies among the
   * items (Hou et al. 2022, CORE, equations 3 to 5).
   */
  @JsonProperty("mean")
  MEAN
}
