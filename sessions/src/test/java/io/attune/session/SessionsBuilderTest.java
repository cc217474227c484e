package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SessionsBuilderTest {
  /** A click for a builder. */
  record Click(String key, String item, long time) {}

  static Sessions build(List<Click> clicks) {
    return fill(clicks).build();
  }

  static SessionsBuilder fill(List<Click> clicks) {
    SessionsBuilder builder = new SessionsBuilder();
    for (Click click : clicks) {
      byte[] key = click.key().getBytes(StandardCharsets.UTF_8);
      byte[] item = click.item().getBytes(StandardCharsets.UTF_8);
      builder.click(
          builder.key(key, 0, key.length), builder.item(item, 0, item.length), click.time());
    }
    return builder;
  }

  static List<String> items(Sessions sessions, int session) {
    List<String> ids = new ArrayList<>();
    for (int row : sessions.items(session)) {
      ids.add(row == 0 ? "?" : sessions.vocabulary().id(row));
    }
    return ids;
  }

  @RepeatedTest(300)
  void clicksAreGroupedByKeyAndStablyOrderedByTime(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Integer> numbers = random.ints(random.nextInt(201), 0, 100).boxed().toList();
    List<Click> clicks = new ArrayList<>();
    Map<String, List<Click>> expected = new LinkedHashMap<>();
    for (int i = 0; i < numbers.size(); i++) {
      Click click = new Click("k" + numbers.get(i) % 3, "i" + i, numbers.get(i) / 10);
      clicks.add(click);
      expected.computeIfAbsent(click.key(), any -> new ArrayList<>()).add(click);
    }

    Sessions sessions = build(clicks);

    assertThat(sessions.size()).isEqualTo(expected.size());
    int session = 0;
    for (Map.Entry<String, List<Click>> entry : expected.entrySet()) {
      entry.getValue().sort(Comparator.comparingLong(Click::time));
      assertThat(sessions.id(session)).isEqualTo(entry.getKey());
      assertThat(items(sessions, session))
          .isEqualTo(entry.getValue().stream().map(Click::item).toList());
      session++;
    }
  }

  @Test
  void timesThatLieTooFarApartToBePackedAreOrderedToo() {
    List<Click> clicks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clicks.add(new Click("k", "i" + i, i % 2 == 0 ? Long.MAX_VALUE - i : Long.MIN_VALUE + 1 + i));
    }

    Sessions sessions = build(clicks);

    for (int click = 1; click < sessions.clicks(); click++) {
      assertThat(sessions.time(click)).isGreaterThanOrEqualTo(sessions.time(click - 1));
    }
    assertThat(items(sessions, 0)).startsWith("i1", "i3").endsWith("i2", "i0");
  }

  @Test
  void aPauseLongerThanTheInactivityBeginsANewSession() {
    SessionsBuilder builder = fill(List.of(
        new Click("u", "a", 0),
        new Click("v", "x", 5),
        new Click("u", "b", 1000),
        new Click("u", "c", 2001),
        new Click("u", "d", 2002)));

    Sessions sessions = builder.build(Duration.ofSeconds(1));

    assertThat(sessions.size()).isEqualTo(3);
    assertThat(items(sessions, 0)).containsExactly("a", "b");
    assertThat(items(sessions, 1)).containsExactly("c", "d");
    assertThat(sessions.id(0)).isEqualTo("u/1");
    assertThat(sessions.id(1)).isEqualTo("u/2");
    assertThat(sessions.id(2)).isEqualTo("v/1");
    assertThat(sessions.select(new int[] {1}).id(0)).isEqualTo("u/2");
  }

  @Test
  void clicksWithAndWithoutTimesDoNotMix() {
    SessionsBuilder timed = fill(List.of(new Click("u", "a", 1)));
    assertThatThrownBy(() -> timed.click(0, 1)).isInstanceOf(IllegalStateException.class);

    SessionsBuilder untimed = new SessionsBuilder();
    byte[] id = {'a'};
    untimed.click(untimed.key(id, 0, 1), untimed.item(id, 0, 1));
    assertThatThrownBy(() -> untimed.click(0, 1, 5)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> untimed.build(Duration.ofMinutes(30)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("times");
  }

  @Test
  void aBuilderBuildsOnceAndTakesOnlyItsOwnNumbers() {
    SessionsBuilder builder = fill(List.of(new Click("u", "a", 1)));
    assertThatThrownBy(() -> builder.click(7, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    builder.build();
    assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void columnsGrowOverManyChunks() {
    SessionsBuilder builder = new SessionsBuilder();
    byte[] id = new byte[4];
    int clicks = 200_000;
    for (int i = 0; i < clicks; i++) {
      byte[] key = Integer.toString(i % 1000).getBytes(StandardCharsets.UTF_8);
      id[0] = (byte) ('a' + i % 7);
      builder.click(builder.key(key, 0, key.length), builder.item(id, 0, 1), clicks - i);
    }

    Sessions sessions = builder.build();

    assertThat(sessions.clicks()).isEqualTo(clicks);
    assertThat(sessions.length(999)).isEqualTo(200);
    assertThat(sessions.time(sessions.start(3))).isEqualTo(clicks - 199_003);
    assertThat(sessions.time(sessions.end(3) - 1)).isEqualTo(clicks - 3);
  }
}
