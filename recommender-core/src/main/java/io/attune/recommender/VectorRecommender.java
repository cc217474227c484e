package io.attune.recommender;

import java.util.List;

/** A recommender whose scores are inner products of a query vector and the items' vectors. */
public interface VectorRecommender extends Recommender {

  /**
   * The query vectors of prefixes.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException when an element is not finite
   */
  float[] queries(List<Prefix> prefixes);

  /**
   * The query vectors of prefixes of which each is a session of its own, such as whole sessions.
   * They differ from {@link #queries} in the last digits at most, and take less time. A vector
   * depends on its session alone. Safe for use by several threads.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException when an element is not finite
   */
  float[] separateQueries(List<Prefix> prefixes);
}
