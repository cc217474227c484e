package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How what an encoder made of the clicks becomes the query vector. */
public enum Readout {
  /**
   * The encoder's own output at the last click: NARM's bilinear decoder (Li et al. 2017, equation
   * 10), or a Transformer's last layer (Kang and McAuley 2018, SASRec).
   */
  @JsonProperty("last")
  LAST,
  /**
   * A mean of the clicks' item vectors weighted by attention, so that the query lies among the
   * items (Hou et al. 2022, CORE, equations 3 to 5).
   */
  @JsonProperty("mean")
  MEAN,
  /** The sum of both: near the items clicked, and off them where the encoder has reason. */
  @JsonProperty("sum")
  SUM
}
