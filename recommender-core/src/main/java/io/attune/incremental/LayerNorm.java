package io.attune.incremental;

/** Layer normalisation (Ba, Kiros and Hinton 2016, equation 3). */
record LayerNorm(float[] gain, float[] bias) {
  static LayerNorm of(IncrementalWeights weights, String name, int size) {
    return new LayerNorm(weights.get(name + ".gain", size), weights.get(name + ".bias", size));
  }

  /**
   * Normalises a vector.
   *
   * @param into receives the result; may be {@code x}
   */
  void apply(float[] x, float[] into) {
    float mean = 0;
    for (float value : x) {
      mean += value;
    }
    mean /= x.length;
    float squares = 0;
    for (float value : x) {
      squares += (value - mean) * (value - mean);
    }
    float factor = (float) (1 / Math.sqrt(squares / x.length + 1e-5f));
    for (int i = 0; i < x.length; i++) {
      into[i] = (x[i] - mean) * factor * gain[i] + bias[i];
    }
  }
}
