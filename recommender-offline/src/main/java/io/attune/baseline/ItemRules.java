package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import java.util.Arrays;

/**
 * What follows from the last click alone: a table of the items that go with each item, and how
 * well. {@link Baseline.ItemKnn}, {@link Baseline.Ar}, {@link Baseline.Sr} and
 * {@link Baseline.Markov} differ in how they fill it.
 */
final class ItemRules extends SparseRecommender {

  /** What a pair of clicks of one session is worth. */
  @FunctionalInterface
  interface Pair {
    /**
     * The worth of a click on the item that is scored.
     *
     * @param distance how many clicks after the given item's it was made; negative before, never 0
     * @return 0 where nothing follows from it
     */
    double weight(int distance);
  }

  /** What the sum of an item's pairs is multiplied by. */
  @FunctionalInterface
  interface Scale {
    double factor(int given, int scored);
  }

  private final String name;
  private final int[] first; // (V + 2)
  private final int[] rows;
  private final float[] weights;

  private ItemRules(
      String name, TrainingSessions sessions, int[] first, int[] rows, float[] weights) {
    super(sessions.vocabulary());
    this.name = name;
    this.first = first;
    this.rows = rows;
    this.weights = weights;
  }

  /**
   * Fills the table.
   *
   * @param keep the most rules that are kept for an item, the best
   */
  static ItemRules train(String name, TrainingSessions sessions, Pair pair, Scale scale, int keep) {
    int items = sessions.vocabulary().size();
    Postings clicks = Postings.ofClicks(sessions);
    int[] session = new int[sessions.items().length];
    for (int s = 0; s < sessions.size(); s++) {
      Arrays.fill(session, sessions.starts()[s], sessions.starts()[s + 1], s);
    }
    int[] first = new int[items + 2];
    int[] rows = new int[1024];
    float[] weights = new float[1024];
    int size = 0;
    SparseScores sums = new SparseScores(items);
    SparseScores scaled = new SparseScores(items);
    for (int item = 1; item <= items; item++) {
      for (int e = clicks.first()[item]; e < clicks.first()[item + 1]; e++) {
        int click = clicks.entries()[e];
        int s = session[click];
        for (int other = sessions.starts()[s]; other < sessions.starts()[s + 1]; other++) {
          if (other != click) {
            sums.add(sessions.items()[other], (float) pair.weight(other - click));
          }
        }
      }
      for (int i = 0; i < sums.size(); i++) {
        int row = sums.row(i);
        scaled.add(row, (float) (sums.get(row) * scale.factor(item, row)));
      }
      int[] best = scaled.top(keep);
      while (size + best.length > rows.length) {
        rows = Arrays.copyOf(rows, 2 * rows.length);
        weights = Arrays.copyOf(weights, rows.length);
      }
      for (int row : best) {
        rows[size] = row;
        weights[size++] = scaled.get(row);
      }
      first[item + 1] = size;
      sums.clear();
      scaled.clear();
    }
    return new ItemRules(
        name, sessions, first, Arrays.copyOf(rows, size), Arrays.copyOf(weights, size));
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
    for (int i = first[last]; i < first[last + 1]; i++) {
      scores.add(rows[i], weights[i]);
    }
  }
}
