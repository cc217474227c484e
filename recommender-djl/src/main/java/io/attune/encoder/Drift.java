package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import java.util.random.RandomGenerator;

/**
 * An encoder whose query vectors end in a one that adds the popularity drift; see
 * {@link DriftConfig}.
 */
final class Drift implements SessionEncoder {
  private final DriftConfig config;
  private final SessionEncoder encoder;

  Drift(DriftConfig config) {
    this.config = config;
    this.encoder = SessionEncoder.of(config.encoder());
  }

  @Override
  public int window() {
    return encoder.window();
  }

  @Override
  public int reach() {
    return encoder.reach();
  }

  @Override
  public long temporary(int length) {
    return encoder.temporary(length);
  }

  @Override
  public Direction direction() {
    return encoder.direction();
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    encoder.initialize(weights, random);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    int cut = config.encoder().dimension();
    Encoded encoded =
        encoder.encode(weights, clicks.get(new NDIndex("..., :{}", cut)), positions, training);
    NDArray queries = encoded.queries();
    Shape behind = new Shape(queries.getShape().get(0), config.dimension() - cut);
    NDArray ones = clicks.getManager().ones(behind);
    return new Encoded(
        NDArrays.concat(new NDList(queries, ones), 1), encoded.attention(), encoded.halting());
  }
}
