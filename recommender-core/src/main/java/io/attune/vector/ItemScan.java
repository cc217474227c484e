package io.attune.vector;

import java.util.List;

/**
 * Finds the highest-scoring of the items that it was prepared for, for many queries at a time.
 *
 * <p>An exact scan returns the same rows and scores as {@link ItemVectors#top}, bit for bit, so
 * which one is used shows in the time alone. Thread-safe.
 */
public interface ItemScan extends AutoCloseable {

  /**
   * A query with its excluded items.
   *
   * @param vector float32 (D)
   * @param excluded item rows, ascending
   */
  record Query(float[] vector, int[] excluded) {}

  /**
   * Finds the highest-scoring items of each query.
   *
   * @param count maximum number of items to return for a query
   * @return for each query, items by descending score, ties by ascending row
   * @throws ArithmeticException if a query or a score is not finite
   */
  List<ItemVectors.Top> top(List<Query> queries, int count);

  /** Releases native memory, if any; not while a call of {@link #top} is running. */
  @Override
  default void close() {}
}
