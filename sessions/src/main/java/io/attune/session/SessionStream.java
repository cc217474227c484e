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
 * Sessions out of streams, by {@link SessionsBuilder} and so by its rules, in memory for some
 * thousand clicks at a time: what a partition of a batch engine calls, from iterator to iterator.
 */
public final class SessionStream {
  /** Clicks that are worked on together, about. */
  private static final int CLICKS = 1 << 16;

  private SessionStream() {}

  /**
   * A click of a log.
   *
   * @param key the session's id, or the user's
   * @param item the item's id
   * @param time in milliseconds; null for all clicks or for none
   */
  public record KeyedClick(
      String key, String item, @Nullable Long time) {}

  /**
   * The sessions of clicks.
   *
   * @param clicks those of a key one after the other, in the order of the log
   * @param inactivity where a key's clicks lie further apart, a new session begins; null where each
   *     key is one session
   * @return the sessions in the order of the keys, as {@link SessionsBuilder} makes them of all
   *     clicks; throws an IllegalStateException when only some clicks have a time, or none has and
   *     there is an inactivity
   */
  public static Iterator<SingleSession> ofClicks(
      Iterator<KeyedClick> clicks, @Nullable Duration inactivity) {
    Iterator<Sessions> some = new Batches<>(
        clicks,
        (builder, click) -> {
          byte[] key = utf8(click.key());
          add(builder, builder.key(key, 0, key.length), click.item(), click.time());
        },
        (click, next) -> click.key().equals(next.key()),
        builder -> builder.build(inactivity));
    return new Flatten(some);
  }

  /**
   * Sessions together, some at a time and none in two parts, for what works on {@link Sessions}.
   *
   * @param sessions of which all have times, or none has; each is one, whatever its id
   */
  public static Iterator<Sessions> inParts(Iterator<SingleSession> sessions) {
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

  /** Collects until there are enough clicks and a key ends. */
  private static final class Batches<T> implements Iterator<Sessions> {
    private final Iterator<T> source;
    private final BiConsumer<SessionsBuilder, T> add;
    private final BiPredicate<T, T> together;
    private final Function<SessionsBuilder, Sessions> build;
    private @Nullable T next;

    Batches(
        Iterator<T> source,
        BiConsumer<SessionsBuilder, T> add,
        BiPredicate<T, T> together,
        Function<SessionsBuilder, Sessions> build) {
      this.source = source;
      this.add = add;
      this.together = together;
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
        if (following != null && builder.clicks() >= CLICKS && !together.test(each, following)) {
          next = following;
          break;
        }
        each = following;
      }
      return build.apply(builder);
    }
  }

  /** Takes sessions apart. */
  private static final class Flatten implements Iterator<SingleSession> {
    private final Iterator<Sessions> parts;
    private Iterator<SingleSession> part = Collections.emptyIterator();

    Flatten(Iterator<Sessions> parts) {
      this.parts = parts;
    }

    @Override
    public boolean hasNext() {
      while (!part.hasNext() && parts.hasNext()) {
        part = sessions(parts.next());
      }
      return part.hasNext();
    }

    @Override
    public SingleSession next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return part.next();
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
