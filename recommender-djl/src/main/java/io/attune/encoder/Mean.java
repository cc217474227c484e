package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.MeanConfig;
import java.util.random.RandomGenerator;

/**
 * The mean of the embedded clicks in the window, without weights: for a session with clicks
 * {@code x_i}, {@code query = 1/n Σ x_i}. With a window of one click, it is the vector of the last.
 *
 * <p>Source: Hou, Hu, Zhang and Zhao 2022, "CORE: Simple and Effective Session-based Recommendation
 * within Consistent Representation Space", section 3.2.1, CORE-ave, equation 2.
 *
 * <p>Differs from the paper: the mean is over a window.
 */
final class Mean implements SessionEncoder {
  private final MeanConfig config;

  Mean(MeanConfig config) {
    this.config = config;
  }

  @Override
  public int window() {
    return config.lastClicks();
  }

  @Override
  public int reach() {
    return config.lastClicks() - 1;
  }

  @Override
  public long temporary(int length) {
    return (long) config.dimension() * length;
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    // There are none.
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    NDArray x = // float32 (B · L, D)
        Layers.dropout(clicks, config.inputDropout(), training).reshape(-1, config.dimension());
    NDArray counts = positions.mask().sum(new int[] {1}, true); // float32 (P, 1)
    NDArray shares = positions.mask().div(counts); // float32 (P, W)
    NDArray query = // float32 (P, D)
        Layers.sums(shares, Layers.rows(x, positions.window()));
    return Encoded.of(Layers.query(config.similarity(), query), () -> shares);
  }
}
