package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How item vectors are initialised. */
public enum ItemInitialization {
  /** Drawn at random, each for itself. */
  @JsonProperty("random")
  RANDOM,
  /** Drawn at random, then mixed with those of items that meet it in sessions. */
  @JsonProperty("co-occurrence")
  COOCCURRENCE
}
