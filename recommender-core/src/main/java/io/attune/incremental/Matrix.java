package io.attune.incremental;

import io.attune.vector.Arithmetic;
import java.util.Arrays;

/**
 * A matrix, with an optional bias, that multiplies row vectors from the left.
 *
 * <p>Each row is a separate array, and results start at index 0 of theirs: C2 only vectorizes a
 * loop if all its array indices are equal, since it then knows that the arrays do not overlap.
 *
 * @param rows float32 (in, out)
 * @param bias float32 (out); zeros if there is none
 */
record Matrix(float[][] rows, float[] bias) {
  /** Stands for a matrix that an encoder does without. */
  static final Matrix EMPTY = new Matrix(new float[0][], new float[0]);

  /** A weight of a model, float32 (in, out), without a bias. */
  static Matrix of(IncrementalWeights weights, String name, int in, int out) {
    return new Matrix(rows(weights.get(name, in, out), in, out), new float[out]);
  }

  /** The matrices that a weight of a model holds, float32 (count, in, out), without a bias. */
  static Matrix[] all(IncrementalWeights weights, String name, int count, int in, int out) {
    float[][] rows = rows(weights.get(name, count, in, out), count * in, out);
    Matrix[] all = new Matrix[count];
    Arrays.setAll(
        all, i -> new Matrix(Arrays.copyOfRange(rows, i * in, (i + 1) * in), new float[out]));
    return all;
  }

  /** A linear layer of a model: {@code name.w} and {@code name.b}. */
  static Matrix linear(IncrementalWeights weights, String name, int in, int out) {
    return new Matrix(
        rows(weights.get(name + ".w", in, out), in, out), weights.get(name + ".b", out));
  }

  /** A weight that the model stores transposed, as float32 (out, in), with a bias. */
  static Matrix transposed(IncrementalWeights weights, String name, String bias, int out, int in) {
    float[] columns = weights.get(name, out, in);
    float[][] rows = new float[in][out];
    for (int i = 0; i < in; i++) {
      for (int j = 0; j < out; j++) {
        rows[i][j] = columns[j * in + i];
      }
    }
    return new Matrix(rows, weights.get(bias, out));
  }

  private static float[][] rows(float[] values, int in, int out) {
    float[][] rows = new float[in][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * out, (i + 1) * out));
    return rows;
  }

  /**
   * Computes {@code y = x M + bias}.
   *
   * @param x read from index {@code atX}, {@code in} elements
   * @param y written from index 0, {@code out} elements
   */
  void apply(float[] x, int atX, float[] y) {
    System.arraycopy(bias, 0, y, 0, bias.length);
    add(x, atX, y);
  }

  /** Computes {@code y += x M}. */
  void add(float[] x, int atX, float[] y) {
    int i = 0;
    // Four rows at a time, so that y is read and written once for all of them.
    for (; i + 3 < rows.length; i += 4) {
      add(
          y,
          bias.length,
          x[atX + i],
          rows[i],
          x[atX + i + 1],
          rows[i + 1],
          x[atX + i + 2],
          rows[i + 2],
          x[atX + i + 3],
          rows[i + 3]);
    }
    for (; i < rows.length; i++) {
      Arithmetic.addScaled(y, x[atX + i], rows[i], bias.length);
    }
  }

  private static void add(
      float[] y,
      int length,
      float a,
      float[] rowA,
      float b,
      float[] rowB,
      float c,
      float[] rowC,
      float d,
      float[] rowD) {
    for (int j = 0; j < length; j++) {
      y[j] += a * rowA[j] + b * rowB[j] + c * rowC[j] + d * rowD[j];
    }
  }
}
