package io.attune.recommender;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.List;

/**
 * The non-personalized baseline: an item's score is the number of its clicks in training.
 *
 * <p>Many rare items have equal counts. As everywhere, such ties count against the target.
 */
public final class Popularity implements Recommender {
  private final String name;
  private final Vocabulary vocabulary;
  private final float[] counts; // (V + 1), column 0 negative infinity

  /**
   * A baseline of given counts, named {@code pop}.
   *
   * @param counts (V): clicks of each item, row 1 first
   */
  public Popularity(Vocabulary vocabulary, long[] counts) {
    this("pop", vocabulary, counts);
  }

  /**
   * A baseline of given counts.
   *
   * @param name the recommender's name, for tables
   * @param counts (V): clicks of each item, row 1 first
   */
  public Popularity(String name, Vocabulary vocabulary, long[] counts) {
    if (counts.length != vocabulary.size()) {
      throw new IllegalArgumentException("there must be a count for each of " + vocabulary.size()
          + " items, not " + counts.length);
    }
    this.name = name;
    this.vocabulary = vocabulary;
    this.counts = new float[counts.length + 1];
    this.counts[0] = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < counts.length; i++) {
      this.counts[i + 1] = counts[i];
    }
  }

  /** A baseline that counts the clicks of training sessions. */
  public static Popularity of(Sessions training) {
    return new Popularity(training.vocabulary(), counts(training));
  }

  /**
   * Counts the clicks of each item.
   *
   * @return (V), row 1 first
   */
  public static long[] counts(Sessions sessions) {
    long[] counts = new long[sessions.vocabulary().size()];
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        int row = sessions.item(click);
        if (row != Vocabulary.UNKNOWN) {
          counts[row - 1]++;
        }
      }
    }
    return counts;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    for (int i = 0; i < prefixes.size(); i++) {
      System.arraycopy(counts, 0, scores, i * counts.length, counts.length);
    }
  }
}
