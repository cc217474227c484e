package io.attune.evaluation;

import io.attune.session.Sessions;
import io.attune.session.Split;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A division of the test into windows of equal duration, oldest first, so that each window can be
 * predicted by a model trained on all clicks before it. A session belongs to the window in which it
 * begins, a history to that of the first click in the time that is tested.
 */
final class Windows {
  private final Predictions all;
  private final Instant[] starts;
  private final int[] windowOf; // (P)

  private Windows(Predictions all, Instant[] starts, int[] windowOf) {
    this.all = all;
    this.starts = starts;
    this.windowOf = windowOf;
  }

  /**
   * Divides the time from the first to the last begin of a test session.
   *
   * @param count number of windows
   * @throws IllegalArgumentException if the clicks have no times, or there are no predictions
   */
  static Windows of(Predictions predictions, int count) {
    if (!predictions.test().hasTimes() || predictions.size() == 0) {
      throw new IllegalArgumentException(
          "windows need predictions with click times, but there are none");
    }
    long[] begins = new long[predictions.size()];
    Arrays.setAll(begins, p -> begin(predictions, predictions.session(p)));
    long first = Arrays.stream(begins).min().getAsLong();
    double width = (Arrays.stream(begins).max().getAsLong() - first + 1.0) / count;
    Instant[] starts = new Instant[count];
    // Rounded up to milliseconds, so that no session of a window begins before its start.
    Arrays.setAll(starts, window -> Instant.ofEpochMilli(first + (long) Math.ceil(window * width)));
    int[] windowOf = new int[begins.length];
    Arrays.setAll(windowOf, p -> {
      int found = Arrays.binarySearch(starts, Instant.ofEpochMilli(begins[p]));
      return found >= 0 ? found : -found - 2;
    });
    return new Windows(predictions, starts, windowOf);
  }

  private static long begin(Predictions predictions, int session) {
    Sessions test = predictions.test();
    long start = test.time(test.start(session));
    if (!(predictions.targets() instanceof Split.Targets.From from)
        || start >= from.time().toEpochMilli()) {
      return start;
    }
    return test.time(test.start(session) + from.first(test, session));
  }

  /** The number of windows. */
  int size() {
    return starts.length;
  }

  /** The start of a window. */
  Instant start(int window) {
    return starts[window];
  }

  /** The window of each prediction: (P). */
  int[] windowOf() {
    return windowOf.clone();
  }

  /** The predictions of a window. */
  Predictions predictions(int window) {
    int[] sessions = IntStream.range(0, windowOf.length)
        .filter(p -> windowOf[p] == window)
        .map(all::session)
        .distinct()
        .toArray();
    return Predictions.of(all.test().select(sessions), all.targets());
  }

  /**
   * Joins the ranks of all windows to those of the whole test.
   *
   * @param windows the ranks of each window, in the order of its {@link #predictions}
   */
  Ranks join(List<Ranks> windows) {
    return Ranks.join(all, windowOf, windows);
  }
}
