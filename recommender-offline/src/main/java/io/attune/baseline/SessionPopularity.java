package io.attune.baseline;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Vocabulary;
import java.util.List;

/** Clicks of the session first, clicks of all sessions among equals. See {@link Baseline.SPop}. */
final class SessionPopularity implements Recommender {
  private final Vocabulary vocabulary;
  private final float[] shares; // (V + 1): popularity below 1, column 0 negative infinity

  SessionPopularity(TrainingSessions sessions) {
    this.vocabulary = sessions.vocabulary();
    int[] counts = sessions.counts(0);
    int most = 0;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    this.shares = new float[counts.length];
    for (int row = 0; row < counts.length; row++) {
      shares[row] = counts[row] / (most + 1f);
    }
    shares[0] = Float.NEGATIVE_INFINITY;
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
      int start = i * shares.length;
      System.arraycopy(shares, 0, scores, start, shares.length);
      Prefix prefix = prefixes.get(i);
      for (int c = 0; c < prefix.length(); c++) {
        scores[start + prefix.clicks()[c]]++;
      }
    }
  }
}
