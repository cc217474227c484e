package io.attune.training;

import io.attune.session.Sessions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * In which order sessions ended, and how many had ended when each began. Without times, sessions
 * follow one another as they are listed.
 */
final class SessionOrder {
  private final Place[] places;

  /**
   * A session's place in time.
   *
   * @param before how many sessions had ended before this one began: those with a {@code rank}
   *     below. Never above this one's own rank, so no session is before itself
   * @param rank of this one among all by their ends, from 0
   */
  record Place(int before, int rank) {}

  SessionOrder(Sessions sessions) {
    int size = sessions.size();
    places = new Place[size];
    if (!sessions.hasTimes()) {
      Arrays.setAll(places, s -> new Place(s, s));
      return;
    }
    long[] ends = new long[size];
    Arrays.setAll(ends, s -> time(sessions, s, sessions.end(s) - 1));
    long[] sorted = ends.clone();
    Arrays.sort(sorted);
    int[] order = IntStream.range(0, size)
        .boxed()
        .sorted(Comparator.comparingLong(s -> ends[s]))
        .mapToInt(s -> s)
        .toArray();
    for (int rank = 0; rank < size; rank++) {
      int session = order[rank];
      long began = time(sessions, session, sessions.start(session));
      places[session] = new Place(below(sorted, began), rank);
    }
  }

  private static long time(Sessions sessions, int session, int click) {
    return sessions.length(session) == 0 ? Long.MIN_VALUE : sessions.time(click);
  }

  /** How many of the sorted numbers are smaller. */
  private static int below(long[] sorted, long value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Place place(int session) {
    return places[session];
  }
}
