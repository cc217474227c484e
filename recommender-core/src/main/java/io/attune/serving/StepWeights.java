package io.attune.serving;

import io.attune.model.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * The weights of a model by name, each asked for with the shape that its encoder's configuration
 * gives it.
 *
 * @param tensors by name
 */
record StepWeights(Map<String, Tensor> tensors) {

  /** A weight float32 (size). */
  float[] vector(String name, int size) {
    return values(name, size);
  }

  /** A weight float32 (in, out). */
  Matrix matrix(String name, int in, int out) {
    return new Matrix(values(name, in, out), in, out);
  }

  /** A weight that lies turned, float32 (out, in). */
  Matrix turned(String name, int out, int in) {
    return Matrix.transposed(values(name, out, in), out, in);
  }

  private float[] values(String name, long... shape) {
    Tensor tensor = tensors.get(name);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException("the model's weight " + name + " should be float32 "
          + Arrays.toString(shape) + " but is " + (tensor == null ? "missing" : tensor));
    }
    return tensor.values();
  }
}
