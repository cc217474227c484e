package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.encoder.EncoderConfigs;
import io.attune.model.EncoderConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class SessionMetersTest {
  @Test
  void metersShowTheStatistics() throws IOException {
    AtomicLong clock = new AtomicLong();
    Ticker ticker = () -> clock.getAndAdd(1_000); // a step takes a microsecond
    SessionStates states = SessionStates.builder(model(), ticker).build();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    new SessionMeters(states, Tags.of("shop", "north")).bindTo(registry);
    assertThat(registry.get("attune.sessions").gauge().value()).isZero();

    states.append("a", "i1");
    states.append("a", "i2");
    states.append("a", "unknown");
    states.append("b", "i3", () -> List.of("i1", "i2"));

    SessionStates.Statistics statistics = states.statistics();
    assertThat(registry.get("attune.sessions").tag("shop", "north").gauge().value())
        .isEqualTo(2);
    assertThat(registry.get("attune.sessions.size").gauge().value())
        .isEqualTo((double) statistics.bytes())
        .isPositive();
    assertThat(count(registry, "attune.sessions.clicks", Tags.of("result", "hit")))
        .isEqualTo(2);
    assertThat(count(registry, "attune.sessions.clicks", Tags.of("result", "miss")))
        .isEqualTo(2);
    assertThat(count(registry, "attune.sessions.rebuilt", Tags.empty())).isEqualTo(1);
    assertThat(count(registry, "attune.sessions.evictions", Tags.empty())).isZero();
    assertThat(registry.get("attune.sessions.steps").functionTimer().count()).isEqualTo(5);
    assertThat(
            registry.get("attune.sessions.steps").functionTimer().totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo((double) statistics.stepNanos())
        .isEqualTo(5_000);
  }

  private static double count(SimpleMeterRegistry registry, String name, Tags tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private static ServingModel model() throws IOException {
    EncoderConfig config = EncoderConfigs.causal().findFirst().orElseThrow();
    Vocabulary vocabulary = Vocabulary.of(List.of("i1", "i2", "i3"));
    Sessions sessions = Sessions.of(vocabulary, List.of(new int[] {1, 2, 3}, new int[] {3, 1, 2}));
    return ServingModel.of(TrainedModels.briefly(sessions, config));
  }
}
