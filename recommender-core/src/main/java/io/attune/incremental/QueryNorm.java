package io.attune.incremental;

import io.attune.model.Similarity;
import io.attune.vector.Arithmetic;
import io.attune.vector.NotFiniteException;

/** Scales query vectors to the norm that a {@link Similarity} compares items with. */
final class QueryNorm {
  private QueryNorm() {}

  /**
   * Scales a query vector in place; without normalisation it is only checked.
   *
   * @throws ArithmeticException if an element is not finite
   */
  static void apply(Similarity similarity, float[] query) {
    float squares = Arithmetic.dot(query, 0, query, 0, query.length);
    if (!Float.isFinite(squares)) {
      throw new NotFiniteException(
          "the query vector is not finite: a weight or an item vector of the model is damaged");
    }
    if (similarity.normalized()) {
      float factor = (float) (similarity.scale() / Math.sqrt(squares + 1e-12f));
      for (int i = 0; i < query.length; i++) {
        query[i] *= factor;
      }
    }
  }
}
