package io.attune.vector;

import java.util.Objects;

/**
 * An item table in several arrays, or a range of its columns. Each array holds a power-of-two
 * number of rows.
 */
final class ChunkedItemVectors extends ItemVectors {
  /** Maximum number of elements in an array, 256 MiB; rows are never split. */
  static final long MAX_CHUNK = 1L << 26;

  private final float[][] chunks;
  private final int shift; // row >>> shift is its chunk
  private final int stride; // between rows
  private final int first; // first column

  /**
   * All columns of a table.
   *
   * @param chunks as allocated by {@link #allocate}
   */
  ChunkedItemVectors(float[][] chunks, int rows, int dimension) {
    this(chunks, shift(chunks, dimension), rows, dimension, 0, dimension);
  }

  private ChunkedItemVectors(
      float[][] chunks, int shift, int rows, int stride, int first, int dimension) {
    super(rows, dimension);
    this.chunks = chunks;
    this.shift = shift;
    this.stride = stride;
    this.first = first;
  }

  private static int shift(float[][] chunks, int dimension) {
    return Integer.numberOfTrailingZeros(chunks[0].length / dimension);
  }

  /** Allocates arrays of at most {@code largest} elements, or of one row. */
  static float[][] allocate(long rows, long dimension, long largest) {
    if (rows < 1 || dimension < 1) {
      return new float[1][0];
    }
    long perChunk = Long.highestOneBit(Math.max(1, largest / dimension));
    if (rows <= perChunk) {
      perChunk = rows;
    }
    float[][] chunks = new float[Math.toIntExact(Math.ceilDiv(rows, perChunk))][];
    for (int i = 0; i < chunks.length; i++) {
      long left = Math.min(perChunk, rows - i * perChunk);
      chunks[i] = new float[Math.toIntExact(left * dimension)];
    }
    return chunks;
  }

  @Override
  public ItemVectors slice(int from, int count) {
    return new ChunkedItemVectors(chunks, shift, size() + 1, stride, first + from, count);
  }

  @Override
  public void addTo(float[] sum, int row, float factor) {
    Arithmetic.addScaled(sum, 0, factor, chunk(row), at(row), sum.length);
  }

  @Override
  float dotUnchecked(float[] query, int row) {
    return Arithmetic.dot(query, 0, chunk(row), at(row), query.length);
  }

  @Override
  void dotsUnchecked(float[] query, int from, int count, float[] scores) {
    for (int i = 0; i < count; i++) {
      scores[i] = dotUnchecked(query, from + i);
    }
  }

  @Override
  void copyRows(int from, int count, float[] into, int at) {
    int done = 0;
    while (done < count) {
      int row = from + done;
      int left = Math.min(count - done, (1 << shift) - (row & ((1 << shift) - 1)));
      int part = stride == dimension() ? left : 1; // rows copied at once
      System.arraycopy(chunk(row), at(row), into, at + done * dimension(), part * dimension());
      done += part;
    }
  }

  private float[] chunk(int row) {
    return chunks[Objects.checkIndex(row, size() + 1) >>> shift];
  }

  /** The index in its chunk at which a row begins. */
  private int at(int row) {
    return (row & ((1 << shift) - 1)) * stride + first;
  }
}
