package io.attune.session;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Descriptive statistics of sessions.
 *
 * @param sessions the number of sessions
 * @param clicks the number of clicks
 * @param items the number of distinct items clicked
 * @param first the time of the oldest click; null without times or clicks
 * @param last the time of the newest click; null without times or clicks
 * @param lengths the distribution of session lengths
 * @param spans how long sessions last; null without times or without a session of two clicks
 * @param repeats the number of clicks on an item that was clicked earlier in the same session
 * @param popularityShift how much of the demand in the newest tenth of the sessions is for other
 *     items than in the others: the total variation distance of the items' shares of clicks, less
 *     that of a tenth spread over the log, which is chance; from 0 to 1. Shops have about 0.2, news
 *     more than 0.5
 * @param top the most clicked items in descending order; ties are in order of first occurrence
 */
public record SessionStatistics(
    int sessions,
    int clicks,
    int items,
    @Nullable Instant first,
    @Nullable Instant last,
    Lengths lengths,
    @Nullable Spans spans,
    int repeats,
    double popularityShift,
    List<ItemClicks> top) {

  /**
   * The distribution of session lengths, in clicks. A percentile is the smallest length that this
   * share of the sessions does not exceed.
   *
   * @param min the length of the shortest session
   * @param max the length of the longest session
   */
  public record Lengths(int min, int median, double mean, int p90, int p99, int max) {}

  /**
   * The distribution of the time from a session's first click to its last, of the sessions of at
   * least two clicks. A percentile is the shortest time that this share of them does not exceed.
   */
  public record Spans(Duration median, Duration p75, Duration p90) {}

  /**
   * The number of clicks on an item.
   *
   * @param item the item's id
   */
  public record ItemClicks(String item, int clicks) {}

  /** Copies the list. */
  public SessionStatistics {
    top = List.copyOf(top);
  }

  /**
   * Computes the statistics of sessions.
   *
   * @param top how many of the most clicked items to list
   */
  public static SessionStatistics of(Sessions sessions, int top) {
    int size = sessions.size();
    int[] lengths = new int[size];
    int[] support = new int[sessions.vocabulary().size() + 1];
    // The last session, from 1, in which an item was clicked.
    int[] seen = new int[support.length];
    int repeats = 0;
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (int session = 0; session < size; session++) {
      lengths[session] = sessions.length(session);
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        int row = sessions.item(click);
        support[row]++;
        repeats += row != Vocabulary.UNKNOWN && seen[row] == session + 1 ? 1 : 0;
        seen[row] = session + 1;
        if (sessions.hasTimes()) {
          first = Math.min(first, sessions.time(click));
          last = Math.max(last, sessions.time(click));
        }
      }
    }
    boolean timed = last >= first;
    return new SessionStatistics(
        size,
        sessions.clicks(),
        (int) Arrays.stream(support).skip(1).filter(count -> count > 0).count(),
        timed ? Instant.ofEpochMilli(first) : null,
        timed ? Instant.ofEpochMilli(last) : null,
        lengths(lengths),
        spans(sessions),
        repeats,
        PopularityShift.of(sessions),
        top(sessions.vocabulary(), support, top));
  }

  /** The share of clicks that repeat an earlier item of their session; 0 without clicks. */
  public double repeatShare() {
    return clicks == 0 ? 0 : (double) repeats / clicks;
  }

  private static Lengths lengths(int[] lengths) {
    if (lengths.length == 0) {
      return new Lengths(0, 0, 0, 0, 0, 0);
    }
    Arrays.sort(lengths);
    double mean = Arrays.stream(lengths).average().orElse(0);
    return new Lengths(
        lengths[0],
        percentile(lengths, 50),
        mean,
        percentile(lengths, 90),
        percentile(lengths, 99),
        lengths[lengths.length - 1]);
  }

  private static @Nullable Spans spans(Sessions sessions) {
    if (!sessions.hasTimes()) {
      return null;
    }
    long[] spans = IntStream.range(0, sessions.size())
        .filter(session -> sessions.length(session) > 1)
        .mapToLong(session ->
            sessions.time(sessions.end(session) - 1) - sessions.time(sessions.start(session)))
        .sorted()
        .toArray();
    return spans.length == 0 ? null : new Spans(span(spans, 50), span(spans, 75), span(spans, 90));
  }

  private static Duration span(long[] sorted, int percent) {
    return Duration.ofMillis(sorted[place(sorted.length, percent)]);
  }

  private static int percentile(int[] sorted, int percent) {
    return sorted[place(sorted.length, percent)];
  }

  /** Where a percentile stands among so many sorted values. */
  private static int place(int count, int percent) {
    return (int) (((long) count * percent + 99) / 100) - 1;
  }

  private static List<ItemClicks> top(Vocabulary vocabulary, int[] support, int count) {
    // Count and row in one long, so that sorting allocates no objects: descending by clicks, then
    // ascending by row.
    long[] keys = new long[support.length - 1];
    for (int row = 1; row < support.length; row++) {
      keys[row - 1] = -((long) support[row] << 32) + row;
    }
    Arrays.sort(keys);
    List<ItemClicks> top = new ArrayList<>();
    for (int i = 0; i < Math.min(count, keys.length); i++) {
      int row = (int) keys[i];
      if (support[row] > 0) {
        top.add(new ItemClicks(vocabulary.id(row), support[row]));
      }
    }
    return top;
  }
}
