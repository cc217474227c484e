package io.attune.batch;

import io.attune.session.Vocabulary;
import java.util.BitSet;
import java.util.Collection;
import java.util.stream.IntStream;

/**
 * The items that may be recommended.
 *
 * @param rows their rows, ascending
 * @param unknown number of requested items that the model does not know
 */
public record Candidates(int[] rows, int unknown) {

  /** All items of a vocabulary. */
  public static Candidates all(Vocabulary vocabulary) {
    return new Candidates(IntStream.rangeClosed(1, vocabulary.size()).toArray(), 0);
  }

  /** The candidates with these ids; an id may occur twice. */
  public static Candidates of(Vocabulary vocabulary, Collection<String> items) {
    BitSet rows = new BitSet(vocabulary.size() + 1);
    long unknown = 0;
    for (String item : items) {
      int row = vocabulary.row(item);
      if (row == Vocabulary.UNKNOWN) {
        unknown++;
      } else {
        rows.set(row);
      }
    }
    return new Candidates(rows.stream().toArray(), Math.toIntExact(unknown));
  }

  /** The rows as a set. */
  BitSet set() {
    BitSet set = new BitSet();
    for (int row : rows) {
      set.set(row);
    }
    return set;
  }
}
