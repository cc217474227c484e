package io.attune.vector;

import java.util.Arrays;
import java.util.Collection;

/**
 * A float32 tensor in row-major order.
 *
 * @param shape its dimensions; empty for a scalar
 * @param values as many as the product of the dimensions; not copied
 */
public record Tensor(long[] shape, float[] values) {

  public Tensor {
    if (count(shape) != values.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
    }
  }

  /** Returns the number of values of a shape. */
  public static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /** Concatenates the columns of two tables: (R, D) and (R, E) become (R, D + E). */
  public Tensor beside(Tensor other) {
    int rows = Math.toIntExact(shape[0]);
    int before = Math.toIntExact(shape[1]);
    int behind = Math.toIntExact(other.shape[1]);
    int width = before + behind;
    float[] joined = new float[Math.multiplyExact(rows, width)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(values, row * before, joined, row * width, before);
      System.arraycopy(other.values, row * behind, joined, row * width + before, behind);
    }
    return new Tensor(new long[] {rows, width}, joined);
  }

  /**
   * A table with more rows below it: (R, D) becomes (R + N, D).
   *
   * @param rows float32 (D) each
   */
  public Tensor above(Collection<float[]> rows) {
    int width = Math.toIntExact(shape[1]);
    long[] larger = {shape[0] + rows.size(), width};
    float[] joined = Arrays.copyOf(values, Math.toIntExact(count(larger)));
    int at = values.length;
    for (float[] row : rows) {
      System.arraycopy(row, 0, joined, at, width);
      at += width;
    }
    return new Tensor(larger, joined);
  }

  /**
   * A copy of some columns of a table.
   *
   * @param from the first column
   * @param to the column after the last
   */
  public Tensor columns(int from, int to) {
    int rows = Math.toIntExact(shape[0]);
    int width = Math.toIntExact(shape[1]);
    float[] part = new float[rows * (to - from)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(values, row * width + from, part, row * (to - from), to - from);
    }
    return new Tensor(new long[] {rows, to - from}, part);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "float32 " + Arrays.toString(shape);
  }
}
