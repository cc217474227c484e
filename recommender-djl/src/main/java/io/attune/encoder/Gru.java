package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import io.attune.model.GruConfig;
import java.util.random.RandomGenerator;

/**
 * A GRU over the clicks, whose last state becomes the query vector.
 *
 * <p>Source: Hidasi, Karatzoglou, Baltrunas and Tikk 2016, "Session-based Recommendations with
 * Recurrent Neural Networks" (GRU4Rec), section 3.1, equations 1 to 4.
 *
 * <p>Differs from the paper: the state is mapped to the size of the item vectors and scored by
 * inner product; whole sessions are trained at once instead of session-parallel steps; losses and
 * dropout are those of all encoders here.
 */
final class Gru implements SessionEncoder {
  private final GruConfig config;

  Gru(GruConfig config) {
    this.config = config;
  }

  @Override
  public int window() {
    return 1;
  }

  @Override
  public int reach() {
    return Layers.REMEMBERED;
  }

  @Override
  public long temporary(int length) {
    return 3L * config.hidden() * length;
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    Layers.addGru(weights, random, config.dimension(), config.hidden());
    float bound = (float) (1 / Math.sqrt(config.hidden()));
    weights.uniform("decoder.b", random, bound, config.hidden(), config.dimension());
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    NDArray x = Layers.dropout(clicks, config.inputDropout(), training); // float32 (B, L, D)
    NDArray states = Layers.gru(weights, x, training); // float32 (B · L, H)
    NDArray last = // float32 (P, H)
        Layers.dropout(Layers.rows(states, positions.last()), config.stateDropout(), training);
    NDArray query = last.matMul(weights.get("decoder.b")); // float32 (P, D)
    // There is no attention: all weight is on the last click, whose state summarises the others.
    return Encoded.of(Layers.query(config.similarity(), query), positions::mask);
  }
}
