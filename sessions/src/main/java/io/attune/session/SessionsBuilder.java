package io.attune.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Builds {@link Sessions} from clicks that are added one by one, in any order.
 *
 * <p>A click belongs to a key: a session id or a user id. The clicks of a key are ordered by time;
 * clicks with the same time, or without times, keep the order in which they were added. Keys and
 * items are numbered in the order in which they first occur. Either all clicks have a time or none
 * has.
 *
 * <p>Ids are passed as UTF-8 bytes, so that readers need not create a string for each. A collected
 * click takes 16 bytes with a time and 8 without; building temporarily takes up to 12 more. A
 * builder can be used once, by one thread.
 */
public final class SessionsBuilder {
  private final IdTable keys = new IdTable();
  private final IdTable itemIds = new IdTable();
  private IntColumn keyOf = new IntColumn();
  private final IntColumn items = new IntColumn();
  private final LongColumn times = new LongColumn();
  private int lastKey = -1;
  private boolean built;

  /** Creates an empty builder. */
  public SessionsBuilder() {}

  /** Returns the number of the key with this id, adding it if it is new. */
  public int key(byte[] id, int from, int to) {
    if (lastKey >= 0 && keys.same(lastKey, id, from, to)) {
      return lastKey;
    }
    lastKey = keys.add(id, from, to);
    return lastKey;
  }

  /**
   * Adds a new key even if one with the same id exists, for logs with a whole session in each line.
   */
  public int newKey(byte[] id, int from, int to) {
    return keys.append(id, from, to);
  }

  /** Returns the row of the item with this id, adding it if it is new. */
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
          "all clicks must have a time or none, but this one has none and earlier ones do");
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
          "all clicks must have a time or none, but this one has one and earlier ones do not");
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

  /** Builds one session for each key. */
  public Sessions build() {
    return build(null);
  }

  /**
   * Builds the sessions.
   *
   * @param inactivity the longest gap between two clicks of a session: after a longer one the key's
   *     next session begins, and ids are {@code key/1}, {@code key/2} and so on; null for one
   *     session per key
   * @throws IllegalArgumentException if the inactivity is not positive
   * @throws IllegalStateException if the inactivity is given but clicks have no times, or if the
   *     builder was already used
   */
  public Sessions build(@Nullable Duration inactivity) {
    if (built) {
      throw new IllegalStateException("a builder can be used only once");
    }
    if (inactivity != null && (inactivity.isZero() || inactivity.isNegative())) {
      throw new IllegalArgumentException("inactivity must be positive, but is " + inactivity);
    }
    boolean timed = times.size() > 0;
    if (inactivity != null && !timed && items.size() > 0) {
      throw new IllegalStateException(
          "sessions by inactivity need clicks with times, but these clicks have none");
    }
    built = true;
    keys.seal();
    int[] starts = group();
    Vocabulary vocabulary = new Vocabulary(itemIds);
    if (!timed) {
      return new Sessions(vocabulary, SessionIds.of(keys), starts, null, items, null, null);
    }
    new TimeOrder(items, times).sort(starts);
    if (inactivity == null) {
      return new Sessions(vocabulary, SessionIds.of(keys), starts, null, items, times, null);
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
   * Groups the clicks by key, in the order in which they were added, and returns where each key
   * starts.
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
        vocabulary, new SessionIds(keys, keyOfSession, part), from, null, items, times, null);
  }

  private boolean begins(int start, int click, long gap) {
    return click == start || Visits.begins(times.get(click - 1), times.get(click), gap);
  }
}
