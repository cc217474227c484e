package io.attune.training;

import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How popular items will be soon, for a catalogue that changes within hours: a softmax over the
 * items that are known, with logits linear in the logarithms of an item's clicks of late, in
 * several spans of time and in all, and of its age. The coefficients are those that would have told
 * best, at several times in the log, which items were clicked next ({@link SoftmaxRegression}).
 *
 * <p>Time is measured in periods: one is as long as the newest tenth of the sessions.
 */
final class PopularityForecast {
  private static final double PERIOD = 0.1; // share of the sessions
  private static final double[] SPANS = {0.25, 0.5, 1, 2, 4}; // periods
  private static final int ALL = SPANS.length; // the feature of all clicks
  private static final int AGE = ALL + 1;
  private static final int FEATURES = AGE + 1;
  private static final double SMOOTHING = 0.5; // clicks added to every count
  private static final int TIMES = 12; // half a period apart
  private static final int MAX_NUMBERS = 8_000_000; // features in memory
  private static final int MIN_CLICKS = 200; // that tell what was clicked next

  private final Sessions sessions;
  private final int items; // V
  private final long end; // the time after the newest click
  private final long period; // milliseconds

  /**
   * A forecast from the end of a log on.
   *
   * @param sessions with times
   */
  PopularityForecast(Sessions sessions) {
    this.sessions = sessions;
    this.items = sessions.vocabulary().size();
    int[] newest = Split.newest(sessions, (int) Math.ceil(PERIOD * sessions.size()));
    this.end = 1 + Arrays.stream(newest).mapToLong(this::ended).max().orElse(0);
    this.period =
        Math.max(1, end - Arrays.stream(newest).mapToLong(this::ended).min().orElse(0));
  }

  private long ended(int session) {
    return sessions.time(sessions.end(session) - 1);
  }

  /**
   * The logarithm of each item's popularity, up to a constant that is the same for all.
   *
   * @return float64 (V + 1), by row
   */
  double[] logarithms() {
    double[] plain = new double[FEATURES];
    plain[ALL] = 1; // the popularity in the whole log
    int times = Math.clamp(MAX_NUMBERS / ((long) FEATURES * items), 1, TIMES);
    List<SoftmaxRegression.Example> examples = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      long time = end - period - i * period / 2;
      long[] next = clicks(time, time + period);
      double[][] features = features(time);
      for (int row = 1; row <= items; row++) {
        next[row] = features[row].length == 0 ? 0 : next[row];
      }
      if (Arrays.stream(next).sum() >= MIN_CLICKS) {
        examples.add(new SoftmaxRegression.Example(features, next));
      }
    }
    double[] coefficients = SoftmaxRegression.fit(examples, plain);
    double[][] now = features(end);
    return IntStream.rangeClosed(0, items)
        .mapToDouble(row -> SoftmaxRegression.logit(now[row], coefficients))
        .toArray();
  }

  /**
   * The items as they were known at a time.
   *
   * @return float64 (V + 1, FEATURES), with an empty row for each item that nobody had clicked
   */
  private double[][] features(long time) {
    long[][] counts = new long[ALL + 1][];
    for (int span = 0; span < ALL; span++) {
      counts[span] = clicks(time - (long) (SPANS[span] * period), time);
    }
    counts[ALL] = clicks(Long.MIN_VALUE, time);
    long[] first = first();
    double[][] features = new double[items + 1][0];
    for (int row = 1; row <= items; row++) {
      if (counts[ALL][row] == 0) {
        continue;
      }
      features[row] = new double[FEATURES];
      for (int f = 0; f <= ALL; f++) {
        features[row][f] = Math.log(counts[f][row] + SMOOTHING);
      }
      features[row][AGE] = Math.log1p((double) (time - first[row]) / period);
    }
    return features;
  }

  /** The clicks on each item from a time to another, exclusive: (V + 1). */
  private long[] clicks(long from, long to) {
    long[] counts = new long[items + 1];
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        long time = sessions.time(click);
        counts[sessions.item(click)] += time >= from && time < to ? 1 : 0;
      }
    }
    counts[Vocabulary.UNKNOWN] = 0;
    return counts;
  }

  /** The time of the first click on each item: (V + 1). */
  private long[] first() {
    long[] first = new long[items + 1];
    Arrays.fill(first, Long.MAX_VALUE);
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        int row = sessions.item(click);
        first[row] = Math.min(first[row], sessions.time(click));
      }
    }
    return first;
  }
}
