package io.attune.serving;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.session.Vocabulary;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * The states of live sessions by their ids, in memory of bounded size: a click costs one step,
 * never an encoding of the whole session. Safe for use by several threads; clicks of one session
 * take effect one after the other, in the order in which {@link #append} is entered, and none is
 * lost.
 *
 * <p>A state goes when it has seen no click for a while, when room is needed for others, when the
 * session is forgotten, or when another model comes into use. Then the next click starts it anew,
 * from the earlier clicks if the caller has them.
 */
public final class SessionStates {
  private static final int ENTRY_OVERHEAD = 200; // the cache's own entry and the objects around

  private final Cache<String, Entry> cache;
  private final Ticker ticker;
  private final LongAdder steps = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder rebuilt = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private volatile ServingModel model;

  /**
   * A session's state under a model, and what it looks for.
   *
   * @param state changed only within the cache's computation for its key
   * @param answer of the last click
   */
  private record Entry(SessionState state, Answer answer, int idBytes) {
    int weight() {
      SessionVector vector = answer.vector;
      long bytes = ENTRY_OVERHEAD
          + idBytes
          + state.bytes()
          + 4L * (vector.query().length + 2L * vector.clicks().length);
      return (int) Math.min(Integer.MAX_VALUE, bytes);
    }
  }

  /**
   * What a session looks for, with the model that says so: its item vectors, and no others, may be
   * compared with the query vector.
   */
  public record Answer(ServingModel model, SessionVector vector) {}

  /**
   * How the states fare.
   *
   * @param sessions that have a state, about
   * @param bytes they take, about
   * @param hits clicks that found a state
   * @param misses clicks that found none
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
   * Puts another model into use. From now on no answer comes from the old one; states of the old
   * one count as missing.
   */
  public void use(ServingModel next) {
    model = next;
    cache.asMap().values().removeIf(entry -> !entry.answer.model.equals(next));
  }

  /**
   * Adds a click to a session of which nothing else is known where its state is missing.
   *
   * @param id the session
   * @param item the clicked item's id; one that the model does not know changes nothing
   * @return what the session looks for now
   */
  public Answer append(String id, String item) {
    return append(id, item, List::of);
  }

  /**
   * Adds a click to a session.
   *
   * @param id the session
   * @param item the clicked item's id; one that the model does not know changes nothing
   * @param earlier the clicks before it, oldest first; asked only where the state is missing
   * @return what the session looks for now
   */
  public Answer append(String id, String item, Supplier<List<String>> earlier) {
    return append(id, Click.of(item), () -> untimed(earlier.get()));
  }

  /**
   * Adds a click to a session, with the time at which it was made: the same as without for a model
   * that does not look at times.
   *
   * @param earlier the clicks before it, oldest first; asked only where the state is missing
   */
  public Answer append(String id, Click click, Supplier<List<Click>> earlier) {
    return update(id, earlier, Optional.of(click));
  }

  /**
   * What a session looks for, without a new click; it does not prolong the state's life.
   *
   * @param id the session
   * @param clicks all its clicks, oldest first; asked only where the state is missing
   */
  public Answer answer(String id, Supplier<List<String>> clicks) {
    return answerTimed(id, () -> untimed(clicks.get()));
  }

  /** The same where it is known when the clicks were made. */
  public Answer answerTimed(String id, Supplier<List<Click>> clicks) {
    Entry present = cache.getIfPresent(id);
    if (present != null && present.answer.model.equals(model)) {
      return present.answer;
    }
    return update(id, clicks, Optional.empty());
  }

  /**
   * Brings a session's state up to date, within the cache's computation for its key. The caller is
   * asked for earlier clicks outside of it, since that may take long or use the cache itself; by
   * then the state may be there or not, so it is looked at again.
   */
  private Answer update(String id, Supplier<List<Click>> earlier, Optional<Click> click) {
    Optional<List<Click>> history = Optional.empty();
    while (true) {
      Entry[] made = new Entry[1];
      Optional<List<Click>> known = history;
      cache.asMap().compute(id, (key, present) -> {
        ServingModel using = model;
        boolean found = present != null && present.answer.model.equals(using);
        if (!found && known.isEmpty()) {
          return present;
        }
        if (found && click.isEmpty()) {
          made[0] = present;
          return present;
        }
        (found ? hits : misses).increment();
        SessionState state = found ? present.state : start(using, known.orElseThrow());
        click.ifPresent(next -> step(using, state, next));
        SessionVector vector = using.vector(state);
        made[0] = new Entry(state, new Answer(using, vector), 2 * id.length());
        // To ask for a session that nobody knows leaves no trace.
        return found || click.isPresent() || !known.orElseThrow().isEmpty() ? made[0] : null;
      });
      if (made[0] != null) {
        return made[0].answer;
      }
      history = Optional.of(List.copyOf(earlier.get()));
    }
  }

  private static List<Click> untimed(List<String> items) {
    return items.stream().map(Click::of).toList();
  }

  private SessionState start(ServingModel using, List<Click> history) {
    SessionState state = using.encoder().start();
    history.forEach(click -> step(using, state, click));
    if (!history.isEmpty()) {
      rebuilt.increment();
    }
    return state;
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

  /** Drops all that is known of a session. */
  public void forget(String id) {
    cache.invalidate(id);
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
        rebuilt.sum(),
        cache.stats().evictionCount(),
        steps.sum(),
        nanos.sum());
  }
}
