package io.attune.model;

/**
 * How items are held as vectors and compared with a query vector.
 *
 * @param normalized whether item and query vectors have length one before the score, so that the
 *     score is a cosine times {@code scale} and popular items do not win by the length of their
 *     vectors (Gupta et al. 2019, NISER, equations 3 and 4)
 * @param scale the factor on the cosine, 1 to 100; without normalisation it must be 1
 * @param tied whether the clicks of a session are embedded by the same vectors that are scored;
 *     otherwise the encoder has an input table of its own
 */
public record Similarity(boolean normalized, float scale, boolean tied) {

  public Similarity {
    if (normalized ? !(scale >= 1 && scale <= 100) : scale != 1) {
      throw new IllegalArgumentException(
          normalized
              ? "scale must be from 1 to 100, not " + scale
              : "scale must be 1 where vectors are not normalized, not " + scale);
    }
  }

  /** Vectors of length one, compared by cosine times a scale; clicks are embedded by the same. */
  public static Similarity cosine(float scale) {
    return new Similarity(true, scale, true);
  }

  /** Vectors of any length, compared by inner product; clicks are embedded by the same. */
  public static Similarity innerProduct() {
    return new Similarity(false, 1, true);
  }
}
