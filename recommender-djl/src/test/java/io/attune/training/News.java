package io.attune.training;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A site on which an article appears every hour, and is read half as much each two hours later. */
final class News {
  static final int ARTICLES = 40;
  private static final double HALF_LIFE = 2; // hours
  private static final int VISITS = 60; // an hour

  private News() {}

  /**
   * Visits of three clicks within two minutes; article i appears at the start of hour i, from 1.
   */
  static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int visit = VISITS; visit < VISITS * (ARTICLES + 1); visit++) {
      double hour = (double) visit / VISITS;
      rows.add(IntStream.range(0, 3).map(i -> article(hour, random)).toArray());
      long start = Math.round(hour * Duration.ofHours(1).toMillis());
      times.add(new long[] {start, start + 30_000, start + 60_000});
    }
    List<String> ids =
        IntStream.rangeClosed(1, ARTICLES).mapToObj(Integer::toString).toList();
    return Sessions.of(Vocabulary.of(ids), rows, times);
  }

  /** What each article will be read after the last hour, up to a factor. */
  static double popularity(int article) {
    return Math.pow(0.5, (ARTICLES + 1 - article) / HALF_LIFE);
  }

  private static int article(double hour, SplittableRandom random) {
    double age = -HALF_LIFE * Math.log(1 - random.nextDouble()) / Math.log(2);
    return (int) Math.max(1, Math.floor(hour - age));
  }
}
