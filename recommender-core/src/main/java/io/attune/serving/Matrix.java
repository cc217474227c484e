package io.attune.serving;

import io.attune.model.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A matrix that maps rows of length {@code in} to rows of length {@code out}.
 *
 * @param values float32 (in, out)
 * @param bias float32 (out) that is added, null for none
 */
record Matrix(float[] values, int in, int out, float @Nullable [] bias) {

  /** A weight of a model, float32 (in, out), without a bias. */
  static Matrix of(Map<String, Tensor> weights, String name, int in, int out) {
    return new Matrix(weight(weights, name, in, out), in, out, null);
  }

  /** A linear layer of a model: weights and bias. */
  static Matrix linear(Map<String, Tensor> weights, String name, int in, int out) {
    return new Matrix(
        weight(weights, name + ".w", in, out), in, out, weight(weights, name + ".b", out));
  }

  /** A weight that a model holds as float32 (out, in), with a bias. */
  static Matrix transposed(Map<String, Tensor> weights, String name, String bias, int out, int in) {
    float[] rows = weight(weights, name, out, in);
    float[] values = new float[in * out];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < out; j++) {
        values[i * out + j] = rows[j * in + i];
      }
    }
    return new Matrix(values, in, out, weight(weights, bias, out));
  }

  /**
   * A weight of a model.
   *
   * @param shape what its configuration asks for
   * @throws IllegalArgumentException when it has none of that name and shape
   */
  static float[] weight(Map<String, Tensor> weights, String name, long... shape) {
    Tensor tensor = weights.get(name);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException("the model's weight " + name + " should be float32 "
          + Arrays.toString(shape) + " but is " + (tensor == null ? "missing" : tensor));
    }
    return tensor.values();
  }

  /**
   * {@code y = x M + bias}.
   *
   * @param x read from {@code atX}, {@code in} numbers
   * @param y written from {@code atY}, {@code out} numbers
   */
  void apply(float[] x, int atX, float[] y, int atY) {
    if (bias == null) {
      Arrays.fill(y, atY, atY + out, 0);
    } else {
      System.arraycopy(bias, 0, y, atY, out);
    }
    add(x, atX, y, atY);
  }

  /** {@code y += x M}. */
  void add(float[] x, int atX, float[] y, int atY) {
    int i = 0;
    // Four rows at a time: y is read and written once for them.
    for (; i + 3 < in; i += 4) {
      float x0 = x[atX + i];
      float x1 = x[atX + i + 1];
      float x2 = x[atX + i + 2];
      float x3 = x[atX + i + 3];
      int r0 = i * out;
      int r1 = r0 + out;
      int r2 = r1 + out;
      int r3 = r2 + out;
      for (int j = 0; j < out; j++) {
        y[atY + j] +=
            x0 * values[r0 + j] + x1 * values[r1 + j] + x2 * values[r2 + j] + x3 * values[r3 + j];
      }
    }
    for (; i < in; i++) {
      Arithmetic.addScaled(y, atY, x[atX + i], values, i * out, out);
    }
  }
}
