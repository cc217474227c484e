package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.SessionsBuilderTest.Click;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuspectedBotsTest {
  private static List<Click> people(int sessions) {
    List<Click> clicks = new ArrayList<>();
    for (int session = 0; session < sessions; session++) {
      for (int i = 0; i < 3 + session % 5; i++) {
        clicks.add(new Click("p" + session, "i" + i, session * 100_000L + i * 20_000L));
      }
    }
    return clicks;
  }

  private static void add(List<Click> clicks, String id, int count, long every) {
    for (int i = 0; i < count; i++) {
      clicks.add(new Click(id, "i" + i % 9, i * every));
    }
  }

  @Test
  void aSessionFarAboveTheOthersIsNamed() {
    List<Click> clicks = people(50);
    add(clicks, "bot", 4_000, 30_000);
    add(clicks, "smaller", 600, 30_000);

    SuspectedBots bots = SuspectedBots.of(SessionsBuilderTest.build(clicks), 1);

    assertThat(bots.sessions())
        .containsExactly(
            new SuspectedBots.Suspect("bot", 4_000, "90 % of the sessions have at most 7"));
    assertThat(bots.found()).isEqualTo(2);
    assertThat(bots.clicks()).isEqualTo(4_600);
  }

  @Test
  void aSessionOfMoreThanAClickASecondIsNamed() {
    List<Click> clicks = people(50);
    add(clicks, "fast", 120, 500);
    add(clicks, "human", 120, 5_000);
    add(clicks, "day", 120, 0);

    assertThat(SuspectedBots.of(SessionsBuilderTest.build(clicks), 5).sessions())
        .containsExactly(new SuspectedBots.Suspect("fast", 120, "more than one per second"));
  }

  @Test
  void longHistoriesAmongOthersAreNone() {
    List<Click> clicks = new ArrayList<>();
    for (int user = 0; user < 20; user++) {
      add(clicks, "u" + user, 100 + 45 * user, 30_000);
    }

    assertThat(SuspectedBots.of(SessionsBuilderTest.build(clicks), 5).found()).isZero();
    assertThat(SuspectedBots.of(Sessions.of(Vocabulary.of(List.of("a")), List.of()), 5)
            .found())
        .isZero();
  }
}
