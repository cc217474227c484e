package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The loss: which items a target is compared with, and how. */
public enum LossKind {
  /** Full softmax up to {@value #MAX_FULL} items, sampled softmax beyond. */
  @JsonProperty("auto")
  AUTO,
  /** Softmax cross-entropy over all items. */
  @JsonProperty("full")
  FULL,
  /** Softmax cross-entropy over a sample, corrected for how it was drawn. */
  @JsonProperty("sampled")
  SAMPLED,
  /** Binary cross-entropy against a sample, calibrated for its size. */
  @JsonProperty("gbce")
  GBCE;

  /** Where a step over all items takes longer than ten over samples. */
  static final int MAX_FULL = 200_000;

  /** The kind for a catalogue: {@link #AUTO} decided. */
  LossKind forItems(int items) {
    if (this != AUTO) {
      return this;
    }
    return items <= MAX_FULL ? FULL : SAMPLED;
  }
}
