package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import java.util.Arrays;

/**
 * A recommender by the last click alone: a table of the related items of each item, with weights.
 * {@link Baseline.ItemKnn}, {@link Baseline.Ar}, {@link Baseline.Sr} and {@link Baseline.Markov}
 * differ in how they weight pairs of clicks.
 */
final class ItemRules extends SparseRecommender {

  /** The weight of a pair of clicks of one session. */
  @FunctionalInterface
  interface PairWeight {
    /**
     * Returns the weight of a click on the scored item.
     *
     * @param distance its distance, in clicks, after the click on the given item; negative if it
     *     comes before, never 0
     * @return 0 to ignore the pair
     */
    double weight(int distance);
  }

  /** A factor on the sum of the weights of two items' pairs. */
  @FunctionalInterface
  interface Normalization {
    double factor(int given, int scored);
  }

  private final String name;
  private final int[] starts; // (V + 2)
  private final int[] rows;
  private final float[] weights;

  private ItemRules(
      String name, TrainingSessions sessions, int[] starts, int[] rows, float[] weights) {
    super(sessions.vocabulary());
    this.name = name;
    this.starts = starts;
    this.rows = rows;
    this.weights = weights;
  }

  /**
   * Computes the table.
   *
   * @param keep maximum number of related items per item, those with the highest weights
   */
  static ItemRules train(
      String name,
      TrainingSessions sessions,
      PairWeight pairWeight,
      Normalization normalization,
      int keep) {
    int items = sessions.vocabulary().size();
    Postings clicks = Postings.ofClicks(sessions);
    int[] session = new int[sessions.items().length];
    for (int s = 0; s < sessions.size(); s++) {
      Arrays.fill(session, sessions.starts()[s], sessions.starts()[s + 1], s);
    }
    int[] starts = new int[items + 2];
    int[] rows = new int[1024];
    float[] weights = new float[1024];
    int size = 0;
    SparseScores sums = new SparseScores(items);
    SparseScores normalized = new SparseScores(items);
    for (int item = 1; item <= items; item++) {
      for (int e = clicks.starts()[item]; e < clicks.starts()[item + 1]; e++) {
        int click = clicks.entries()[e];
        int s = session[click];
        for (int other = sessions.starts()[s]; other < sessions.starts()[s + 1]; other++) {
          if (other != click) {
            sums.add(sessions.items()[other], (float) pairWeight.weight(other - click));
          }
        }
      }
      for (int i = 0; i < sums.size(); i++) {
        int row = sums.row(i);
        normalized.add(row, (float) (sums.get(row) * normalization.factor(item, row)));
      }
      int[] best = normalized.top(keep);
      while (size + best.length > rows.length) {
        rows = Arrays.copyOf(rows, 2 * rows.length);
        weights = Arrays.copyOf(weights, rows.length);
      }
      for (int row : best) {
        rows[size] = row;
        weights[size++] = normalized.get(row);
      }
      starts[item + 1] = size;
      sums.clear();
      normalized.clear();
    }
    return new ItemRules(
        name, sessions, starts, Arrays.copyOf(rows, size), Arrays.copyOf(weights, size));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  protected void score(Prefix prefix, SparseScores scores) {
    if (prefix.length() == 0) {
      return;
    }
    int last = prefix.clicks()[prefix.length() - 1];
    for (int i = starts[last]; i < starts[last + 1]; i++) {
      scores.add(rows[i], weights[i]);
    }
  }
}
