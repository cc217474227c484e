package io.attune.serving;

import java.util.Arrays;

/**
 * A weight matrix float32 (in, out) for products with single vectors. The loops run along a row
 * with neighbouring elements, which the compiler turns into vector instructions.
 *
 * @param values row by row, one row an input
 * @param in how many inputs
 * @param out how many outputs
 */
record Matrix(float[] values, int in, int out) {

  /** The matrix of a weight whose rows are outputs, float32 (out, in). */
  static Matrix transposed(float[] values, int out, int in) {
    float[] turned = new float[values.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        turned[i * out + o] = values[o * in + i];
      }
    }
    return new Matrix(turned, in, out);
  }

  /**
   * {@code y = x W}.
   *
   * @param x read from {@code at}, {@code in} elements
   * @param y written: the first {@code out} elements
   */
  void multiply(float[] x, int at, float[] y) {
    Arrays.fill(y, 0, out, 0);
    addProduct(x, at, y);
  }

  /**
   * {@code y = x W + b}.
   *
   * @param b its first {@code out} elements are read
   */
  void multiply(float[] x, int at, float[] b, float[] y) {
    System.arraycopy(b, 0, y, 0, out);
    addProduct(x, at, y);
  }

  /** {@code y += x W}. */
  void addProduct(float[] x, int at, float[] y) {
    int i = 0;
    // Four rows at a time: y is read and written a quarter as often.
    for (; i + 3 < in; i += 4) {
      addRows(values, i * out, out, x[at + i], x[at + i + 1], x[at + i + 2], x[at + i + 3], y);
    }
    for (; i < in; i++) {
      add(x[at + i], values, i * out, y, out);
    }
  }

  private static void addRows(
      float[] w, int from, int count, float a, float b, float c, float d, float[] y) {
    int second = from + count;
    int third = second + count;
    int fourth = third + count;
    for (int j = 0; j < count; j++) {
      y[j] += (a * w[from + j] + b * w[second + j]) + (c * w[third + j] + d * w[fourth + j]);
    }
  }

  /** {@code y += a x}, the first {@code count} elements, those of x from {@code from}. */
  static void add(float a, float[] x, int from, float[] y, int count) {
    for (int j = 0; j < count; j++) {
      y[j] += a * x[from + j];
    }
  }
}
