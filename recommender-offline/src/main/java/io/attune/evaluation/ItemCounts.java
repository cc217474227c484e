package io.attune.evaluation;

import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How often items were clicked in training: what popularity, novelty and cold items are measured
 * by.
 */
public final class ItemCounts {
  private final Vocabulary vocabulary;
  private final long[] counts;

  /**
   * Counts of items.
   *
   * @param counts (V), row 1 first; not changed afterwards
   */
  public ItemCounts(Vocabulary vocabulary, long[] counts) {
    this.vocabulary = vocabulary;
    this.counts = counts;
  }

  /** Counts the clicks of training sessions. */
  public static ItemCounts of(Sessions training) {
    return new ItemCounts(training.vocabulary(), Popularity.counts(training));
  }

  /**
   * The counts of another vocabulary's items.
   *
   * @return by row, 0 for row 0 and for what was not trained on
   */
  public long[] byRowOf(Vocabulary other) {
    long[] byRow = new long[other.size() + 1];
    for (int row = 1; row < byRow.length; row++) {
      int mine = vocabulary.row(other.id(row));
      byRow[row] = mine == Vocabulary.UNKNOWN ? 0 : counts[mine - 1];
    }
    return byRow;
  }

  /** How many clicks were counted. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The tenth of the items in which each of another vocabulary's is: 1 has the most clicked ones.
   *
   * @return by row, 0 for what was not trained on
   */
  public int[] tenthByRowOf(Vocabulary other) {
    int[] mostFirst = IntStream.range(0, counts.length)
        .boxed()
        .sorted((a, b) -> Long.compare(counts[b], counts[a]))
        .mapToInt(Integer::intValue)
        .toArray();
    int[] tenths = new int[counts.length];
    for (int place = 0; place < mostFirst.length; place++) {
      tenths[mostFirst[place]] = (int) (10L * place / mostFirst.length) + 1;
    }
    int[] byRow = new int[other.size() + 1];
    for (int row = 1; row < byRow.length; row++) {
      int mine = vocabulary.row(other.id(row));
      byRow[row] = mine == Vocabulary.UNKNOWN || counts[mine - 1] == 0 ? 0 : tenths[mine - 1];
    }
    return byRow;
  }
}
