package io.attune.serving;

import io.attune.model.GruConfig;

/** A plain GRU; its state is one vector, and all attention lies on the last click. */
final class GruStepEncoder extends StepEncoder {
  private static final float[] ONE = {1};

  private final GruConfig config;
  private final GruCell cell;
  private final Matrix decoder; // float32 (H, D)
  private final ThreadLocal<GruCell.Scratch> scratch;

  GruStepEncoder(GruConfig config, StepWeights weights, ItemVectors inputs) {
    super(config, inputs);
    this.config = config;
    this.cell = new GruCell(weights, config.dimension(), config.hidden());
    this.decoder = weights.matrix("decoder.b", config.hidden(), config.dimension());
    this.scratch =
        ThreadLocal.withInitial(() -> new GruCell.Scratch(config.dimension(), config.hidden()));
  }

  @Override
  public SessionState start() {
    return new SessionState(this, config.hidden(), 0, 1);
  }

  @Override
  void step(SessionState state, int item) {
    GruCell.Scratch s = scratch.get();
    inputs().copy(item, s.x);
    cell.step(state.memory, s);
  }

  @Override
  float[] look(SessionState state, float[] query) {
    decoder.multiply(state.memory, 0, query);
    return ONE;
  }
}
