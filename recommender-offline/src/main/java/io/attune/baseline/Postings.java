package io.attune.baseline;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * For each item where it stands in the training clicks: an inverted index in two arrays.
 *
 * @param first (V + 2): an item's entries are from {@code first[row]} to {@code first[row + 1]}
 * @param entries the oldest first
 */
record Postings(int[] first, int[] entries) {

  /** The positions of each item's clicks. */
  static Postings ofClicks(TrainingSessions sessions) {
    int[] counts = sessions.counts(0);
    int[] first = new int[counts.length + 1];
    for (int row = 0; row < counts.length; row++) {
      first[row + 1] = first[row] + counts[row];
    }
    int[] next = Arrays.copyOf(first, counts.length);
    int[] entries = new int[sessions.items().length];
    for (int c = 0; c < entries.length; c++) {
      entries[next[sessions.items()[c]]++] = c;
    }
    return new Postings(first, entries);
  }

  /**
   * The newest sessions of each item.
   *
   * @param distinct sessions in which no item stands twice
   * @param most of them that are kept for an item
   */
  static Postings ofSessions(TrainingSessions distinct, int most) {
    int[] left = distinct.counts(0);
    int[] first = new int[left.length + 1];
    for (int row = 0; row < left.length; row++) {
      first[row + 1] = first[row] + Math.min(most, left[row]);
    }
    int[] next = Arrays.copyOf(first, left.length);
    int[] entries = new int[first[left.length]];
    for (int s = 0; s < distinct.size(); s++) {
      for (int c = distinct.starts()[s]; c < distinct.starts()[s + 1]; c++) {
        int row = distinct.items()[c];
        if (left[row]-- <= most) {
          entries[next[row]++] = s;
        }
      }
    }
    return new Postings(first, entries);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Postings that
        && Arrays.equals(first, that.first)
        && Arrays.equals(entries, that.entries);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(first) + 31 * Arrays.hashCode(entries);
  }

  @Override
  public String toString() {
    return entries.length + " postings";
  }
}
