package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.SessionsBuilderTest.Click;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogEndTest {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long START = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();

  /** A click every six hours for the given number of days, in sessions of two. */
  private static List<Click> days(int days) {
    List<Click> clicks = new ArrayList<>();
    for (int i = 0; i <= days * 4; i++) {
      clicks.add(new Click("s" + i / 2, "i" + i % 5, START + i * DAY / 4));
    }
    return clicks;
  }

  private static Sessions with(List<Click> clicks, long... times) {
    for (long time : times) {
      clicks.add(new Click("late" + time, "i1", time));
    }
    return SessionsBuilderTest.build(clicks);
  }

  @ParameterizedTest
  @CsvSource({"2118-12-09T03:33:20Z", "9999-12-31T00:00:00Z", "2024-02-20T00:00:00Z"})
  void aClickFarInTheFutureIsNotTheEnd(Instant wrong) {
    Sessions sessions = with(days(30), wrong.toEpochMilli());

    assertThat(LogEnd.of(sessions))
        .isEqualTo(new LogEnd(Instant.ofEpochMilli(START + 30 * DAY), 1, wrong));
    Split split = new Holdout.Last(Duration.ofDays(7)).split(sessions);
    assertThat(split.cut()).isEqualTo(Instant.ofEpochMilli(START + 23 * DAY));
    assertThat(split.train().clicks() + split.test().clicks() + split.clicksLeftOut())
        .isEqualTo(sessions.clicks());
    assertThat(split.test().clicks()).isGreaterThan(20);
  }

  @Test
  void severalWrongClicksOfALargeLogDoNotDecideEither() {
    List<Click> clicks = days(1000);
    long far = START + 5000 * DAY;
    Sessions sessions = with(clicks, far, far + 900 * DAY, far + 4000 * DAY);

    assertThat(LogEnd.of(sessions))
        .isEqualTo(new LogEnd(
            Instant.ofEpochMilli(START + 1000 * DAY), 3, Instant.ofEpochMilli(far + 4000 * DAY)));
  }

  @Test
  void anEndOfManyClicksOrOfASmallGapOrOfASmallLogCounts() {
    long near = START + 40 * DAY;
    long far = START + 400 * DAY;
    assertThat(end(with(days(30), near))).isEqualTo(near);
    assertThat(end(with(days(30), far, far + 1))).isEqualTo(far + 1);
    assertThat(end(with(days(2), far))).isEqualTo(far);
  }

  private static long end(Sessions sessions) {
    LogEnd end = LogEnd.of(sessions);
    assertThat(end).isNotNull();
    assertThat(end.outliers()).isZero();
    assertThat(end.latest()).isEqualTo(end.end());
    return end.end().toEpochMilli();
  }

  @Test
  void theLatestOfManyClicksIsFound() {
    Random random = new Random(5);
    List<Click> clicks = new ArrayList<>();
    long latest = Long.MIN_VALUE;
    for (int i = 0; i < 5000; i++) {
      long time = START + random.nextLong(300 * DAY);
      latest = Math.max(latest, time);
      clicks.add(new Click("s" + i % 700, "i", time));
    }

    assertThat(end(SessionsBuilderTest.build(clicks))).isEqualTo(latest);
  }

  @Test
  void withoutTimesThereIsNoEnd() {
    assertThat(LogEnd.of(Sessions.of(Vocabulary.of(List.of("a")), List.of(new int[] {1}))))
        .isNull();
  }
}
