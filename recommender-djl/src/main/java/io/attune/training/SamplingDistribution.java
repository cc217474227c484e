package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How the negatives of a step are drawn; its targets are always among them (mixed negative
 * sampling, Yang et al. 2020).
 */
public enum SamplingDistribution {
  /** All items alike, none twice. */
  @JsonProperty("uniform")
  UNIFORM,
  /** By the rank {@code r} of their popularity, from 0, as {@code log(1 + 1 / (r + 1))}. */
  @JsonProperty("log-uniform")
  LOG_UNIFORM
}
