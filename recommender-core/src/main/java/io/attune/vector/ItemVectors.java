package io.attune.vector;

import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * The vectors of a model's items by row: float32 (V + 1, D), row 0 zero.
 *
 * <p>The inner product of a query with a row is the same number, to the last bit, by whichever
 * method, wherever the row lies and whoever its neighbours are: the products are added in one fixed
 * order. Immutable, and safe for use by several threads.
 */
public abstract sealed class ItemVectors permits HeapItemVectors, ChunkedItemVectors {
  /** Rows scored at a time, so that their scores stay near the processor. */
  private static final int BLOCK = 1024;

  /** Floats copied at a time: they stay in the first-level cache. */
  static final int COPIED = 4096;

  private final int rows; // V + 1
  private final int dimension;

  ItemVectors(int rows, int dimension) {
    if (rows < 1 || dimension < 1) {
      throw new IllegalArgumentException("an item table must have a row of padding and a dimension"
          + " of at least 1, not " + rows + " rows of " + dimension);
    }
    this.rows = rows;
    this.dimension = dimension;
  }

  /**
   * A table on the heap.
   *
   * @param table float32 (V + 1, D); not copied
   */
  public static ItemVectors of(Tensor table) {
    return new HeapItemVectors(table);
  }

  /**
   * Arrays for a table: several where one would be large, since a heap finds room for those more
   * easily, and no array holds more than 2<sup>31</sup> elements.
   *
   * @param rows V + 1
   * @param dimension D
   */
  public static float[][] room(long rows, long dimension) {
    return ChunkedItemVectors.room(rows, dimension, ChunkedItemVectors.LARGEST);
  }

  /**
   * A table in the arrays of {@link #room}.
   *
   * @throws IllegalArgumentException when there is no row of padding, no dimension, or more rows
   *     than an int counts
   */
  public static ItemVectors of(long rows, long dimension, float[][] room) {
    if (rows > Integer.MAX_VALUE || dimension > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an item table of " + rows + " rows of " + dimension + " is too large");
    }
    return room.length == 1
        ? new HeapItemVectors(new Tensor(new long[] {rows, dimension}, room[0]))
        : new ChunkedItemVectors(room, (int) rows, (int) dimension);
  }

  /** V, the number of items; rows run from 1 to it. */
  public final int size() {
    return rows - 1;
  }

  /** D. */
  public final int dimension() {
    return dimension;
  }

  /**
   * Copies the vector of a row.
   *
   * @param row 0 to V
   * @param into written: the first D elements
   */
  public final void copy(int row, float[] into) {
    Objects.checkIndex(row, rows);
    read(row, 1, into, 0);
  }

  /**
   * The inner product of a query with the vector of a row.
   *
   * @param query float32 (D)
   * @param row 0 to V; 0, padding, gives 0
   */
  public final float dot(float[] query, int row) {
    requireDimension(query);
    return product(query, Objects.checkIndex(row, rows));
  }

  /**
   * The inner products of a query with the vectors of rows.
   *
   * @param query float32 (D)
   * @param wanted rows, the first {@code count} of which are read
   * @param scores written: the first {@code count} elements
   */
  public final void scores(float[] query, int[] wanted, int count, float[] scores) {
    requireDimension(query);
    Objects.checkFromIndexSize(0, count, Math.min(wanted.length, scores.length));
    // Scattered rows are copied first. A copy does not wait for the one before, as a sum does, so
    // that the processor fetches many rows from memory at once.
    int block = Math.max(1, COPIED / dimension);
    float[] copied = new float[Math.min(block, count) * dimension];
    for (int done = 0; done < count; done += block) {
      int part = Math.min(block, count - done);
      for (int i = 0; i < part; i++) {
        read(Objects.checkIndex(wanted[done + i], rows), 1, copied, i * dimension);
      }
      for (int i = 0; i < part; i++) {
        scores[done + i] = Arithmetic.dot(query, 0, copied, i * dimension, dimension);
      }
    }
  }

  /**
   * The inner products of a query with consecutive rows.
   *
   * @param query float32 (D)
   * @param from the first row
   * @param count how many
   * @param scores written: the first {@code count} elements
   */
  public final void scores(float[] query, int from, int count, float[] scores) {
    requireDimension(query);
    Objects.checkFromIndexSize(from, count, rows);
    Objects.checkFromIndexSize(0, count, scores.length);
    products(query, from, count, scores);
  }

  /**
   * The best items of a query, by one pass over all rows: exact, and in memory that depends on
   * {@code count} alone.
   *
   * @param query float32 (D)
   * @param count the most to return
   * @param candidate which rows are candidates; asked only of rows that would be among the best
   * @return best first, of equal scores the lower row first
   * @throws ArithmeticException when a score is not a number
   */
  public final Top top(float[] query, int count, IntPredicate candidate) {
    requireDimension(query);
    TopK best = new TopK(Math.min(count, size()));
    float[] scores = new float[Math.min(BLOCK, rows)];
    for (int from = 1; from < rows; from += BLOCK) {
      int part = Math.min(BLOCK, rows - from);
      products(query, from, part, scores);
      best.offer(from, scores, part, candidate);
    }
    return best.sorted(Top::new);
  }

  /**
   * Rows with their scores.
   *
   * @param rows item rows
   * @param scores of each
   */
  public record Top(int[] rows, float[] scores) {}

  /** Copies the vector of an item, which padding is not. */
  public final void copyItem(int row, float[] into) {
    if (row < 1 || row >= rows) {
      throw new IndexOutOfBoundsException(
          "the row of an item must be from 1 to " + size() + ", not " + row);
    }
    read(row, 1, into, 0);
  }

  /**
   * Some elements of these vectors, which lie side by side, as a table of their own.
   *
   * @param from the first of them
   * @param count how many
   */
  public abstract ItemVectors slice(int from, int count);

  /** Adds a multiple of the vector of a row to one, float32 (D). */
  public abstract void addTo(float[] sum, int row, float factor);

  /** {@link #dot} of arguments that are known to be right. */
  abstract float product(float[] query, int row);

  /** {@link #scores(float[], int, int, float[])} of arguments that are known to be right. */
  abstract void products(float[] query, int from, int count, float[] scores);

  /** Copies consecutive rows into an array from an index on. */
  abstract void read(int from, int count, float[] into, int at);

  private void requireDimension(float[] query) {
    if (query.length != dimension) {
      throw new IllegalArgumentException(
          "a query must have " + dimension + " elements, as the items have, not " + query.length);
    }
  }
}
