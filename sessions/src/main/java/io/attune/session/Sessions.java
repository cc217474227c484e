package io.attune.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A set of sessions, stored as columns of primitives.
 *
 * <p>A click is identified by its position in the columns. Session {@code s} occupies the positions
 * from {@link #start(int)} to {@link #end(int)}, exclusive, oldest click first. Consecutive
 * sessions need not be adjacent, because {@link #select(int[])} shares the columns. An item is a
 * row of {@link #vocabulary()}, or 0 if the vocabulary does not contain it. A click takes 12 bytes
 * with times and 4 without.
 *
 * <p>Immutable and thread-safe.
 */
public final class Sessions {
  /** The time of a click whose time is not known. */
  public static final long NO_TIME = Long.MIN_VALUE;

  private final Vocabulary vocabulary;
  private final SessionIds ids;
  private final int[] starts;

  /** Null if the sessions are adjacent; {@code starts} then has one more entry. */
  private final int @Nullable [] ends;

  private final IntColumn items;
  private final @Nullable LongColumn times;

  /** Null unless each session is a user's history. */
  private final @Nullable Duration visitGap;

  private final int clicks;

  Sessions(
      Vocabulary vocabulary,
      SessionIds ids,
      int[] starts,
      int @Nullable [] ends,
      IntColumn items,
      @Nullable LongColumn times,
      @Nullable Duration visitGap) {
    this.vocabulary = vocabulary;
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
    this.items = items;
    this.times = times;
    this.visitGap = visitGap;
    long sum = 0;
    for (int session = 0; session < size(); session++) {
      sum += length(session);
    }
    this.clicks = Math.toIntExact(sum);
  }

  /**
   * Returns sessions without times whose ids are "0", "1" and so on, for tests and small examples.
   *
   * @throws IllegalArgumentException if a row is negative or greater than the vocabulary's size
   */
  public static Sessions of(Vocabulary vocabulary, List<int[]> rows) {
    return of(vocabulary, rows, null);
  }

  /**
   * Returns sessions whose ids are "0", "1" and so on, for tests and small examples.
   *
   * @param times the time of each click in milliseconds, oldest first in each session; null for
   *     sessions without times
   * @throws IllegalArgumentException if a row is negative or greater than the vocabulary's size
   */
  public static Sessions of(Vocabulary vocabulary, List<int[]> rows, @Nullable List<long[]> times) {
    IdTable keys = new IdTable();
    IntColumn items = new IntColumn();
    LongColumn made = times == null ? null : new LongColumn();
    int[] starts = new int[rows.size() + 1];
    for (int session = 0; session < rows.size(); session++) {
      keys.add(Integer.toString(session));
      for (int row : rows.get(session)) {
        if (row < 0 || row > vocabulary.size()) {
          throw new IllegalArgumentException("a row must be between 0 and " + vocabulary.size()
              + ", but session " + session + " has " + row);
        }
        items.add(row);
      }
      for (int i = 0; made != null && times != null && i < rows.get(session).length; i++) {
        made.add(times.get(session)[i]);
      }
      starts[session + 1] = items.size();
    }
    return new Sessions(vocabulary, SessionIds.of(keys), starts, null, items, made, null);
  }

  /** The vocabulary that {@link #item(int)} refers to. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** The number of sessions. */
  public int size() {
    return ends == null ? starts.length - 1 : starts.length;
  }

  /** The number of clicks in all sessions. */
  public int clicks() {
    return clicks;
  }

  /** The position of the session's oldest click. */
  public int start(int session) {
    return starts[Objects.checkIndex(session, size())];
  }

  /** The position after the session's newest click. */
  public int end(int session) {
    Objects.checkIndex(session, size());
    return ends == null ? starts[session + 1] : ends[session];
  }

  /** The number of clicks in this session. */
  public int length(int session) {
    return end(session) - start(session);
  }

  /** The row of the item clicked at this position; 0 if the item is not in the vocabulary. */
  public int item(int click) {
    return items.get(click);
  }

  /** A copy of the session's rows, oldest first. */
  public int[] items(int session) {
    int start = start(session);
    int[] rows = new int[length(session)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = items.get(start + i);
    }
    return rows;
  }

  /** Whether the clicks have times. */
  public boolean hasTimes() {
    return times != null;
  }

  /**
   * The time of the click at this position, in milliseconds since 1970-01-01T00:00Z.
   *
   * @throws IllegalStateException if there are no times
   */
  public long time(int click) {
    return times().get(click);
  }

  /**
   * For histories, the pause after which a user's next click begins a new visit (see
   * {@link Visits}); null if each session is a visit, or it is not known what it is.
   */
  public @Nullable Duration visitGap() {
    return visitGap;
  }

  /** Whether each session is a user's whole history, of one visit or more. */
  public boolean areHistories() {
    return visitGap != null;
  }

  /**
   * The same sessions, each known to be a user's whole history.
   *
   * @param gap the pause after which a new visit begins
   */
  public Sessions asHistories(Duration gap) {
    return new Sessions(vocabulary, ids, starts, ends, items, times, gap);
  }

  /**
   * The session's id in the log. If a user's history was cut by inactivity, its sessions are
   * {@code user/1}, {@code user/2} and so on.
   */
  public String id(int session) {
    return ids.id(Objects.checkIndex(session, size()));
  }

  /**
   * The same sessions encoded with another vocabulary. Items that it does not contain become 0;
   * nothing is dropped.
   */
  public Sessions recode(Vocabulary target) {
    if (target == vocabulary) {
      return this;
    }
    int[] rows = vocabulary.rowsIn(target);
    if (clicks < items.size()) {
      return copy(target, rows);
    }
    IntColumn recoded = IntColumn.ofSize(items.size());
    for (int click = 0; click < items.size(); click++) {
      recoded.set(click, rows[items.get(click)]);
    }
    return new Sessions(target, ids, starts, ends, recoded, times, visitGap);
  }

  /**
   * The sessions at these indexes, in this order; an index may occur twice. The columns are shared,
   * not copied.
   *
   * @throws IndexOutOfBoundsException if an index is negative or not less than {@link #size()}
   */
  public Sessions select(int[] sessions) {
    int[] from = new int[sessions.length];
    int[] to = new int[sessions.length];
    for (int i = 0; i < sessions.length; i++) {
      from[i] = start(sessions[i]);
      to[i] = end(sessions[i]);
    }
    return new Sessions(vocabulary, ids.select(sessions), from, to, items, times, visitGap);
  }

  /**
   * The sessions without the clicks on some items. The vocabulary stays, and so do sessions that
   * are left without clicks.
   *
   * @param ids of the items; those that the vocabulary does not have are ignored
   */
  public Sessions without(Set<String> ids) {
    int[] rows = new int[vocabulary.size() + 1];
    Arrays.setAll(rows, row -> row);
    for (String id : ids) {
      rows[vocabulary.row(id)] = Vocabulary.UNKNOWN;
    }
    int[] all = new int[size()];
    Arrays.setAll(all, session -> session);
    return copy(all, vocabulary, rows, true);
  }

  /**
   * The sessions as they were known at a time: only the clicks before it, and only the sessions
   * that had begun.
   *
   * @throws IllegalStateException if there are no times
   */
  public Sessions before(Instant time) {
    int[] begun = IntStream.range(0, size())
        .filter(session -> clicksBefore(session, time.toEpochMilli()) > 0)
        .toArray();
    return select(begun)
        .truncate(Arrays.stream(begun)
            .map(session -> clicksBefore(session, time.toEpochMilli()))
            .toArray());
  }

  /**
   * What followed from a time on: only the clicks then or later, and only the sessions that had
   * any. The columns are shared.
   *
   * @throws IllegalStateException if there are no times
   */
  Sessions from(Instant time) {
    int[] going = IntStream.range(0, size())
        .filter(session -> clicksBefore(session, time.toEpochMilli()) < length(session))
        .toArray();
    int[] first = new int[going.length];
    int[] last = new int[going.length];
    for (int i = 0; i < going.length; i++) {
      first[i] = start(going[i]) + clicksBefore(going[i], time.toEpochMilli());
      last[i] = end(going[i]);
    }
    return new Sessions(vocabulary, ids.select(going), first, last, items, times, visitGap);
  }

  /** The number of clicks of a session before a time in milliseconds. */
  int clicksBefore(int session, long time) {
    int click = end(session);
    while (click > start(session) && time(click - 1) >= time) {
      click--;
    }
    return click - start(session);
  }

  /**
   * The same sessions without their last {@code count} clicks; sessions of fewer than {@code from}
   * clicks stay whole. The columns are shared.
   */
  Sessions withoutLast(int count, int from) {
    int[] lengths = new int[size()];
    for (int session = 0; session < lengths.length; session++) {
      int length = length(session);
      lengths[session] = length >= from ? length - count : length;
    }
    return truncate(lengths);
  }

  /** The same sessions cut to the given lengths; the columns are shared. */
  Sessions truncate(int[] lengths) {
    int[] from = new int[size()];
    int[] to = new int[size()];
    for (int session = 0; session < from.length; session++) {
      from[session] = start(session);
      to[session] = from[session] + lengths[session];
    }
    return new Sessions(vocabulary, ids, from, to, items, times, visitGap);
  }

  @Override
  public String toString() {
    return Counts.of(clicks, "click") + " in " + Counts.of(size(), "session") + " on "
        + Counts.of(vocabulary.size(), "item");
  }

  private LongColumn times() {
    if (times == null) {
      throw new IllegalStateException("these sessions have no times");
    }
    return times;
  }

  private Sessions copy(Vocabulary target, int[] rows) {
    int[] all = new int[size()];
    Arrays.setAll(all, session -> session);
    return copy(all, target, rows, false);
  }

  /**
   * A copy of some sessions in their own columns.
   *
   * @param rows the row in the target of each row of this vocabulary
   * @param drop whether to leave out clicks on items that the target does not contain
   */
  Sessions copy(int[] sessions, Vocabulary target, int[] rows, boolean drop) {
    int[] from = new int[sessions.length + 1];
    IntColumn newItems = new IntColumn();
    LongColumn newTimes = times == null ? null : new LongColumn();
    for (int i = 0; i < sessions.length; i++) {
      for (int click = start(sessions[i]); click < end(sessions[i]); click++) {
        int row = rows[items.get(click)];
        if (row == Vocabulary.UNKNOWN && drop) {
          continue;
        }
        newItems.add(row);
        if (newTimes != null) {
          newTimes.add(time(click));
        }
      }
      from[i + 1] = newItems.size();
    }
    return new Sessions(target, ids.select(sessions), from, null, newItems, newTimes, visitGap);
  }
}
