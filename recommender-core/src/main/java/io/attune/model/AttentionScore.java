package io.attune.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How attention compares the hidden state {@code q} at the newest click with the state {@code k} at
 * an earlier one.
 *
 * <p>Source: additive from Li et al. 2017, NARM, equation 8; the others from Luong et al. 2015,
 * section 3.1, and Vaswani et al. 2017, equation 1.
 */
public enum AttentionScore {
  /** {@code v · σ(A1 q + A2 k)}, as in NARM. */
  @JsonProperty("additive")
  ADDITIVE,
  /** {@code q · k}. */
  @JsonProperty("dot")
  DOT,
  /** {@code q · k / √H}. */
  @JsonProperty("scaled-dot")
  SCALED_DOT,
  /** {@code q · A1 k}. */
  @JsonProperty("general")
  GENERAL
}
