package io.attune.serving;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.incremental.SessionState;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A bounded in-memory cache of the encoder states of live sessions, so that a click costs one
 * encoder step and never the encoding of a whole session. Thread-safe.
 *
 * <p>Clicks of a session take effect one at a time, in the order in which {@link #append} is
 * called, whatever their times, and none is lost. A click waits for earlier clicks of its session,
 * even while one of them loads the session's history. Different sessions never wait for each other.
 * A call for the same session from within a history supplier takes effect first.
 *
 * <p>A click that is delivered again, with the same item and time, changes nothing, if it is among
 * the last {@value ReplayWindow#SIZE} timed clicks of its session. The history that the caller
 * supplies may contain it, too. Clicks without a time are always distinct: two of them on one item
 * count as two clicks.
 *
 * <p>A click that fails, such as on a damaged item vector, leaves the state unchanged.
 *
 * <p>A state is dropped when its session has had no click for a while, when the cache is full, when
 * the session is forgotten, and when the model is replaced. The next click then starts a new state,
 * rebuilt from the session's history if the caller supplies one.
 *
 * <p>{@link #builder} has defaults for memory and expiry.
 */
public final class SessionStates {
  private static final int ENTRY_OVERHEAD = 200; // bytes: the cache's entry and object headers

  private final Cache<String, Entry> cache;
  private final Ticker ticker;
  private final KeyedLocks locks = new KeyedLocks();
  private final LongAdder steps = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder rebuilt = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder replays = new LongAdder();
  private volatile ServingModel model;

  /**
   * A session's state under a model, with its latest vector.
   *
   * @param state modified only under the session's lock
   * @param replayWindow modified only under the session's lock
   * @param encoded the session after its last click
   */
  private record Entry(
      SessionState state, ReplayWindow replayWindow, EncodedSession encoded, int idBytes) {
    int weight() {
      SessionVector vector = encoded.vector();
      long bytes = ENTRY_OVERHEAD
          + idBytes
          + state.bytes()
          + replayWindow.bytes()
          + 4L * (vector.query().length + 2L * vector.clicks().length)
          + 8L * vector.clicked().rows().length
          + 4L * vector.clicked().clicks().length;
      return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
  }

  /**
   * Counters since the cache was created.
   *
   * @param sessions estimated number of sessions with a state
   * @param bytes estimated memory of their states
   * @param hits clicks that found a state
   * @param misses clicks that found none
   * @param replays clicks that had already taken effect and changed nothing
   * @param rebuilt states rebuilt from earlier clicks
   * @param evictions states evicted for size or age
   * @param steps encoder steps
   * @param stepNanos nanoseconds spent on them
   */
  public record Statistics(
      long sessions,
      long bytes,
      long hits,
      long misses,
      long replays,
      long rebuilt,
      long evictions,
      long steps,
      long stepNanos) {}

  private SessionStates(Builder builder) {
    this.model = builder.model;
    this.ticker = builder.ticker;
    this.cache = Caffeine.newBuilder()
        .maximumWeight(builder.maximumBytes)
        .weigher((String id, Entry entry) -> entry.weight())
        .expireAfterWrite(builder.expireAfterClick)
        .ticker(builder.ticker)
        .executor(Runnable::run)
        .recordStats()
        .build();
  }

  /**
   * Starts building a cache with default settings: at most 256 MiB of states, each kept for 30
   * minutes after its last click.
   *
   * @param model the model to start with
   * @param ticker the clock that states expire by, such as {@link Ticker#systemTicker()}
   */
  public static Builder builder(ServingModel model, Ticker ticker) {
    return new Builder(model, ticker);
  }

  /** A builder of session states. Not thread-safe. */
  public static final class Builder {
    private final ServingModel model;
    private final Ticker ticker;
    private long maximumBytes = 256L << 20;
    private Duration expireAfterClick = Duration.ofMinutes(30);

    private Builder(ServingModel model, Ticker ticker) {
      this.model = model;
      this.ticker = ticker;
    }

    /**
     * Sets the maximum memory of all states together. The states that are least likely to be used
     * again are evicted first.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maximumBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maximumBytes must be 1 or more, not " + bytes);
      }
      maximumBytes = bytes;
      return this;
    }

    /**
     * Sets how long a state is kept after the session's last click.
     *
     * @throws IllegalArgumentException if it is zero or negative
     */
    public Builder expireAfterClick(Duration duration) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("expireAfterClick must be positive, not " + duration);
      }
      expireAfterClick = duration;
      return this;
    }

    /** Creates the cache, without any sessions. */
    public SessionStates build() {
      return new SessionStates(this);
    }
  }

  /** The current model. */
  public ServingModel model() {
    return model;
  }

  /**
   * Replaces the model. Once this method returns, no call is answered by the old model, whose
   * states are dropped.
   */
  public void switchTo(ServingModel next) {
    model = next;
    cache.asMap().values().removeIf(entry -> !entry.encoded.model().equals(next));
  }

  /**
   * Adds a click to a session. If its state is missing, the session starts with this click.
   *
   * @param id the session's id
   * @param item the item's id; an item that the model does not know changes nothing
   * @return the session after the click
   */
  public EncodedSession append(String id, String item) {
    return append(id, item, List::of);
  }

  /**
   * Adds a click to a session, whose state is rebuilt from its history if it is missing.
   *
   * @param id the session's id
   * @param item the item's id; an item that the model does not know changes nothing
   * @param earlier supplies the clicks before this one, oldest first; called only if the state is
   *     missing, while later clicks of the session wait
   * @return the session after the click
   */
  public EncodedSession append(String id, String item, Supplier<List<String>> earlier) {
    return append(id, Click.of(item), () -> untimed(earlier.get()));
  }

  /**
   * Adds a click with a time. The time distinguishes a click that is delivered again from another
   * click on the same item; most models ignore it otherwise.
   *
   * @param id the session's id
   * @param earlier supplies the clicks before this one, oldest first; called only if the state is
   *     missing, while later clicks of the session wait
   * @return the session after the click
   */
  public EncodedSession append(String id, Click click, Supplier<List<Click>> earlier) {
    return update(id, earlier, Optional.of(click));
  }

  /**
   * Returns a session as it is, without extending its life.
   *
   * @param id the session's id
   * @param clicks supplies all clicks of the session, oldest first; called only if the state is
   *     missing
   */
  public EncodedSession get(String id, Supplier<List<String>> clicks) {
    return getTimed(id, () -> untimed(clicks.get()));
  }

  /** Like {@link #get}, for clicks with times. */
  public EncodedSession getTimed(String id, Supplier<List<Click>> clicks) {
    Entry present = cache.getIfPresent(id);
    if (present != null && present.encoded.model().equals(model)) {
      return present.encoded;
    }
    return update(id, clicks, Optional.empty());
  }

  /** Brings a session's state up to date, under its lock. */
  private EncodedSession update(String id, Supplier<List<Click>> earlier, Optional<Click> click) {
    return locks.with(id, () -> {
      while (true) {
        ServingModel current = model;
        Entry entry = apply(current, id, earlier, click);
        if (current.equals(model)) {
          return entry.encoded;
        }
        // The model was replaced meanwhile: drop this result, and ask the new model.
        cache
            .asMap()
            .computeIfPresent(
                id, (key, present) -> present.encoded.model().equals(current) ? null : present);
      }
    });
  }

  private Entry apply(
      ServingModel current, String id, Supplier<List<Click>> earlier, Optional<Click> click) {
    Entry present = present(current, id);
    if (present == null) {
      List<Click> history = List.copyOf(earlier.get());
      present = present(current, id); // the supplier may have used this session
      if (present == null) {
        return start(current, id, history, click);
      }
    }
    if (click.isEmpty()) {
      return present;
    }
    if (isReplay(current, present.replayWindow, click.get())) {
      return present;
    }
    SessionState.Checkpoint before = present.state.checkpoint();
    try {
      step(current, present.state, click.get());
      EncodedSession encoded = new EncodedSession(current, current.vector(present.state));
      hits.increment();
      return store(
          id, present.state, remember(current, present.replayWindow, click.get()), encoded);
    } catch (RuntimeException | Error e) {
      before.restore();
      throw e;
    }
  }

  private @Nullable Entry present(ServingModel current, String id) {
    Entry present = cache.getIfPresent(id);
    return present != null && present.encoded.model().equals(current) ? present : null;
  }

  private Entry start(ServingModel current, String id, List<Click> history, Optional<Click> click) {
    SessionState state = current.encoder().start();
    ReplayWindow replayWindow = new ReplayWindow();
    Stream.concat(history.stream(), click.stream()).forEach(each -> {
      if (!isReplay(current, replayWindow, each)) {
        step(current, state, each);
        remember(current, replayWindow, each);
      }
    });
    EncodedSession encoded = new EncodedSession(current, current.vector(state));
    misses.increment();
    if (!history.isEmpty()) {
      rebuilt.increment();
    }
    // Asking for an unknown session leaves no trace.
    return history.isEmpty() && click.isEmpty()
        ? new Entry(state, replayWindow, encoded, 0)
        : store(id, state, replayWindow, encoded);
  }

  private Entry store(
      String id, SessionState state, ReplayWindow replayWindow, EncodedSession encoded) {
    Entry made = new Entry(state, replayWindow, encoded, 2 * id.length());
    cache.put(id, made);
    return made;
  }

  /** Whether a click has already taken effect. */
  private boolean isReplay(ServingModel current, ReplayWindow replayWindow, Click click) {
    boolean replay = replayWindow.contains(current.vocabulary().row(click.item()), click.time());
    if (replay) {
      replays.increment();
    }
    return replay;
  }

  private static ReplayWindow remember(
      ServingModel current, ReplayWindow replayWindow, Click click) {
    int row = current.vocabulary().row(click.item());
    if (row != Vocabulary.UNKNOWN) {
      replayWindow.add(row, click.time());
    }
    return replayWindow;
  }

  private static List<Click> untimed(List<String> items) {
    return items.stream().map(Click::of).toList();
  }

  private void step(ServingModel current, SessionState state, Click click) {
    int row = current.vocabulary().row(click.item());
    if (row != Vocabulary.UNKNOWN) {
      long start = ticker.read();
      current.encoder().advance(state, row, click.time());
      nanos.add(ticker.read() - start);
      steps.increment();
    }
  }

  /** Drops a session, once its pending clicks have taken effect. */
  public void forget(String id) {
    locks.with(id, () -> {
      cache.invalidate(id);
      return id;
    });
  }

  /** Drops all sessions. A session with a pending click may come back with that click. */
  public void forgetAll() {
    cache.invalidateAll();
  }

  /** The counters so far. */
  public Statistics statistics() {
    cache.cleanUp();
    long bytes = cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
    return new Statistics(
        cache.estimatedSize(),
        bytes,
        hits.sum(),
        misses.sum(),
        replays.sum(),
        rebuilt.sum(),
        cache.stats().evictionCount(),
        steps.sum(),
        nanos.sum());
  }
}
