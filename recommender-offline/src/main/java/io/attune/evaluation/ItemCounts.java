package io.attune.evaluation;

import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The number of training clicks per item, which popularity and novelty are based on. */
final class ItemCounts {
  private final Vocabulary vocabulary;
  private final long[] counts;

  /**
   * Creates counts.
   *
   * @param counts (V), row 1 first; not copied
   */
  ItemCounts(Vocabulary vocabulary, long[] counts) {
    this.vocabulary = vocabulary;
    this.counts = counts;
  }

  /** Counts the clicks of training sessions. */
  static ItemCounts of(Sessions training) {
    return new ItemCounts(training.vocabulary(), Popularity.counts(training));
  }

  /**
   * The counts by row of another vocabulary.
   *
   * @return (V + 1), 0 for row 0 and for items without training clicks
   */
  long[] byRowOf(Vocabulary other) {
    return Arrays.stream(other.rowsIn(vocabulary))
        .mapToLong(row -> row == Vocabulary.UNKNOWN ? 0 : counts[row - 1])
        .toArray();
  }

  /** The rows of another vocabulary whose items are counted here, also without clicks. */
  BitSet knownRowsOf(Vocabulary other) {
    int[] rows = other.rowsIn(vocabulary);
    BitSet known = new BitSet();
    for (int row = 1; row < rows.length; row++) {
      known.set(row, rows[row] != Vocabulary.UNKNOWN);
    }
    return known;
  }

  /** Whether an item was never clicked in training, so that only its words are known. */
  boolean hasItemsWithoutClicks() {
    return Arrays.stream(counts).anyMatch(clicks -> clicks == 0);
  }

  /** The number of training clicks. */
  long total() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The popularity decile by row of another vocabulary: 1 for the most clicked tenth of the items.
   *
   * @return (V + 1), 0 for row 0 and for items without training clicks
   */
  int[] decileByRowOf(Vocabulary other) {
    int[] mostClickedFirst = IntStream.range(0, counts.length)
        .boxed()
        .sorted((a, b) -> Long.compare(counts[b], counts[a]))
        .mapToInt(Integer::intValue)
        .toArray();
    int[] deciles = new int[counts.length];
    for (int i = 0; i < mostClickedFirst.length; i++) {
      deciles[mostClickedFirst[i]] = (int) (10L * i / mostClickedFirst.length) + 1;
    }
    return Arrays.stream(other.rowsIn(vocabulary))
        .map(row -> row == Vocabulary.UNKNOWN || counts[row - 1] == 0 ? 0 : deciles[row - 1])
        .toArray();
  }
}
