package io.attune.recommender;

import java.util.Comparator;

/**
 * A recommended item with its score.
 *
 * @param item the item's id
 * @param row its row in the recommender's vocabulary
 * @param score comparable only with the other scores of the same prefix
 */
public record Recommendation(String item, int row, float score) {
  /** Orders by descending score, ties by ascending row. */
  public static final Comparator<Recommendation> BEST_FIRST = Comparator.comparingDouble(
          (Recommendation each) -> each.score())
      .reversed()
      .thenComparingInt(Recommendation::row);
}
