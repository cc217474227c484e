package io.attune.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The end of a log: the time of its last click, ignoring a few outliers far in the future, since a
 * wrong clock must not determine what the last days of a log are.
 *
 * <p>Outliers are the latest clicks, up to one in a thousand and at least one if there are 20
 * clicks, that follow all others after a gap of more than a day and of more than half the time that
 * the others span.
 *
 * @param end the time of the last click that is not an outlier
 * @param outliers the number of outliers
 * @param latest the time of the latest outlier, or {@code end} if there are none
 */
public record LogEnd(Instant end, int outliers, Instant latest) {
  private static final int MIN_CLICKS = 20;
  private static final int CLICKS_PER_OUTLIER = 1000;

  /** Finds the end of these sessions; null if no click has a time. */
  public static @Nullable LogEnd of(Sessions sessions) {
    if (!sessions.hasTimes() || sessions.clicks() == 0) {
      return null;
    }
    long first = Long.MAX_VALUE;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) > 0) {
        first = Math.min(first, sessions.time(sessions.start(session)));
      }
    }
    long[] latest = latest(sessions, 1 + Math.max(1, sessions.clicks() / CLICKS_PER_OUTLIER));
    int end = 0;
    for (int i = latest.length - 2; sessions.clicks() >= MIN_CLICKS && i >= 0 && end == 0; i--) {
      // In floating point, since the difference of two times may overflow.
      double gap = (double) latest[i] - latest[i + 1];
      double span = (double) latest[i + 1] - first;
      end = gap > Math.max((double) Duration.ofDays(1).toMillis(), span / 2) ? i + 1 : 0;
    }
    return new LogEnd(Instant.ofEpochMilli(latest[end]), end, Instant.ofEpochMilli(latest[0]));
  }

  /** The times of the latest clicks, at most this many, in descending order. */
  private static long[] latest(Sessions sessions, int count) {
    long[] heap = new long[count];
    int filled = 0;
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.end(session) - 1; click >= sessions.start(session); click--) {
        long time = sessions.time(click);
        if (filled < count) {
          heap[filled++] = time;
          if (filled == count) {
            Arrays.sort(heap);
          }
        } else if (time > heap[0]) {
          heap[0] = time;
          sink(heap);
        } else {
          break;
        }
      }
    }
    long[] found = Arrays.copyOf(heap, filled);
    Arrays.sort(found);
    for (int i = 0; i < filled / 2; i++) {
      long swapped = found[i];
      found[i] = found[filled - 1 - i];
      found[filled - 1 - i] = swapped;
    }
    return found;
  }

  /** Restores the order of a min-heap after its top was replaced. */
  private static void sink(long[] heap) {
    int at = 0;
    while (2 * at + 1 < heap.length) {
      int child = 2 * at + 1;
      child += child + 1 < heap.length && heap[child + 1] < heap[child] ? 1 : 0;
      if (heap[at] <= heap[child]) {
        return;
      }
      long swapped = heap[at];
      heap[at] = heap[child];
      heap[child] = swapped;
      at = child;
    }
  }
}
