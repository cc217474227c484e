package io.attune.recommender;

import io.attune.vector.BoundedScan;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import java.util.List;

/**
 * A recommender whose scores are inner products of a query vector and item vectors, plus additions
 * for the items that were clicked.
 */
public interface VectorRecommender extends Recommender {

  /**
   * Computes the query vectors of prefixes.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException if an element is not finite
   */
  float[] queries(List<Prefix> prefixes);

  /**
   * Computes the query vectors of prefixes of distinct sessions, such as whole sessions.
   *
   * <p>It is faster than {@link #queries}, and its results differ from those in the last digits at
   * most. A vector does not depend on the other prefixes of the call. Thread-safe.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException if an element is not finite
   */
  float[] separateQueries(List<Prefix> prefixes);

  /** What is added to the inner products of items that a prefix has clicks on. Thread-safe. */
  ClickedScores clicked(Prefix prefix);

  /**
   * Prepares an exact scan for the best items of many queries, the fastest on this processor.
   *
   * @param items the item vectors of this recommender
   * @param candidates the rows that may be found, ascending
   * @param count how many items queries will ask for
   * @param sample queries to tune the scan by
   * @return the scan, to be closed before this recommender
   * @throws ArithmeticException if an item vector is not finite
   */
  default ItemScan scan(ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    return BoundedScan.of(items, candidates, count, sample);
  }
}
