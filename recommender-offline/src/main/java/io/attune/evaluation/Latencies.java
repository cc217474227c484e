package io.attune.evaluation;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * How long one request takes a recommender, asked one by one on one thread.
 *
 * @param requests how many were measured
 * @param p50 in milliseconds
 * @param p90 in milliseconds
 * @param p99 in milliseconds
 */
public record Latencies(long requests, double p50, double p90, double p99) {
  private static final int REQUESTS = 1000;
  private static final long LONGEST_NANOS = 3_000_000_000L;

  /**
   * Asks for the best items after prefixes of the test, spread evenly over it, after a tenth as
   * many unmeasured ones.
   *
   * @param count how many items are asked for
   * @param nanoTime a clock
   */
  public static Latencies of(
      Recommender recommender, Predictions predictions, int count, LongSupplier nanoTime) {
    Sessions sessions = predictions.test().recode(recommender.vocabulary());
    Histogram histogram = new Histogram(3);
    int requests = Math.min(REQUESTS, predictions.size());
    long begin = nanoTime.getAsLong();
    for (int i = -requests / 10; i < requests; i++) {
      int p = (int) ((long) Math.abs(i) * predictions.size() / requests);
      Prefix prefix = prefix(sessions, predictions, p);
      long start = nanoTime.getAsLong();
      recommender.top(prefix, count, false);
      long end = nanoTime.getAsLong();
      if (i >= 0) {
        histogram.recordValue(Math.max(0, end - start));
      }
      if (end - begin > LONGEST_NANOS && histogram.getTotalCount() > 0) {
        break;
      }
    }
    return new Latencies(
        histogram.getTotalCount(),
        histogram.getValueAtPercentile(50) / 1e6,
        histogram.getValueAtPercentile(90) / 1e6,
        histogram.getValueAtPercentile(99) / 1e6);
  }

  /** The clicks before a prediction that the recommender knows, with their times. */
  static Prefix prefix(Sessions sessions, Predictions predictions, int prediction) {
    int session = predictions.session(prediction);
    int start = sessions.start(session);
    int[] known = IntStream.range(start, start + predictions.clicksBefore(prediction))
        .filter(click -> sessions.item(click) != Vocabulary.UNKNOWN)
        .toArray();
    long[] times = sessions.hasTimes()
        ? Arrays.stream(known).mapToLong(sessions::time).toArray()
        : new long[0];
    return new Prefix(Arrays.stream(known).map(sessions::item).toArray(), times, known.length);
  }
}
