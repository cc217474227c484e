package io.attune.serving;

/**
 * One step of a gated recurrent unit (Cho et al. 2014, equations 5 to 8, in the form that gates the
 * hidden part of the candidate after its product).
 */
final class GruCell {
  private final Matrix input; // float32 (D, 3H): reset, update, candidate
  private final Matrix hidden; // float32 (H, 3H)
  private final float[] inputBias; // float32 (3H)
  private final float[] hiddenBias; // float32 (3H)
  private final int size; // H

  GruCell(StepWeights weights, int dimension, int size) {
    this.input = weights.turned("gru.w_ih", 3 * size, dimension);
    this.hidden = weights.turned("gru.w_hh", 3 * size, size);
    this.inputBias = weights.vector("gru.b_ih", 3 * size);
    this.hiddenBias = weights.vector("gru.b_hh", 3 * size);
    this.size = size;
  }

  /** What a step needs besides its state. */
  static final class Scratch {
    final float[] x; // float32 (D): the click's vector, set by the caller
    private final float[] gates; // float32 (3H)
    private final float[] recurrent; // float32 (3H)

    Scratch(int dimension, int size) {
      x = new float[dimension];
      gates = new float[3 * size];
      recurrent = new float[3 * size];
    }
  }

  /**
   * Takes in {@code scratch.x}.
   *
   * @param state float32 (H), changed
   */
  void step(float[] state, Scratch scratch) {
    float[] g = scratch.gates;
    float[] r = scratch.recurrent;
    input.multiply(scratch.x, 0, inputBias, g);
    hidden.multiply(state, 0, hiddenBias, r);
    int h = size;
    for (int i = 0; i < 2 * h; i++) {
      g[i] += r[i];
    }
    Activation.sigmoid(g, 0, 2 * h);
    for (int i = 0; i < h; i++) {
      g[2 * h + i] += g[i] * r[2 * h + i];
    }
    Activation.tanh(g, 2 * h, 3 * h);
    for (int i = 0; i < h; i++) {
      float candidate = g[2 * h + i];
      state[i] = candidate + g[h + i] * (state[i] - candidate);
    }
  }
}
