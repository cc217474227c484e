package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VisitsTest {
  private static final long GAP = Visits.GAP.toMillis();

  @Test
  void aVisitBeginsAfterMoreThanTheGap() {
    assertThat(GAP).isEqualTo(1_800_000);
    assertThat(Visits.begins(1000, 1000 + GAP, GAP)).isFalse();
    assertThat(Visits.begins(1000, 1001 + GAP, GAP)).isTrue();
    assertThat(Visits.begins(5000, 1000, GAP)).as("a clock that went back").isFalse();
    assertThat(Visits.begins(Long.MIN_VALUE + 1, Long.MAX_VALUE, GAP)).isTrue();
  }

  @Test
  void theVisitsOfAllSessionsAreCounted() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a"));
    List<int[]> rows = List.of(new int[] {1, 1, 1}, new int[] {1, 1}, new int[] {});
    List<long[]> times = List.of(new long[] {0, GAP, 3 * GAP}, new long[] {0, 1}, new long[] {});
    assertThat(Visits.count(Sessions.of(vocabulary, rows, times), Visits.GAP)).isEqualTo(3);
    assertThat(Visits.count(Sessions.of(vocabulary, rows), Visits.GAP)).isEqualTo(2);
  }

  @Test
  void aClickWithoutATimeBelongsToTheVisitOfTheClickBefore() {
    assertThat(Visits.begins(1000, Sessions.NO_TIME, GAP)).isFalse();
    assertThat(Visits.begins(Sessions.NO_TIME, 1000, GAP)).isFalse();
    assertThat(Visits.latest(1000, Sessions.NO_TIME)).isEqualTo(1000);
    assertThat(Visits.latest(Sessions.NO_TIME, Sessions.NO_TIME)).isEqualTo(Sessions.NO_TIME);
    assertThat(Visits.latest(1000, 2000)).isEqualTo(2000);
  }
}
