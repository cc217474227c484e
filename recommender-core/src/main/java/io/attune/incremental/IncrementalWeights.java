package io.attune.incremental;

import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The weights of a model as an encoder asks for them.
 *
 * @param all of the model, by their names in its file
 * @param naming makes such a name of the encoder's own
 */
record IncrementalWeights(Map<String, Tensor> all, UnaryOperator<String> naming) {

  /** Those of an encoder that has the model for itself. */
  static IncrementalWeights of(Map<String, Tensor> all) {
    return new IncrementalWeights(all, UnaryOperator.identity());
  }

  /** Those of one of several encoders. */
  IncrementalWeights named(UnaryOperator<String> name) {
    return new IncrementalWeights(all, name);
  }

  /**
   * A weight.
   *
   * @param shape what the encoder's configuration asks for
   * @throws IllegalArgumentException when there is none of that name and shape
   */
  float[] get(String name, long... shape) {
    String full = naming.apply(name);
    Tensor tensor = all.get(full);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException("the model's weight " + full + " should be float32 "
          + Arrays.toString(shape) + " but is " + (tensor == null ? "missing" : tensor));
    }
    return tensor.values();
  }
}
