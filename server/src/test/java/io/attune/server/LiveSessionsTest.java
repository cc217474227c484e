package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.serving.Click;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSessionsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-11-28T00:00:00Z"), ZoneOffset.UTC);

  @TempDir
  private Path folder;

  private ServingModel model;
  private SessionStates states;
  private long nanos;

  @BeforeEach
  void make() throws IOException {
    model = ServingModel.of(RandomModel.save(folder.resolve("model"), 30, 1));
    states = SessionStates.builder(model, () -> nanos).build();
  }

  private LiveSessions sessions(int sessions, int clicks) throws IOException {
    ServerLimits defaults = ServerLimits.defaults();
    return new LiveSessions(
        states,
        new ServerLimits(
            defaults.bodyBytes(),
            clicks,
            sessions,
            Duration.ofMinutes(30),
            defaults.requests(),
            defaults.budget(),
            defaults.grace()),
        CLOCK,
        () -> nanos,
        null,
        notice -> {});
  }

  private float[] query(String... items) {
    return model.vector(List.of(items)).query();
  }

  @Test
  void aSessionExpiresAfterItsLastClick() throws IOException {
    LiveSessions sessions = sessions(10, 10);
    sessions.append("anna", Click.of("i1"));
    nanos += Duration.ofMinutes(20).toNanos();
    sessions.append("anna", Click.of("i2"));
    nanos += Duration.ofMinutes(20).toNanos();
    assertThat(sessions.get("anna").vector().query()).containsExactly(query("i1", "i2"));
    nanos += Duration.ofMinutes(11).toNanos();
    assertThat(sessions.get("anna").vector().isEmpty()).isTrue();
    assertThat(sessions.append("anna", Click.of("i3")).session().vector().query())
        .containsExactly(query("i3"));
  }

  @Test
  void sessionsInMemoryAreBounded() throws IOException {
    LiveSessions sessions = sessions(10, 10);
    for (int i = 0; i < 1000; i++) {
      sessions.append("s" + i, Click.of("i1"));
    }
    assertThat(sessions.size()).isLessThanOrEqualTo(10).isPositive();
  }

  @Test
  void aLongSessionCountsAsSeveral() throws IOException {
    LiveSessions sessions = sessions(10, 200);
    for (int i = 0; i < 200; i++) {
      sessions.append("long", Click.of("i1")); // 80 bytes each and more: as much as eight
    }
    for (int i = 0; i < 10; i++) {
      sessions.append("s" + i, Click.of("i1"));
    }
    assertThat(sessions.size()).isLessThanOrEqualTo(10);
  }

  @Test
  void aStateThatIsMissingIsRebuiltFromTheNewestClicks() throws IOException {
    LiveSessions sessions = sessions(10, 2);
    sessions.append("anna", Click.of("i1"));
    sessions.append("anna", Click.of("i2"));
    assertThat(sessions.append("anna", Click.of("i3")).clicks()).isEqualTo(2);
    assertThat(sessions.get("anna").vector().query()).containsExactly(query("i1", "i2", "i3"));
    states.forgetAll();
    assertThat(sessions.get("anna").vector().query()).containsExactly(query("i2", "i3"));
  }

  @Test
  void clicksWithoutATimeGetThatOfTheirArrivalAndAllCount() throws IOException {
    LiveSessions sessions = sessions(10, 10);
    sessions.append("anna", Click.of("i1"));
    assertThat(sessions.append("anna", Click.of("i1")).replay()).isFalse();
    assertThat(sessions.append("anna", new Click("i1", CLOCK.millis())).replay())
        .isTrue();
    states.forgetAll();
    assertThat(sessions.get("anna").vector().query()).containsExactly(query("i1", "i1"));
  }
}
