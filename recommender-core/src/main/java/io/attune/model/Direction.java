package io.attune.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Which clicks a Transformer's position may look at; it decides what can be trained and served. */
public enum Direction {
  /** Those before it: every position is a target, and one more click costs one step. */
  @JsonProperty("causal")
  CAUSAL,
  /**
   * All of the session. Trained by guessing clicks that were masked (cloze, Sun et al. 2019,
   * BERT4Rec); each prediction encodes the whole session again, so serving is not incremental.
   */
  @JsonProperty("bidirectional")
  @JsonAlias("both")
  BIDIRECTIONAL
}
