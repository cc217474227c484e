package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.SessionStatistics.ItemClicks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionStatisticsTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b", "c", "never"));

  @Test
  void countsClicksItemsAndRepeats() {
    Sessions sessions =
        Sessions.of(ITEMS, List.of(new int[] {1, 2, 1, 1}, new int[] {2}, new int[] {2, 3}));

    SessionStatistics statistics = SessionStatistics.of(sessions, 2);

    assertThat(statistics.sessions()).isEqualTo(3);
    assertThat(statistics.clicks()).isEqualTo(7);
    assertThat(statistics.items()).isEqualTo(3);
    assertThat(statistics.repeats()).isEqualTo(2);
    assertThat(statistics.repeatShare()).isEqualTo(2.0 / 7);
    assertThat(statistics.top()).containsExactly(new ItemClicks("a", 3), new ItemClicks("b", 3));
    assertThat(statistics.first()).isNull();
  }

  @Test
  void aPercentileIsTheLeastLengthThatSoManySessionsDoNotExceed() {
    List<int[]> rows = new ArrayList<>();
    for (int length = 1; length <= 100; length++) {
      rows.add(new int[length]);
    }

    SessionStatistics.Lengths lengths =
        SessionStatistics.of(Sessions.of(ITEMS, rows), 1).lengths();

    assertThat(lengths).isEqualTo(new SessionStatistics.Lengths(1, 50, 50.5, 90, 99, 100));
  }

  @Test
  void aSessionLastsFromItsFirstClickToItsLast() {
    int[] pair = {1, 2};
    Sessions sessions = Sessions.of(
        ITEMS,
        List.of(pair, new int[] {3}, pair, pair, new int[] {1, 2, 3}),
        List.of(
            new long[] {1000, 1500},
            new long[] {7000},
            new long[] {0, 40},
            new long[] {10, 10},
            new long[] {5, 9000, 10_005}));

    assertThat(SessionStatistics.of(sessions, 0).spans())
        .isEqualTo(new SessionStatistics.Spans(
            Duration.ofMillis(40), Duration.ofMillis(500), Duration.ofSeconds(10)));
    assertThat(SessionStatistics.of(sessions.select(new int[] {1}), 0).spans()).isNull();
    assertThat(SessionStatistics.of(Sessions.of(ITEMS, List.of(pair)), 0).spans())
        .isNull();
  }

  @Test
  void onlyTheChosenSessionsCount() {
    Sessions sessions =
        Sessions.of(ITEMS, List.of(new int[] {1, 1}, new int[] {2}, new int[] {3, 2}));

    SessionStatistics statistics = SessionStatistics.of(sessions.select(new int[] {2}), 5);

    assertThat(statistics.clicks()).isEqualTo(2);
    assertThat(statistics.top()).containsExactly(new ItemClicks("b", 1), new ItemClicks("c", 1));
  }

  @Test
  void noSessionsHaveNoFigures() {
    SessionStatistics statistics = SessionStatistics.of(Sessions.of(ITEMS, List.of()), 5);

    assertThat(statistics.lengths()).isEqualTo(new SessionStatistics.Lengths(0, 0, 0, 0, 0, 0));
    assertThat(statistics.repeatShare()).isZero();
    assertThat(statistics.top()).isEmpty();
  }
}
