package io.attune.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a log ends in time: its latest click, less a few that lie far after all others, since a
 * wrong clock must not decide what the last days of a log are.
 *
 * <p>Passed over are the latest clicks, at most one in a thousand, but always one of 20 or more,
 * when they lie further after all others than a day and than half the time that the others span.
 *
 * @param end the time of the last click that counts
 * @param after how many clicks lie far after it
 * @param latest the time of the latest of them; {@code end} when there is none
 */
public record LogEnd(Instant end, int after, Instant latest) {
  private static final int FEWEST = 20;
  private static final int ONE_IN = 1000;

  /** The end of these sessions; null when there is no click with a time. */
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
    long[] latest = latest(sessions, 1 + Math.max(1, sessions.clicks() / ONE_IN));
    int end = 0;
    for (int i = latest.length - 2; sessions.clicks() >= FEWEST && i >= 0 && end == 0; i--) {
      // As floating point, since the difference of two times may overflow.
      double gap = (double) latest[i] - latest[i + 1];
      double span = (double) latest[i + 1] - first;
      end = gap > Math.max((double) Duration.ofDays(1).toMillis(), span / 2) ? i + 1 : 0;
    }
    return new LogEnd(Instant.ofEpochMilli(latest[end]), end, Instant.ofEpochMilli(latest[0]));
  }

  /** The latest times of clicks, at most so many, the latest first. */
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

  /** Restores the order of a heap, the earliest on top, whose top was replaced. */
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
