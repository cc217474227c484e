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
  static Matrix of(Map<String, Tensor> weights, String name) {
    Tensor tensor = weight(weights, name);
    return new Matrix(tensor.values(), (int) tensor.shape()[0], (int) tensor.shape()[1], null);
  }

  /** A linear layer of a model: weights and bias. */
  static Matrix linear(Map<String, Tensor> weights, String name) {
    Matrix matrix = of(weights, name + ".w");
    return new Matrix(
        matrix.values, matrix.in, matrix.out, weight(weights, name + ".b").values());
  }

  /** A weight that a model holds as float32 (out, in), with a bias. */
  static Matrix transposed(Map<String, Tensor> weights, String name, String bias) {
    Tensor tensor = weight(weights, name);
    int out = (int) tensor.shape()[0];
    int in = (int) tensor.shape()[1];
    float[] values = new float[in * out];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < out; j++) {
        values[i * out + j] = tensor.values()[j * in + i];
      }
    }
    return new Matrix(values, in, out, weight(weights, bias).values());
  }

  /**
   * A weight of a model.
   *
   * @throws IllegalArgumentException when it has none of that name
   */
  static Tensor weight(Map<String, Tensor> weights, String name) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the model has no weight " + name);
    }
    return tensor;
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
