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
 * The states of live sessions by their ids, in memory of bounded size: a click costs one step,
 * never an encoding of the whole session. Safe for use by several threads.
 *
 * <p>Clicks of one session take effect one after the other, in the order in which {@link #append}
 * is entered, whatever their times, and none is lost: a click waits for those of its session that
 * came before it, also while one of them asks its caller for the earlier clicks. Sessions do not
 * wait for each other. A call for the session from within such a question takes effect first.
 *
 * <p>A click with a time that is delivered again, the same item at the same time, changes nothing,
 * as long as it is among the last {@value RecentClicks#KEPT} such clicks of its session; it may
 * also stand in the earlier clicks that its caller hands over. Clicks without a time are all
 * different: two of them on one item are a visitor's two clicks.
 *
 * <p>A click that fails, such as on a broken item vector, leaves the state as it was.
 *
 * <p>A state goes when it has seen no click for a while, when room is needed for others, when the
 * session is forgotten, or when another model comes into use. Then the next click starts it anew,
 * from the earlier clicks if the caller has them.
 */
public final class SessionStates {
  private static final int ENTRY_OVERHEAD = 200; // the cache's own entry and the objects around

  private final Cache<String, Entry> cache;
  private final Ticker ticker;
  private final Turns turns = new Turns();
  private final LongAdder steps = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder rebuilt = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder replays = new LongAdder();
  private volatile ServingModel model;

  /**
   * A session's state under a model, and what it looks for.
   *
   * @param state changed only in the session's turn
   * @param recent changed only in the session's turn
   * @param answer of the last click
   */
  private record Entry(
      SessionState state, RecentClicks recent, EncodedSession answer, int idBytes) {
    int weight() {
      SessionVector vector = answer.vector();
      long bytes = ENTRY_OVERHEAD
          + idBytes
          + state.bytes()
          + recent.bytes()
          + 4L * (vector.query().length + 2L * vector.clicks().length);
      return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
  }

  /**
   * How the states fare.
   *
   * @param sessions that have a state, about
   * @param bytes they take, about
   * @param hits clicks that found a state
   * @param misses clicks that found none
   * @param replays clicks that had taken effect before, and changed nothing
   * @param rebuilt states made anew from earlier clicks
   * @param evictions states that went for others' sake, or for their age
   * @param steps clicks that an encoder went on by
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

  /**
   * No states yet.
   *
   * @param model the first model
   * @param bytes the most memory for all states
   * @param expiry how long after its last click a state is kept
   * @param ticker a clock in nanoseconds, such as {@link Ticker#systemTicker()}
   */
  public SessionStates(ServingModel model, long bytes, Duration expiry, Ticker ticker) {
    this.model = model;
    this.ticker = ticker;
    this.cache = Caffeine.newBuilder()
        .maximumWeight(bytes)
        .weigher((String id, Entry entry) -> entry.weight())
        .expireAfterWrite(expiry)
        .ticker(ticker)
        .executor(Runnable::run)
        .recordStats()
        .build();
  }

  /** The model in use. */
  public ServingModel model() {
    return model;
  }

  /**
   * Puts another model into use. Once this has returned no answer comes from the old one, whose
   * states count as missing.
   */
  public void switchTo(ServingModel next) {
    model = next;
    cache.asMap().values().removeIf(entry -> !entry.answer.model().equals(next));
  }

  /**
   * Adds a click to a session of which nothing else is known where its state is missing.
   *
   * @param id the session
   * @param item the clicked item's id; one that the model does not know changes nothing
   * @return what the session looks for now
   */
  public EncodedSession append(String id, String item) {
    return append(id, item, List::of);
  }

  /**
   * Adds a click to a session.
   *
   * @param id the session
   * @param item the clicked item's id; one that the model does not know changes nothing
   * @param earlier the clicks before it and not the click itself, oldest first; asked only where
   *     the state is missing, while later clicks of the session wait
   * @return what the session looks for now
   */
  public EncodedSession append(String id, String item, Supplier<List<String>> earlier) {
    return append(id, Click.of(item), () -> untimed(earlier.get()));
  }

  /**
   * Adds a click to a session, with the time at which it was made. The time tells a click that is
   * delivered again from another one on the same item; most models do not look at it.
   *
   * @param earlier the clicks before it, oldest first; asked only where the state is missing, while
   *     later clicks of the session wait
   */
  public EncodedSession append(String id, Click click, Supplier<List<Click>> earlier) {
    return update(id, earlier, Optional.of(click));
  }

  /**
   * What a session looks for, without a new click; it does not prolong the state's life.
   *
   * @param id the session
   * @param clicks all its clicks, oldest first; asked only where the state is missing
   */
  public EncodedSession get(String id, Supplier<List<String>> clicks) {
    return getTimed(id, () -> untimed(clicks.get()));
  }

  /** The same where it is known when the clicks were made. */
  public EncodedSession getTimed(String id, Supplier<List<Click>> clicks) {
    Entry present = cache.getIfPresent(id);
    if (present != null && present.answer.model().equals(model)) {
      return present.answer;
    }
    return update(id, clicks, Optional.empty());
  }

  /** Brings a session's state up to date, in its turn. */
  private EncodedSession update(String id, Supplier<List<Click>> earlier, Optional<Click> click) {
    return turns.with(id, () -> {
      while (true) {
        ServingModel using = model;
        Entry entry = updated(using, id, earlier, click);
        if (using.equals(model)) {
          return entry.answer;
        }
        // Another model came into use meanwhile: it answers, and nothing is kept of this one.
        cache
            .asMap()
            .computeIfPresent(
                id, (key, present) -> present.answer.model().equals(using) ? null : present);
      }
    });
  }

  private Entry updated(
      ServingModel using, String id, Supplier<List<Click>> earlier, Optional<Click> click) {
    Entry present = present(using, id);
    if (present == null) {
      List<Click> history = List.copyOf(earlier.get());
      present = present(using, id); // the caller may have used this session meanwhile
      if (present == null) {
        return started(using, id, history, click);
      }
    }
    if (click.isEmpty()) {
      return present;
    }
    if (isReplay(using, present.recent, click.get())) {
      return present;
    }
    SessionState.Checkpoint before = present.state.checkpoint();
    try {
      step(using, present.state, click.get());
      EncodedSession answer = new EncodedSession(using, using.vector(present.state));
      hits.increment();
      return kept(id, present.state, remembered(using, present.recent, click.get()), answer);
    } catch (RuntimeException | Error e) {
      before.restore();
      throw e;
    }
  }

  private @Nullable Entry present(ServingModel using, String id) {
    Entry present = cache.getIfPresent(id);
    return present != null && present.answer.model().equals(using) ? present : null;
  }

  private Entry started(ServingModel using, String id, List<Click> history, Optional<Click> click) {
    SessionState state = using.encoder().start();
    RecentClicks recent = new RecentClicks();
    Stream.concat(history.stream(), click.stream()).forEach(each -> {
      if (!isReplay(using, recent, each)) {
        step(using, state, each);
        remembered(using, recent, each);
      }
    });
    EncodedSession answer = new EncodedSession(using, using.vector(state));
    misses.increment();
    if (!history.isEmpty()) {
      rebuilt.increment();
    }
    // To ask for a session that nobody knows leaves no trace.
    return history.isEmpty() && click.isEmpty()
        ? new Entry(state, recent, answer, 0)
        : kept(id, state, recent, answer);
  }

  private Entry kept(String id, SessionState state, RecentClicks recent, EncodedSession answer) {
    Entry made = new Entry(state, recent, answer, 2 * id.length());
    cache.put(id, made);
    return made;
  }

  /** Whether a click has taken effect before. */
  private boolean isReplay(ServingModel using, RecentClicks recent, Click click) {
    boolean replay = recent.contains(using.vocabulary().row(click.item()), click.time());
    if (replay) {
      replays.increment();
    }
    return replay;
  }

  private static RecentClicks remembered(ServingModel using, RecentClicks recent, Click click) {
    int row = using.vocabulary().row(click.item());
    if (row != Vocabulary.UNKNOWN) {
      recent.add(row, click.time());
    }
    return recent;
  }

  private static List<Click> untimed(List<String> items) {
    return items.stream().map(Click::of).toList();
  }

  private void step(ServingModel using, SessionState state, Click click) {
    int row = using.vocabulary().row(click.item());
    if (row != Vocabulary.UNKNOWN) {
      long start = ticker.read();
      using.encoder().advance(state, row, click.time());
      nanos.add(ticker.read() - start);
      steps.increment();
    }
  }

  /** Drops all that is known of a session, once the clicks before have taken effect. */
  public void forget(String id) {
    turns.with(id, () -> {
      cache.invalidate(id);
      return id;
    });
  }

  /** How the states fare so far. */
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
