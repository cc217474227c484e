package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Which clicks a Transformer attends to; it determines how the encoder is trained and served. */
public enum Direction {
  /** Earlier clicks only: every position is a training target, and a new click costs one step. */
  @JsonProperty("causal")
  CAUSAL,
  /**
   * All clicks of the session. Trained by predicting masked clicks (cloze task; Sun et al. 2019,
   * BERT4Rec). Each prediction encodes the whole session again, so it cannot be served
   * incrementally.
   */
  @JsonProperty("bidirectional")
  @JsonAlias("both")
  BIDIRECTIONAL
}
