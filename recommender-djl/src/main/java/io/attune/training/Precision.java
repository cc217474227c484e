package io.attune.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The number format of the matrix products over all items, which are most of a training step. */
public enum Precision {
  /** Whichever of the others is faster here, by a measurement at the start. */
  @JsonProperty("auto")
  AUTO,
  @JsonProperty("fp32")
  FP32,
  /** Factors rounded to bfloat16; softmax, loss, gradients' sums and weights stay fp32. */
  @JsonProperty("bf16")
  BF16
}
