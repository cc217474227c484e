package io.attune.serving;

import io.attune.model.Tensor;
import java.util.Map;

/** One step of the gated recurrent unit in {@code io.attune.encoder.Layers}. */
final class GruCell {
  private final Matrix input; // (D, 3H)
  private final Matrix recurrent; // (H, 3H)
  private final int hidden;
  private final ThreadLocal<float[]> scratch;

  GruCell(Map<String, Tensor> weights, int dimension, int hidden) {
    this.hidden = hidden;
    input = Matrix.transposed(weights, "gru.w_ih", "gru.b_ih", 3 * hidden, dimension);
    recurrent = Matrix.transposed(weights, "gru.w_hh", "gru.b_hh", 3 * hidden, hidden);
    scratch = ThreadLocal.withInitial(() -> new float[input.in() + 6 * hidden]);
  }

  /** H. */
  int hidden() {
    return hidden;
  }

  /**
   * Goes one click on.
   *
   * @param state float32 (H), changed in place
   */
  void step(ItemVectors inputs, int row, float[] state) {
    int h = hidden;
    float[] buffer = scratch.get();
    inputs.copyItem(row, buffer);
    int gates = input.in();
    int carried = gates + 3 * h;
    input.apply(buffer, 0, buffer, gates);
    recurrent.apply(state, 0, buffer, carried);
    for (int j = 0; j < h; j++) {
      float reset = Arithmetic.sigmoid(buffer[gates + j] + buffer[carried + j]);
      float update = Arithmetic.sigmoid(buffer[gates + h + j] + buffer[carried + h + j]);
      float candidate =
          Arithmetic.tanh(buffer[gates + 2 * h + j] + reset * buffer[carried + 2 * h + j]);
      state[j] = candidate + update * (state[j] - candidate);
    }
  }
}
