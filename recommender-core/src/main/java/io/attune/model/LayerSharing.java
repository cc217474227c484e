package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the layers of a Transformer share their weights. */
public enum LayerSharing {
  /** Each layer has its own weights. */
  @JsonProperty("independent")
  @JsonAlias("own")
  INDEPENDENT,
  /** One block is applied {@code layers} times (Dehghani et al. 2019, Universal Transformer). */
  @JsonProperty("shared")
  SHARED,
  /**
   * One block is applied up to {@code layers} times, and each position learns when to stop
   * (adaptive computation time; Graves 2016, equations 5 to 14).
   */
  @JsonProperty("halting")
  HALTING
}
