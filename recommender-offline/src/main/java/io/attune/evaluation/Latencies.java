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
 * Latency percentiles of single requests, one after another on one thread.
 *
 * @param requests number of measured requests
 * @param p50 the median in milliseconds
 * @param p90 the 90th percentile in milliseconds
 * @param p99 the 99th percentile in milliseconds
 */
public record Latencies(long requests, double p50, double p90, double p99) {
  private static final int MAX_REQUESTS = 1000;
  private static final long MAX_NANOS = 3_000_000_000L;

  /**
   * Measures requests for the best items after prefixes that are spread evenly over the test, with
   * a tenth as many requests before them to warm up.
   *
   * @param count number of items per request
   * @param nanoTime a clock in nanoseconds
   */
  static Latencies of(
      Recommender recommender, Predictions predictions, int count, LongSupplier nanoTime) {
    Sessions sessions = predictions.test().recode(recommender.vocabulary());
    Histogram histogram = new Histogram(3);
    int requests = Math.min(MAX_REQUESTS, predictions.size());
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
      if (end - begin > MAX_NANOS && histogram.getTotalCount() > 0) {
        break;
      }
    }
    return new Latencies(
        histogram.getTotalCount(),
        histogram.getValueAtPercentile(50) / 1e6,
        histogram.getValueAtPercentile(90) / 1e6,
        histogram.getValueAtPercentile(99) / 1e6);
  }

  /** The clicks before a prediction on items that the recommender knows. */
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
