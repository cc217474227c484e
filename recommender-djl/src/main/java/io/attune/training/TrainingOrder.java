package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.attune.model.EncoderConfig;
import io.attune.model.MemoryNetworkConfig;

/** In which order an epoch goes through the sessions. */
public enum TrainingOrder {
  /** At random, drawn anew for each epoch. */
  @JsonProperty("random")
  RANDOM,
  /**
   * As they ended, at random among neighbours only, so that each epoch ends with the newest; for
   * catalogues that change within hours. Without times, as they are listed. An encoder with a
   * memory of other sessions is always trained so, since it reads the newest in serving.
   */
  @JsonProperty("chronological")
  CHRONOLOGICAL;

  /** The order in which an encoder is trained where this one is configured. */
  TrainingOrder of(EncoderConfig encoder) {
    return encoder instanceof MemoryNetworkConfig ? CHRONOLOGICAL : this;
  }
}
