package io.attune.vector;

import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * The vectors of a model's items by row: float32 (V + 1, D), where row 0 is zero.
 *
 * <p>The inner product of a query with a row is always the same number, bit for bit, whichever
 * method computes it: products are added in one fixed order. Immutable and thread-safe.
 */
public abstract sealed class ItemVectors permits HeapItemVectors, ChunkedItemVectors {
  /** Rows scored at once, so that their scores stay in cache. */
  private static final int BLOCK = 1024;

  /** Floats copied at once: they stay in the L1 cache. */
  static final int COPY_BLOCK = 4096;

  private final int rows; // V + 1
  private final int dimension;

  ItemVectors(int rows, int dimension) {
    if (rows < 1 || dimension < 1) {
      throw new IllegalArgumentException("an item table must have a padding row and a dimension of"
          + " at least 1, not " + rows + " rows of " + dimension + " elements");
    }
    this.rows = rows;
    this.dimension = dimension;
  }

  /**
   * A table in one array.
   *
   * @param table float32 (V + 1, D); not copied
   */
  public static ItemVectors of(Tensor table) {
    return new HeapItemVectors(table);
  }

  /**
   * Allocates arrays for a table: several if it is large, since a heap finds room for smaller
   * arrays more easily and no array holds more than 2<sup>31</sup> elements.
   *
   * @param rows V + 1
   * @param dimension D
   */
  public static float[][] allocate(long rows, long dimension) {
    return ChunkedItemVectors.allocate(rows, dimension, ChunkedItemVectors.MAX_CHUNK);
  }

  /**
   * A table in the arrays returned by {@link #allocate}.
   *
   * @throws IllegalArgumentException if there is no padding row, no dimension, or more rows than an
   *     int can count
   */
  public static ItemVectors of(long rows, long dimension, float[][] arrays) {
    if (rows > Integer.MAX_VALUE || dimension > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an item table of " + rows + " rows of " + dimension + " elements is too large");
    }
    return arrays.length == 1
        ? new HeapItemVectors(new Tensor(new long[] {rows, dimension}, arrays[0]))
        : new ChunkedItemVectors(arrays, (int) rows, (int) dimension);
  }

  /** V, the number of items; their rows are 1 to V. */
  public final int size() {
    return rows - 1;
  }

  /** D, the size of a vector. */
  public final int dimension() {
    return dimension;
  }

  /**
   * Copies the vector of a row.
   *
   * @param row 0 to V
   * @param into receives the vector in its first D elements
   */
  public final void copy(int row, float[] into) {
    Objects.checkIndex(row, rows);
    copyRows(row, 1, into, 0);
  }

  /**
   * Returns the inner product of a query with the vector of a row.
   *
   * @param query float32 (D)
   * @param row 0 to V; padding, row 0, gives 0
   */
  public final float dot(float[] query, int row) {
    requireDimension(query);
    return dotUnchecked(query, Objects.checkIndex(row, rows));
  }

  /**
   * Computes the inner products of a query with the vectors of given rows.
   *
   * @param query float32 (D)
   * @param wanted the rows, of which the first {@code count} are read
   * @param scores receives the scores in its first {@code count} elements
   */
  public final void scores(float[] query, int[] wanted, int count, float[] scores) {
    requireDimension(query);
    Objects.checkFromIndexSize(0, count, Math.min(wanted.length, scores.length));
    // Scattered rows are copied first. Unlike sums, copies do not depend on each other, so the
    // processor fetches many rows from memory at once.
    int block = Math.max(1, COPY_BLOCK / dimension);
    float[] copied = new float[Math.min(block, count) * dimension];
    for (int done = 0; done < count; done += block) {
      int part = Math.min(block, count - done);
      for (int i = 0; i < part; i++) {
        copyRows(Objects.checkIndex(wanted[done + i], rows), 1, copied, i * dimension);
      }
      for (int i = 0; i < part; i++) {
        scores[done + i] = Arithmetic.dot(query, 0, copied, i * dimension, dimension);
      }
    }
  }

  /**
   * Computes the inner products of a query with consecutive rows.
   *
   * @param query float32 (D)
   * @param from the first row
   * @param count the number of rows
   * @param scores receives the scores in its first {@code count} elements
   */
  public final void scores(float[] query, int from, int count, float[] scores) {
    requireDimension(query);
    Objects.checkFromIndexSize(from, count, rows);
    Objects.checkFromIndexSize(0, count, scores.length);
    dotsUnchecked(query, from, count, scores);
  }

  /**
   * Finds the highest-scoring items of a query by one pass over all rows: exact, in memory that
   * depends only on {@code count}.
   *
   * @param query float32 (D)
   * @param count maximum number of items to return
   * @param candidate selects the candidate rows; called only for rows that would enter the result
   * @return items by descending score, ties by ascending row
   * @throws ArithmeticException if a score is NaN
   */
  public final Top top(float[] query, int count, IntPredicate candidate) {
    requireDimension(query);
    TopK best = new TopK(Math.min(count, size()));
    float[] scores = new float[Math.min(BLOCK, rows)];
    for (int from = 1; from < rows; from += BLOCK) {
      int part = Math.min(BLOCK, rows - from);
      dotsUnchecked(query, from, part, scores);
      best.offer(from, scores, part, candidate);
    }
    return best.sorted(Top::new);
  }

  /**
   * Item rows with their scores.
   *
   * @param rows item rows
   * @param scores the score of each row
   */
  public record Top(int[] rows, float[] scores) {}

  /**
   * Copies the vector of an item.
   *
   * @param row 1 to V, so not padding
   * @param into receives the vector in its first D elements
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public final void copyItem(int row, float[] into) {
    requireItem(row);
    copyRows(row, 1, into, 0);
  }

  /**
   * Checks that there is an item in a row, 1 to V.
   *
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public final void requireItem(int row) {
    if (row < 1 || row >= rows) {
      throw new IndexOutOfBoundsException(
          "an item row must be from 1 to " + size() + ", not " + row);
    }
  }

  /**
   * Returns a view of consecutive elements of all vectors.
   *
   * @param from index of the first element
   * @param count the number of elements
   */
  public abstract ItemVectors slice(int from, int count);

  /** Adds a multiple of a row's vector to {@code sum}, float32 (D). */
  public abstract void addTo(float[] sum, int row, float factor);

  /** {@link #dot} without argument checks. */
  abstract float dotUnchecked(float[] query, int row);

  /** {@link #scores(float[], int, int, float[])} without argument checks. */
  abstract void dotsUnchecked(float[] query, int from, int count, float[] scores);

  /** Copies consecutive rows into an array at an offset. */
  abstract void copyRows(int from, int count, float[] into, int at);

  final void requireDimension(float[] query) {
    if (query.length != dimension) {
      throw new IllegalArgumentException(
          "a query must have " + dimension + " elements, like the items, not " + query.length);
    }
  }
}
