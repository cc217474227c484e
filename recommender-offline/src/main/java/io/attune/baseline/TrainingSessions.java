package io.attune.baseline;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The training data of baselines: sessions in plain arrays, sorted by their ends, oldest first.
 * Sessions that end at the same time, and sessions without times, keep the order of the log. Clicks
 * on unknown items are left out.
 *
 * @param starts (S + 1): the index of each session's first click in {@code items}
 * @param items rows of the clicks, session by session
 * @param ends (S): the end of each session in milliseconds since 1970; null without times
 */
record TrainingSessions(Vocabulary vocabulary, int[] starts, int[] items, long @Nullable [] ends) {

  static TrainingSessions of(Sessions sessions) {
    Integer[] order = IntStream.range(0, sessions.size())
        .filter(session -> sessions.length(session) > 0)
        .boxed()
        .toArray(Integer[]::new);
    long[] ends = null;
    if (sessions.hasTimes()) {
      Arrays.sort(
          order, Comparator.comparingLong(session -> sessions.time(sessions.end(session) - 1)));
      ends = new long[order.length];
    }
    int[] starts = new int[order.length + 1];
    int[] items = new int[sessions.clicks()];
    int click = 0;
    for (int s = 0; s < order.length; s++) {
      int session = order[s];
      for (int c = sessions.start(session); c < sessions.end(session); c++) {
        if (sessions.item(c) != Vocabulary.UNKNOWN) {
          items[click++] = sessions.item(c);
        }
      }
      starts[s + 1] = click;
      if (ends != null) {
        ends[s] = sessions.time(sessions.end(session) - 1);
      }
    }
    return new TrainingSessions(sessions.vocabulary(), starts, Arrays.copyOf(items, click), ends);
  }

  /** The number of sessions, S. */
  int size() {
    return starts.length - 1;
  }

  /** The same sessions, with only the last click on each item of a session. */
  TrainingSessions distinct() {
    int[] kept = lastClicks();
    int[] newStarts = new int[starts.length];
    int at = 0;
    for (int s = 0; s < size(); s++) {
      while (at < kept.length && kept[at] < starts[s + 1]) {
        at++;
      }
      newStarts[s + 1] = at;
    }
    int[] newItems = Arrays.stream(kept).map(click -> items[click]).toArray();
    return new TrainingSessions(vocabulary, newStarts, newItems, ends);
  }

  /** The last click on each item of each session: ascending indexes into {@code items}. */
  int[] lastClicks() {
    int[] lastSeen = new int[vocabulary.size() + 1]; // session + 1
    int[] kept = new int[items.length];
    int size = 0;
    for (int s = 0; s < size(); s++) {
      int from = size;
      for (int c = starts[s + 1] - 1; c >= starts[s]; c--) {
        if (lastSeen[items[c]] != s + 1) {
          lastSeen[items[c]] = s + 1;
          kept[size++] = c;
        }
      }
      for (int a = from, b = size - 1; a < b; a++, b--) {
        int click = kept[a];
        kept[a] = kept[b];
        kept[b] = click;
      }
    }
    return Arrays.copyOf(kept, size);
  }

  /** The clicks on each item in the sessions from this one on: (V + 1), 0 for row 0. */
  int[] counts(int fromSession) {
    int[] counts = new int[vocabulary.size() + 1];
    for (int c = starts[fromSession]; c < items.length; c++) {
      counts[items[c]]++;
    }
    return counts;
  }

  /**
   * The age of each session: the time from its end to the end of the newest session, as a fraction
   * of the log's time span, 0 to 1. Without times, sessions are taken to be evenly spaced.
   */
  double[] ages() {
    double[] ages = new double[size()];
    for (int s = 0; s < ages.length; s++) {
      if (ends == null || ends[0] == ends[ends.length - 1]) {
        ages[s] = (double) (ages.length - 1 - s) / ages.length;
      } else {
        long newest = ends[ends.length - 1];
        ages[s] = (double) (newest - ends[s]) / (newest - ends[0]);
      }
    }
    return ages;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TrainingSessions that
        && vocabulary.ids().equals(that.vocabulary.ids())
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(items, that.items)
        && Arrays.equals(ends, that.ends);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(starts) + 31 * Arrays.hashCode(items);
  }

  @Override
  public String toString() {
    return size() + " sessions of " + items.length + " clicks";
  }
}
