package io.attune.incremental;

import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;

/** One step of a gated recurrent unit, with the weights of {@code io.attune.encoder.Layers}. */
final class GruCell {
  private final Matrix input; // (D, 3H)
  private final Matrix recurrent; // (H, 3H)
  private final int hidden;
  private final ScratchPool<Scratch> scratch;

  /**
   * Scratch memory for a step: the click (D) and the input and recurrent parts of the gates (3H),
   * ordered reset, update, candidate.
   */
  private record Scratch(float[] click, float[] gates, float[] carried) {}

  GruCell(IncrementalWeights weights, int dimension, int hidden) {
    this.hidden = hidden;
    input = Matrix.transposed(weights, "gru.w_ih", "gru.b_ih", 3 * hidden, dimension);
    recurrent = Matrix.transposed(weights, "gru.w_hh", "gru.b_hh", 3 * hidden, hidden);
    scratch = new ScratchPool<>(
        () -> new Scratch(new float[dimension], new float[3 * hidden], new float[3 * hidden]));
  }

  /** H, the hidden size. */
  int hidden() {
    return hidden;
  }

  /**
   * Advances the hidden state by one click.
   *
   * @param state float32 (H), updated in place
   */
  void step(ItemVectors inputs, int row, float[] state) {
    scratch.use(s -> step(inputs, row, state, s));
  }

  private void step(ItemVectors inputs, int row, float[] state, Scratch s) {
    inputs.copyItem(row, s.click);
    input.apply(s.click, 0, s.gates);
    recurrent.apply(state, 0, s.carried);
    int h = hidden;
    Arithmetic.addScaled(s.gates, 1, s.carried, 2 * h);
    Arithmetic.sigmoid(s.gates, 0, 2 * h);
    for (int j = 2 * h; j < 3 * h; j++) {
      s.gates[j] += s.gates[j - 2 * h] * s.carried[j];
    }
    Arithmetic.tanh(s.gates, 2 * h, h);
    for (int j = 0; j < h; j++) {
      float candidate = s.gates[2 * h + j];
      state[j] = candidate + s.gates[h + j] * (state[j] - candidate);
    }
  }
}
