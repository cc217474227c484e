package io.attune.incremental;

import io.attune.model.MeanConfig;
import io.attune.vector.ItemVectors;
import java.util.Arrays;

/**
 * The incremental form of {@code io.attune.encoder.Mean}. The state is the rows of the clicks in
 * the window; a running sum would take more memory, and gather errors of rounding over a long
 * session.
 */
final class IncrementalMean implements IncrementalEncoder {
  private final MeanConfig config;
  private final ItemVectors inputs;

  IncrementalMean(MeanConfig config, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
  }

  @Override
  public SessionState start() {
    return new SessionState(0, config.lastClicks(), 0);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    inputs.requireItem(row);
    state.append(row);
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    int kept = state.kept();
    Arrays.fill(attention, 0, kept, 1f / kept);
    Arrays.fill(query, 0);
    for (int i = 0; i < kept; i++) {
      inputs.addTo(query, state.row(i), attention[i]);
    }
    QueryNorm.apply(config.similarity(), query);
  }
}
