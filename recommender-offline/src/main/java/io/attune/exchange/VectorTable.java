package io.attune.exchange;

import io.attune.model.EncoderConfig;
import io.attune.vector.Tensor;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The table that item vectors are read into, float32 (V + 1, D), with zeros in row 0. There is no
 * second copy of it.
 */
final class VectorTable {
  private static final int MAX_VALUES = Integer.MAX_VALUE - 16;

  private final Path file;
  private final int size; // V
  private final int dimension; // D
  private final float[] values;
  private final boolean padded;
  private long next; // index of the next value that is read

  /**
   * An empty table.
   *
   * @param padded whether the file has the padding row too
   * @throws VectorFileException if there is nothing to hold, or more than fits
   */
  VectorTable(Path file, long size, long dimension, boolean padded) throws VectorFileException {
    if (size < 1 || dimension < 1) {
      throw new VectorFileException(
          file, "has " + size + " vectors of " + dimension + " elements; expected at least one");
    }
    if (dimension > EncoderConfig.MAX_DIMENSIONS) {
      throw new VectorFileException(
          file,
          String.format(
              Locale.ROOT,
              "has vectors of %,d elements; expected at most %,d, which is Lucene's limit: reduce"
                  + " them, for example by a principal component analysis",
              dimension,
              EncoderConfig.MAX_DIMENSIONS));
    }
    if (size >= MAX_VALUES / dimension) {
      throw new VectorFileException(
          file,
          String.format(
              Locale.ROOT,
              "has %,d vectors of %,d elements; expected at most %,d numbers in all",
              size,
              dimension,
              MAX_VALUES));
    }
    this.file = file;
    this.size = (int) size;
    this.dimension = (int) dimension;
    this.padded = padded;
    this.values = new float[Math.toIntExact((size + 1) * dimension)];
    this.next = padded ? 0 : dimension;
  }

  /** Adds the next numbers of a file that has row after row. */
  void addAll(float[] read, int count) throws VectorFileException {
    for (int i = 0; i < count; i++) {
      put(next, read[i]);
      next++;
    }
  }

  /** Adds the next numbers of a file that has column after column. */
  void addTransposed(float[] read, int count) throws VectorFileException {
    int rows = padded ? size + 1 : size;
    long at = padded ? next : next - dimension;
    for (int i = 0; i < count; i++, at++) {
      long row = at % rows + (padded ? 0 : 1);
      put(row * dimension + at / rows, read[i]);
    }
    next += count;
  }

  /**
   * Sets a number.
   *
   * @param index in the table
   */
  private void put(long index, float value) throws VectorFileException {
    if (!Float.isFinite(value)) {
      throw new VectorFileException(
          file,
          String.format(
              Locale.ROOT,
              "row %d, column %d (from 0): expected a finite number, found %s",
              index / dimension - (padded ? 0 : 1),
              index % dimension,
              value));
    }
    if (value != 0 && index < dimension) {
      throw new VectorFileException(
          file,
          String.format(
              Locale.ROOT,
              "has %,d rows for %,d ids; expected a row for each id, or one more, the first, of"
                  + " zeros",
              size + 1,
              size));
    }
    values[(int) index] = value;
  }

  /** The share that has been read, 0 to 1. */
  double share() {
    return (double) next / values.length;
  }

  /** float32 (V + 1, D). */
  Tensor tensor() {
    return new Tensor(new long[] {size + 1L, dimension}, values);
  }
}
