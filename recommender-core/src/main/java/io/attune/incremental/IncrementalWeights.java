package io.attune.incremental;

import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The weights of a model, looked up by an encoder's own names.
 *
 * @param all all weights of the model, by their names in its file
 * @param naming maps an encoder's name of a weight to that in the file
 */
record IncrementalWeights(Map<String, Tensor> all, UnaryOperator<String> naming) {

  /** The weights of an encoder that is the whole model. */
  static IncrementalWeights of(Map<String, Tensor> all) {
    return new IncrementalWeights(all, UnaryOperator.identity());
  }

  /** The weights of an encoder that is part of an ensemble. */
  IncrementalWeights named(UnaryOperator<String> name) {
    return new IncrementalWeights(all, name);
  }

  /**
   * Returns a weight.
   *
   * @param shape the shape that the encoder's configuration requires
   * @throws IllegalArgumentException if there is no weight of this name and shape
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
