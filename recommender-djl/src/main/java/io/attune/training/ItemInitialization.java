package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How item vectors are initialised. */
public enum ItemInitialization {
  /** Drawn at random, each for itself. */
  @JsonProperty("random")
  RANDOM,
  /** Drawn at random, by words where there are texts, then mixed with items met in sessions. */
  @JsonProperty("co-occurrence")
  COOCCURRENCE
}
