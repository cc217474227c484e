package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the query vector is formed from an encoder's output. */
public enum Readout {
  /**
   * The encoder's output at the last click: NARM's bilinear decoder (Li et al. 2017, equation 10),
   * or a Transformer's last layer (Kang and McAuley 2018, SASRec).
   */
  @JsonProperty("last")
  LAST,
  /**
   * The mean of the clicks' item vectors weighted by attention, so that the query lies among the
   * items (Hou et al. 2022, CORE, equations 3 to 5).
   */
  @JsonProperty("mean")
  MEAN,
  /** The sum of both: close to the clicked items, with a learned offset. */
  @JsonProperty("sum")
  SUM,
  /**
   * The mean plus a learned projection of a Transformer's last layer, as NARM adds its decoder's
   * output: the query may lie among the clicked items or leave them for one that is new to the
   * session. For NARM the same as {@link #SUM}, which its decoder projects.
   */
  @JsonProperty("projected")
  PROJECTED
}
