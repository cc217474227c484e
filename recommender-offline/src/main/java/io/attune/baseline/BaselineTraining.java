package io.attune.baseline;

import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import java.util.Arrays;

/** Trains each kind of baseline. */
final class BaselineTraining {
  private static final long DAY = 86_400_000;

  /**
   * An age decay that only breaks ties between equally similar sessions, and so between items with
   * equal votes: the oldest session of the log loses a ten-thousandth.
   */
  private static final double TIE_BREAK = 1e4;

  private BaselineTraining() {}

  static Recommender train(Baseline baseline, TrainingSessions sessions) {
    return switch (baseline) {
      case Baseline.Pop pop -> popularity(pop.label(), sessions, 0);
      case Baseline.RecentPop recent ->
        popularity(recent.label(), sessions, firstWithin(sessions, recent.days()));
      case Baseline.SPop sPop -> new SessionPopularity(sessions);
      case Baseline.ItemKnn knn -> itemKnn(knn, sessions.distinct());
      case Baseline.Ar ar -> rules(ar.label(), sessions, distance -> 1, ar.keep());
      case Baseline.Sr sr ->
        rules(
            sr.label(),
            sessions,
            distance -> distance > 0 && distance <= sr.steps() ? 1.0 / distance : 0,
            sr.keep());
      case Baseline.Markov markov ->
        rules(markov.label(), sessions, distance -> distance == 1 ? 1 : 0, markov.keep());
      case Baseline.VSknn knn ->
        new SessionKnn(
            knn.label(),
            sessions,
            new SessionKnn.Settings(
                knn.k(),
                knn.sample(),
                knn.clicks(),
                knn.match()::voteWeight,
                knn.idf(),
                0,
                TIE_BREAK,
                Double.POSITIVE_INFINITY));
      case Baseline.VmisKnn knn ->
        new SessionKnn(
            knn.label(),
            sessions,
            new SessionKnn.Settings(
                knn.k(),
                knn.m(),
                Decay.POSITION,
                Decay.LINEAR::voteWeight,
                Idf.LOG,
                0,
                TIE_BREAK,
                Double.POSITIVE_INFINITY));
      case Baseline.Stan stan ->
        new SessionKnn(
            stan.label(),
            sessions,
            new SessionKnn.Settings(
                stan.k(),
                stan.sample(),
                (clicksAfter, length) -> Math.exp(-clicksAfter / stan.clicks()),
                Decay.CONSTANT::voteWeight,
                Idf.NONE,
                0.5,
                stan.age(),
                stan.near()));
    };
  }

  private static Popularity popularity(String name, TrainingSessions sessions, int fromSession) {
    int[] counts = sessions.counts(fromSession);
    long[] clicks = Arrays.stream(counts, 1, counts.length).asLongStream().toArray();
    return new Popularity(name, sessions.vocabulary(), clicks);
  }

  private static int firstWithin(TrainingSessions sessions, int days) {
    long[] ends = sessions.ends();
    if (ends == null) {
      throw new IllegalArgumentException(
          "recent-pop needs click times, but the training sessions have none");
    }
    int from = 0;
    while (from < ends.length && ends[from] < ends[ends.length - 1] - days * DAY) {
      from++;
    }
    return from;
  }

  private static ItemRules itemKnn(Baseline.ItemKnn knn, TrainingSessions distinct) {
    int[] counts = distinct.counts(0);
    double[] given = new double[counts.length];
    double[] scored = new double[counts.length];
    for (int row = 0; row < counts.length; row++) {
      given[row] = Math.pow(counts[row] + knn.damping(), -knn.alpha());
      scored[row] = Math.pow(counts[row] + knn.damping(), knn.alpha() - 1);
    }
    return ItemRules.train(
        knn.label(), distinct, distance -> 1, (i, j) -> given[i] * scored[j], knn.keep());
  }

  private static ItemRules rules(
      String name, TrainingSessions sessions, ItemRules.PairWeight weight, int keep) {
    return ItemRules.train(name, sessions, weight, (given, scored) -> 1, keep);
  }
}
