package io.attune.training;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** A loss of query vectors against the items, with its gradients computed by hand. */
interface ItemLoss {
  /**
   * The loss of a step and its gradients.
   *
   * @param queries float32 (P, D), not part of a graph
   * @param table float32 (V + 1, D), row 0 being padding, which is no candidate
   * @param targets int (P): the true item's row of each query, from 1
   * @param tableGradient float32 (V + 1, D): the gradient of the mean loss is added to it
   * @param seed of what is drawn, if anything is
   * @return the losses' sum, and the gradient of their mean by the queries
   */
  Loss backward(NDArray queries, NDArray table, int[] targets, NDArray tableGradient, long seed);

  /**
   * What a step cost.
   *
   * @param sum of the losses of all targets
   * @param gradient float32 (P, D) of the mean loss by the queries, owned by their manager
   * @param rows the rows that the table's gradient was added to, each once; null for all
   */
  record Loss(double sum, NDArray gradient, int @Nullable [] rows) {}
}
