package io.attune.baseline;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An inverted index of the training sessions: the postings of each item, in two arrays.
 *
 * @param starts (V + 2): the postings of a row are {@code entries} from {@code starts[row]} up to
 *     but not including {@code starts[row + 1]}
 * @param entries click or session numbers, oldest first
 */
record Postings(int[] starts, int[] entries) {

  /** The clicks on each item. */
  static Postings ofClicks(TrainingSessions sessions) {
    int[] counts = sessions.counts(0);
    int[] starts = starts(counts, Integer.MAX_VALUE);
    int[] next = Arrays.copyOf(starts, counts.length);
    int[] entries = new int[sessions.items().length];
    for (int c = 0; c < entries.length; c++) {
      entries[next[sessions.items()[c]]++] = c;
    }
    return new Postings(starts, entries);
  }

  /**
   * The newest sessions with each item.
   *
   * @param distinct sessions without repeated items
   * @param maxPerItem maximum number of sessions per item
   */
  static Postings ofSessions(TrainingSessions distinct, int maxPerItem) {
    int[] left = distinct.counts(0);
    int[] starts = starts(left, maxPerItem);
    int[] next = Arrays.copyOf(starts, left.length);
    int[] entries = new int[starts[left.length]];
    for (int s = 0; s < distinct.size(); s++) {
      for (int c = distinct.starts()[s]; c < distinct.starts()[s + 1]; c++) {
        int row = distinct.items()[c];
        if (left[row]-- <= maxPerItem) {
          entries[next[row]++] = s;
        }
      }
    }
    return new Postings(starts, entries);
  }

  private static int[] starts(int[] counts, int maxPerItem) {
    int[] starts = new int[counts.length + 1];
    for (int row = 0; row < counts.length; row++) {
      starts[row + 1] = starts[row] + Math.min(maxPerItem, counts[row]);
    }
    return starts;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Postings that
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(entries, that.entries);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(starts) + 31 * Arrays.hashCode(entries);
  }

  @Override
  public String toString() {
    return entries.length + " postings";
  }
}
