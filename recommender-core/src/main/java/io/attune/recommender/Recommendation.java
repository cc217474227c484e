package io.attune.recommender;

import java.util.Comparator;

/**
 * An item with its score.
 *
 * @param item its id
 * @param row its row in the recommender's vocabulary
 * @param score comparable with the scores of the same prefix, and with no others
 */
public record Recommendation(String item, int row, float score) {
  /** By falling score, of equal scores by rising row. */
  public static final Comparator<Recommendation> BEST_FIRST = Comparator.comparingDouble(
          (Recommendation each) -> each.score())
      .reversed()
      .thenComparingInt(Recommendation::row);
}
