package io.attune.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Collects clicks one by one, in any order, into {@link Sessions}.
 *
 * <p>A click belongs to a key, which is a session's id or a user's. Within a key clicks are ordered
 * by time, and those of the same time, or without times, as they were added. Keys and items are
 * numbered in the order of their first click. Either all clicks have a time or none has.
 *
 * <p>Ids are UTF-8 bytes, so that a reader need not make a string of each. While it collects, a
 * click costs 16 bytes with a time, 8 without; building needs 12 more for a moment, less when the
 * clicks of a key already lie together. A builder builds once, and is used by one thread.
 */
public final class SessionsBuilder {
  private final IdTable keys = new IdTable();
  private final IdTable itemIds = new IdTable();
  private IntColumn keyOf = new IntColumn();
  private final IntColumn items = new IntColumn();
  private final LongColumn times = new LongColumn();
  private int lastKey = -1;
  private boolean built;

  /** An empty builder. */
  public SessionsBuilder() {}

  /** The number of the key with this id; the same id has the same number. */
  public int key(byte[] id, int from, int to) {
    if (lastKey >= 0 && keys.same(lastKey, id, from, to)) {
      return lastKey;
    }
    lastKey = keys.add(id, from, to);
    return lastKey;
  }

  /**
   * A new key, even when there is one with the same id: for logs that have a whole session on one
   * line.
   */
  public int newKey(byte[] id, int from, int to) {
    return keys.append(id, from, to);
  }

  /** The row of this item, a new one when it was not seen before. */
  public int item(byte[] id, int from, int to) {
    return itemIds.add(id, from, to) + 1;
  }

  /**
   * Adds a click without a time.
   *
   * @throws IllegalStateException if an earlier click had a time
   */
  public void click(int key, int item) {
    if (times.size() > 0) {
      throw new IllegalStateException(
          "either all clicks must have a time or none, but this one has none");
    }
    add(key, item);
  }

  /**
   * Adds a click.
   *
   * @param time milliseconds since 1970-01-01T00:00Z
   * @throws IllegalStateException if an earlier click had no time
   */
  public void click(int key, int item, long time) {
    if (times.size() != items.size()) {
      throw new IllegalStateException(
          "either all clicks must have a time or none, but this one has one");
    }
    add(key, item);
    times.add(time);
  }

  /** The number of keys so far. */
  public int keys() {
    return keys.size();
  }

  /** The number of clicks so far. */
  public int clicks() {
    return items.size();
  }

  /** The number of different items so far. */
  public int items() {
    return itemIds.size();
  }

  /** The sessions when each key is one session. */
  public Sessions build() {
    return build(null);
  }

  /**
   * The sessions.
   *
   * @param inactivity when given, a new session begins where a key's clicks lie further apart than
   *     this; its id is then {@code key/1}, {@code key/2} and so on; when null, each key is one
   *     session
   * @throws IllegalArgumentException if the inactivity is not positive
   * @throws IllegalStateException if there is an inactivity but no times, or if this has been built
   *     before
   */
  public Sessions build(@Nullable Duration inactivity) {
    if (built) {
      throw new IllegalStateException("a builder builds once");
    }
    if (inactivity != null && (inactivity.isZero() || inactivity.isNegative())) {
      throw new IllegalArgumentException("the inactivity must be positive, but is " + inactivity);
    }
    boolean timed = times.size() > 0;
    if (inactivity != null && !timed && items.size() > 0) {
      throw new IllegalStateException(
          "sessions by inactivity need clicks with times, but these have none");
    }
    built = true;
    keys.seal();
    int[] starts = group();
    Vocabulary vocabulary = new Vocabulary(itemIds);
    if (!timed) {
      return new Sessions(vocabulary, SessionIds.of(keys), starts, null, items, null);
    }
    new TimeOrder(items, times).sort(starts);
    if (inactivity == null) {
      return new Sessions(vocabulary, SessionIds.of(keys), starts, null, items, times);
    }
    return cut(vocabulary, starts, inactivity.toMillis());
  }

  private void add(int key, int item) {
    if (key < 0 || key >= keys.size() || item < 1 || item > itemIds.size()) {
      throw new IllegalArgumentException(
          "key " + key + " or item " + item + " did not come from this builder");
    }
    keyOf.add(key);
    items.add(item);
  }

  /**
   * Brings the clicks of each key together, in the order they were added; returns where each key's
   * begin.
   */
  private int[] group() {
    int[] starts = new int[keys.size() + 1];
    boolean together = true;
    int previous = 0;
    for (int click = 0; click < keyOf.size(); click++) {
      int key = keyOf.get(click);
      starts[key + 1]++;
      together &= key >= previous;
      previous = key;
    }
    for (int key = 0; key < keys.size(); key++) {
      starts[key + 1] += starts[key];
    }
    if (!together) {
      int[] next = starts.clone();
      for (int click = 0; click < keyOf.size(); click++) {
        keyOf.set(click, next[keyOf.get(click)]++);
      }
      items.scatter(keyOf);
      if (times.size() > 0) {
        times.scatter(keyOf);
      }
    }
    keyOf = new IntColumn();
    return starts;
  }

  private Sessions cut(Vocabulary vocabulary, int[] starts, long gap) {
    int sessions = 0;
    for (int key = 0; key + 1 < starts.length; key++) {
      for (int click = starts[key]; click < starts[key + 1]; click++) {
        sessions += begins(starts[key], click, gap) ? 1 : 0;
      }
    }
    int[] from = new int[sessions + 1];
    int[] keyOfSession = new int[sessions];
    int[] part = new int[sessions];
    int session = 0;
    for (int key = 0; key + 1 < starts.length; key++) {
      int parts = 0;
      for (int click = starts[key]; click < starts[key + 1]; click++) {
        if (begins(starts[key], click, gap)) {
          from[session] = click;
          keyOfSession[session] = key;
          part[session] = ++parts;
          session++;
        }
      }
    }
    from[sessions] = items.size();
    return new Sessions(
        vocabulary, new SessionIds(keys, keyOfSession, part), from, null, items, times);
  }

  private boolean begins(int start, int click, long gap) {
    // A difference that overflows is negative as a signed number, but greater than any gap as an
    // unsigned one.
    return click == start || Long.compareUnsigned(times.get(click) - times.get(click - 1), gap) > 0;
  }
}
