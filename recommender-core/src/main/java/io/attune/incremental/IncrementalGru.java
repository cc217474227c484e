package io.attune.incremental;

import io.attune.model.GruConfig;
import io.attune.vector.ItemVectors;

/**
 * The incremental form of {@code io.attune.encoder.Gru}. The state is the hidden state of the
 * recurrent unit.
 */
final class IncrementalGru implements IncrementalEncoder {
  private final GruConfig config;
  private final ItemVectors inputs;
  private final GruCell cell;
  private final Matrix decoder; // (H, D)

  IncrementalGru(GruConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.cell = new GruCell(weights, config.dimension(), config.hidden());
    this.decoder = Matrix.of(weights, "decoder.b", config.hidden(), config.dimension());
  }

  @Override
  public SessionState start() {
    return new SessionState(cell.hidden(), 1, 0);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    cell.step(inputs, row, state.carried);
    state.append(row);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    decoder.apply(state.carried, 0, query);
    QueryNorm.apply(config.similarity(), query);
    attention[0] = 1;
  }
}
