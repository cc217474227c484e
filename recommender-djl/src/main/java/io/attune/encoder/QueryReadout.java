package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.Readout;
import java.util.random.RandomGenerator;

/**
 * How a network's outputs at each click become query vectors, see {@link Readout}: by the output at
 * the position, by the mean of the clicks in its window weighted by attention, or by both.
 *
 * <p>Source: Hou, Hu, Zhang and Zhao 2022, "CORE: Simple and Effective Session-based Recommendation
 * within Consistent Representation Space", equations 3 to 5, for the mean.
 *
 * @param size D
 * @param dropout of the output that is projected
 */
record QueryReadout(Readout kind, int size, float dropout) {

  void initialize(Weights weights, RandomGenerator random) {
    float bound = (float) (1 / Math.sqrt(size));
    if (kind != Readout.LAST) {
      weights.uniform("readout.w", random, bound, size);
    }
    if (kind == Readout.PROJECTED) {
      weights.uniform("readout.projection", random, bound, size, size);
    }
  }

  /**
   * The scores of positions on their windows, float32 (P, W), where the readout attends.
   *
   * @param outputs float32 (B · L, D): of the last layer
   */
  NDArray scores(Weights weights, NDArray outputs, Positions positions) {
    NDArray scores = outputs.matMul(weights.get("readout.w")).expandDims(1); // float32 (B · L, 1)
    return Layers.rows(scores, positions.window()).squeeze(2);
  }

  /**
   * The query vectors, float32 (P, D).
   *
   * @param last float32 (P, D): the output at each position
   * @param attention float32 (P, W)
   * @param clicks float32 (B, L, D): as embedded
   */
  NDArray query(
      Weights weights,
      NDArray last,
      NDArray attention,
      NDArray clicks,
      Positions positions,
      boolean training) {
    NDArray seen = // float32 (P, W, D)
        Layers.rows(clicks.reshape(-1, size), positions.window());
    NDArray mean = Layers.sums(attention, seen); // float32 (P, D)
    return switch (kind) {
      case LAST, MEAN -> mean;
      // An output has a length of about √D, an item vector of about one.
      case SUM -> mean.add(last.mul(Layers.number(positions.manager(), 1 / Math.sqrt(size))));
      case PROJECTED ->
        mean.add(Layers.dropout(last, dropout, training).matMul(weights.get("readout.projection")));
    };
  }
}
