package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.EnsembleConfig;
import java.util.random.RandomGenerator;

/**
 * Two encoders over the same clicks, their query vectors concatenated; see {@link EnsembleConfig}.
 */
final class EncoderEnsemble implements SessionEncoder {
  private final EnsembleConfig config;
  private final SessionEncoder first;
  private final SessionEncoder second;

  EncoderEnsemble(EnsembleConfig config) {
    this.config = config;
    this.first = SessionEncoder.of(config.first());
    this.second = SessionEncoder.of(config.second());
  }

  @Override
  public int window() {
    return Math.max(first.window(), second.window());
  }

  @Override
  public int reach() {
    return Math.max(first.reach(), second.reach());
  }

  @Override
  public long temporary(int length) {
    return Math.max(first.temporary(length), second.temporary(length));
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    first.initialize(weights.named(EnsembleConfig::first), random);
    second.initialize(weights.named(EnsembleConfig::second), random);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    int cut = config.first().dimension();
    Encoded one = first.encode(
        weights.named(EnsembleConfig::first),
        clicks.get(new NDIndex("..., :{}", cut)),
        positions.within(first.window()),
        training);
    Encoded other = second.encode(
        weights.named(EnsembleConfig::second),
        clicks.get(new NDIndex("..., {}:", cut)),
        positions.within(second.window()),
        training);
    NDArray both = NDArrays.concat(new NDList(one.queries(), other.queries()), 1);
    return new Encoded(
        both.mul(Layers.number(clicks.getManager(), EnsembleConfig.SHARE)),
        () -> shares(one, positions).add(shares(other, positions)),
        one.halting() == null ? other.halting() : one.halting());
  }

  /** The attention of an encoder as shares of a half, over the window of both, float32 (P, W). */
  private static NDArray shares(Encoded encoded, Positions positions) {
    NDArray attention = encoded.attention().get().abs();
    NDManager manager = attention.getManager();
    NDArray sum = attention.sum(new int[] {1}, true).add(Layers.number(manager, 1e-12));
    NDArray shares = attention.div(sum).mul(Layers.number(manager, 0.5));
    long before = positions.mask().getShape().get(1) - attention.getShape().get(1);
    NDArray beyond = manager.zeros(new Shape(attention.getShape().get(0), before));
    return NDArrays.concat(new NDList(beyond, shares), 1);
  }
}
