package io.attune.model;

/**
 * How item vectors are compared with a query vector.
 *
 * @param normalized whether item and query vectors are scaled to length one, so that a score is a
 *     cosine times {@code scale} and popular items gain nothing from long vectors (Gupta et al.
 *     2019, NISER, equations 3 and 4)
 * @param scale factor of the cosine, 1 to 100; must be 1 without normalisation
 * @param tied whether clicks are embedded with the same vectors that are scored; otherwise the
 *     encoder has an input table of its own
 */
public record Similarity(boolean normalized, float scale, boolean tied) {

  public Similarity {
    if (normalized ? !(scale >= 1 && scale <= 100) : scale != 1) {
      throw new IllegalArgumentException(
          normalized
              ? "scale must be from 1 to 100, not " + scale
              : "scale must be 1 if normalized is false, not " + scale);
    }
  }

  /** Scaled cosine similarity, with clicks embedded by the same vectors. */
  public static Similarity cosine(float scale) {
    return new Similarity(true, scale, true);
  }

  /** Inner product, with clicks embedded by the same vectors. */
  public static Similarity innerProduct() {
    return new Similarity(false, 1, true);
  }
}
