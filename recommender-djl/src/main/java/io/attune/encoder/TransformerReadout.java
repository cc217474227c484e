package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Transformer}'s outputs become query vectors, see {@link Readout}: by the output at
 * the position, by the mean of the clicks in its window weighted by attention, or by both.
 *
 * <p>Source: Hou, Hu, Zhang and Zhao 2022, "CORE: Simple and Effective Session-based Recommendation
 * within Consistent Representation Space", equations 3 to 5, for the mean.
 */
final class TransformerReadout {
  private final TransformerConfig config;
  private final AttentionBias bias;

  TransformerReadout(TransformerConfig config, AttentionBias bias) {
    this.config = config;
    this.bias = bias;
  }

  void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    float bound = (float) (1 / Math.sqrt(d));
    if (config.readout() != Readout.LAST) {
      weights.uniform("readout.w", random, bound, d);
    }
    if (config.readout() == Readout.PROJECTED) {
      weights.uniform("readout.projection", random, bound, d, d);
    }
  }

  /**
   * The attention of positions on their windows, float32 (P, W), where the readout attends.
   *
   * @param outputs float32 (B · L, D): of the last layer, normalised
   * @param biases float32 (B, L, L, C), or null
   */
  NDArray attention(
      Weights weights, NDArray outputs, @Nullable NDArray biases, Positions positions) {
    NDArray scores = // float32 (P, W)
        Layers.rows(outputs.matMul(weights.get("readout.w")).expandDims(1), positions.window())
            .squeeze(2);
    NDArray biased = biases == null ? scores : scores.add(bias.ofReadout(biases, positions));
    return Layers.attention(biased, positions, true);
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
        Layers.rows(clicks.reshape(-1, config.dimension()), positions.window());
    NDArray mean = Layers.sums(attention, seen); // float32 (P, D)
    return switch (config.readout()) {
      case LAST, MEAN -> mean;
      // A normalised output has length √D, an item vector about one.
      case SUM ->
        mean.add(last.mul(Layers.number(positions.manager(), 1 / Math.sqrt(config.dimension()))));
      case PROJECTED ->
        mean.add(Layers.dropout(last, config.layerDropout(), training)
            .matMul(weights.get("readout.projection")));
    };
  }
}
