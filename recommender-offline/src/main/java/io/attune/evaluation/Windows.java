package io.attune.evaluation;

import io.attune.session.Sessions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A test cut into windows of equal duration, oldest first; a session is in the window in which it
 * begins. So each window can be predicted by what was learnt from all that was clicked before it,
 * as a model that is trained anew at each of their starts would do.
 */
public final class Windows {
  private final Predictions all;
  private final Instant[] starts;
  private final int[] windowOf; // (P)

  private Windows(Predictions all, Instant[] starts, int[] windowOf) {
    this.all = all;
    this.starts = starts;
    this.windowOf = windowOf;
  }

  /**
   * Cuts the time between the begins of the first and the last session that is tested.
   *
   * @param count how many windows
   * @throws IllegalArgumentException when the clicks have no times, or nothing is predicted
   */
  public static Windows of(Predictions predictions, int count) {
    if (!predictions.test().hasTimes() || predictions.size() == 0) {
      throw new IllegalArgumentException(
          "windows in time need predictions of clicks with times, but there are none");
    }
    long[] begins = new long[predictions.size()];
    Arrays.setAll(begins, p -> begin(predictions.test(), predictions.session(p)));
    long first = Arrays.stream(begins).min().getAsLong();
    double width = (Arrays.stream(begins).max().getAsLong() - first + 1.0) / count;
    Instant[] starts = new Instant[count];
    // Whole milliseconds, rounded up: what begins in a window is not before its start.
    Arrays.setAll(starts, window -> Instant.ofEpochMilli(first + (long) Math.ceil(window * width)));
    int[] windowOf = new int[begins.length];
    Arrays.setAll(windowOf, p -> {
      int found = Arrays.binarySearch(starts, Instant.ofEpochMilli(begins[p]));
      return found >= 0 ? found : -found - 2;
    });
    return new Windows(predictions, starts, windowOf);
  }

  private static long begin(Sessions test, int session) {
    return test.time(test.start(session));
  }

  /** How many windows there are. */
  public int size() {
    return starts.length;
  }

  /** When a window begins. */
  public Instant start(int window) {
    return starts[window];
  }

  /** The window of each prediction: (P). */
  public int[] windowOf() {
    return windowOf.clone();
  }

  /** What is to be predicted in a window. */
  public Predictions predictions(int window) {
    int[] sessions = IntStream.range(0, windowOf.length)
        .filter(p -> windowOf[p] == window)
        .map(all::session)
        .distinct()
        .toArray();
    return Predictions.of(all.test().select(sessions), all.targets());
  }

  /**
   * The outcome of the whole test.
   *
   * @param windows of each window, {@link #predictions} in the same order
   */
  public Ranks join(List<Ranks> windows) {
    return Ranks.join(all, windowOf, windows);
  }
}
