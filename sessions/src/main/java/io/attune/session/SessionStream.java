package io.attune.session;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds sessions from streams with {@link SessionsBuilder}, holding only some thousand clicks in
 * memory at a time: the iterator-to-iterator functions that a batch engine calls for each
 * partition.
 */
public final class SessionStream {
  private static final int CLICKS_PER_BATCH = 1 << 16;

  private SessionStream() {}

  /**
   * A click with its key.
   *
   * @param key the session's or the user's id
   * @param item the item's id
   * @param time in milliseconds; null for either all clicks or none
   */
  public record KeyedClick(
      String key, String item, @Nullable Long time) {}

  /**
   * Builds sessions from clicks.
   *
   * @param clicks grouped by key, and in log order within a key
   * @param inactivity the longest gap between two clicks of a session; null for one session per key
   * @return the sessions in the order of their keys, the same as {@link SessionsBuilder} builds
   *     from all clicks at once; throws an IllegalStateException if only some clicks have a time,
   *     or none has although there is an inactivity
   */
  public static Iterator<SingleSession> ofClicks(
      Iterator<KeyedClick> clicks, @Nullable Duration inactivity) {
    Iterator<Sessions> batches = new Batches<>(
        clicks,
        (builder, click) -> {
          byte[] key = utf8(click.key());
          add(builder, builder.key(key, 0, key.length), click.item(), click.time());
        },
        (click, next) -> click.key().equals(next.key()),
        builder -> builder.build(inactivity));
    return new Flatten(batches);
  }

  /**
   * Groups single sessions into batches of {@link Sessions}.
   *
   * @param sessions either all with times or all without; sessions with the same id stay separate
   */
  public static Iterator<Sessions> batches(Iterator<SingleSession> sessions) {
    return new Batches<>(
        sessions,
        (builder, session) -> {
          byte[] id = utf8(session.id());
          int key = builder.newKey(id, 0, id.length);
          for (int i = 0; i < session.items().length; i++) {
            add(
                builder,
                key,
                session.items()[i],
                session.times().length == 0 ? null : session.times()[i]);
          }
        },
        (session, next) -> false,
        SessionsBuilder::build);
  }

  private static void add(SessionsBuilder builder, int key, String id, @Nullable Long time) {
    byte[] bytes = utf8(id);
    int item = builder.item(bytes, 0, bytes.length);
    if (time == null) {
      builder.click(key, item);
    } else {
      builder.click(key, item, time);
    }
  }

  private static byte[] utf8(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }

  /** Collects clicks until a batch is full and its last key is complete. */
  private static final class Batches<T> implements Iterator<Sessions> {
    private final Iterator<T> source;
    private final BiConsumer<SessionsBuilder, T> add;
    private final BiPredicate<T, T> sameKey;
    private final Function<SessionsBuilder, Sessions> build;
    private @Nullable T next;

    Batches(
        Iterator<T> source,
        BiConsumer<SessionsBuilder, T> add,
        BiPredicate<T, T> sameKey,
        Function<SessionsBuilder, Sessions> build) {
      this.source = source;
      this.add = add;
      this.sameKey = sameKey;
      this.build = build;
    }

    @Override
    public boolean hasNext() {
      return next != null || source.hasNext();
    }

    @Override
    public Sessions next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      SessionsBuilder builder = new SessionsBuilder();
      T each = next == null ? source.next() : next;
      next = null;
      while (each != null) {
        add.accept(builder, each);
        T following = source.hasNext() ? source.next() : null;
        if (following != null
            && builder.clicks() >= CLICKS_PER_BATCH
            && !sameKey.test(each, following)) {
          next = following;
          break;
        }
        each = following;
      }
      return build.apply(builder);
    }
  }

  /** Iterates over the single sessions of batches. */
  private static final class Flatten implements Iterator<SingleSession> {
    private final Iterator<Sessions> batches;
    private Iterator<SingleSession> batch = Collections.emptyIterator();

    Flatten(Iterator<Sessions> batches) {
      this.batches = batches;
    }

    @Override
    public boolean hasNext() {
      while (!batch.hasNext() && batches.hasNext()) {
        batch = sessions(batches.next());
      }
      return batch.hasNext();
    }

    @Override
    public SingleSession next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return batch.next();
    }
  }

  private static Iterator<SingleSession> sessions(Sessions all) {
    return new Iterator<>() {
      private int session;

      @Override
      public boolean hasNext() {
        return session < all.size();
      }

      @Override
      public SingleSession next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return session(all, session++);
      }
    };
  }

  private static SingleSession session(Sessions all, int session) {
    String[] items = new String[all.length(session)];
    long[] times = new long[all.hasTimes() ? items.length : 0];
    for (int i = 0; i < items.length; i++) {
      int click = all.start(session) + i;
      items[i] = all.vocabulary().id(all.item(click));
      if (times.length > 0) {
        times[i] = all.time(click);
      }
    }
    return new SingleSession(all.id(session), items, times);
  }
}
