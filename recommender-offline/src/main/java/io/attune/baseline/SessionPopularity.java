package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.List;

/** Scores items by their clicks in the session, then by their popularity: {@link Baseline.SPop}. */
final class SessionPopularity implements Recommender {
  private final Vocabulary vocabulary;
  private final float[] popularity; // (V + 1): less than 1; column 0 is negative infinity

  SessionPopularity(TrainingSessions sessions) {
    this.vocabulary = sessions.vocabulary();
    int[] counts = sessions.counts(0);
    int max = Arrays.stream(counts).max().orElse(0);
    this.popularity = new float[counts.length];
    for (int row = 0; row < counts.length; row++) {
      popularity[row] = counts[row] / (max + 1f);
    }
    popularity[0] = Float.NEGATIVE_INFINITY;
  }

  @Override
  public String name() {
    return "s-pop";
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    for (int i = 0; i < prefixes.size(); i++) {
      int start = i * popularity.length;
      System.arraycopy(popularity, 0, scores, start, popularity.length);
      Prefix prefix = prefixes.get(i);
      for (int c = 0; c < prefix.length(); c++) {
        scores[start + prefix.clicks()[c]]++;
      }
    }
  }
}
