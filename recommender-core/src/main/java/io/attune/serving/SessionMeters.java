package io.attune.serving;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;

/**
 * Publishes {@link SessionStates.Statistics} to Micrometer, an optional dependency that the
 * application provides.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><td>{@code attune.sessions}</td><td>sessions with a state</td></tr>
 *   <tr><td>{@code attune.sessions.size}</td><td>memory of all states, in bytes</td></tr>
 *   <tr><td>{@code attune.sessions.clicks}</td><td>clicks by {@code result}: hit, miss or
 * replay</td></tr>
 *   <tr><td>{@code attune.sessions.rebuilt}</td><td>states rebuilt from earlier clicks</td></tr>
 *   <tr><td>{@code attune.sessions.evictions}</td><td>states evicted for size or age</td></tr>
 *   <tr><td>{@code attune.sessions.steps}</td><td>number and time of encoder steps</td></tr>
 * </table>
 */
@SuppressWarnings("exports") // of Micrometer, which is optional
public final class SessionMeters implements MeterBinder {
  private final SessionStates states;
  private final Tags tags;

  /**
   * Creates meters of some states. A registry does not keep the states alive.
   *
   * @param tags added to each meter, such as the shop
   */
  public SessionMeters(SessionStates states, Iterable<Tag> tags) {
    this.states = states;
    this.tags = Tags.of(tags);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("attune.sessions", states, s -> s.statistics().sessions())
        .tags(tags)
        .description("Sessions with a state")
        .register(registry);
    Gauge.builder("attune.sessions.size", states, s -> s.statistics().bytes())
        .tags(tags)
        .baseUnit(BaseUnits.BYTES)
        .description("Memory of all states")
        .register(registry);
    FunctionCounter.builder(
            "attune.sessions.clicks", states, s -> s.statistics().hits())
        .tags(tags.and("result", "hit"))
        .description("Clicks by cache hit, cache miss or replay")
        .register(registry);
    FunctionCounter.builder(
            "attune.sessions.clicks", states, s -> s.statistics().misses())
        .tags(tags.and("result", "miss"))
        .description("Clicks by cache hit, cache miss or replay")
        .register(registry);
    FunctionCounter.builder(
            "attune.sessions.clicks", states, s -> s.statistics().replays())
        .tags(tags.and("result", "replay"))
        .description("Clicks by cache hit, cache miss or replay")
        .register(registry);
    FunctionCounter.builder(
            "attune.sessions.rebuilt", states, s -> s.statistics().rebuilt())
        .tags(tags)
        .description("States rebuilt from earlier clicks")
        .register(registry);
    FunctionCounter.builder(
            "attune.sessions.evictions", states, s -> s.statistics().evictions())
        .tags(tags)
        .description("States evicted for size or age")
        .register(registry);
    FunctionTimer.builder(
            "attune.sessions.steps",
            states,
            s -> s.statistics().steps(),
            s -> s.statistics().stepNanos(),
            TimeUnit.NANOSECONDS)
        .tags(tags)
        .description("Encoder steps")
        .register(registry);
  }
}
