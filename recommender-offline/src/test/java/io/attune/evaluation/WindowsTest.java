package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.metric.Metric;
import io.attune.metric.Ties;
import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static final List<String> IDS =
      IntStream.range(0, 30).mapToObj(i -> "i" + i).toList();
  private static final long DAY = 86_400_000L;

  private final Sessions log = log();
  private final Predictions predictions = Predictions.of(log, new Targets.AfterFirst());

  @Test
  void eachWindowHasTheSessionsThatBeginInIt() {
    Windows windows = Windows.of(predictions, 4);
    int sum = 0;
    for (int window = 0; window < 4; window++) {
      Predictions part = windows.predictions(window);
      sum += part.size();
      for (int p = 0; p < part.size(); p++) {
        long begin = part.test().time(part.test().start(part.session(p)));
        assertThat(begin).isGreaterThanOrEqualTo(windows.start(window).toEpochMilli());
        if (window < 3) {
          assertThat(begin).isLessThan(windows.start(window + 1).toEpochMilli());
        }
      }
    }
    assertThat(sum).isEqualTo(predictions.size());
  }

  @Test
  void trainingDataIsOlderThanTheWindow() {
    Windows windows = Windows.of(predictions, 3);
    Sessions before = log.before(windows.start(2));
    int clicks = 0;
    for (int session = 0; session < before.size(); session++) {
      assertThat(before.length(session)).isPositive();
      clicks += before.length(session);
      assertThat(before.time(before.end(session) - 1))
          .isLessThan(windows.start(2).toEpochMilli());
    }
    long all = 0;
    for (int session = 0; session < log.size(); session++) {
      for (int click = log.start(session); click < log.end(session); click++) {
        all += log.time(click) < windows.start(2).toEpochMilli() ? 1 : 0;
      }
    }
    assertThat(clicks).isEqualTo((int) all);
  }

  @Test
  void aHistoryIsPredictedInTheWindowOfItsFirstTestedClick() {
    Instant cut = Instant.ofEpochMilli(5 * DAY);
    Predictions late = Predictions.of(log, new Targets.From(cut));
    Windows windows = Windows.of(late, 3);
    int sum = 0;
    for (int window = 0; window < 3; window++) {
      assertThat(windows.start(window)).isAfterOrEqualTo(cut);
      Predictions part = windows.predictions(window);
      sum += part.size();
      for (int p = 0; p < part.size(); p++) {
        assertThat(part.test().time(part.click(p)))
            .isGreaterThanOrEqualTo(windows.start(window).toEpochMilli());
      }
    }
    assertThat(sum).isEqualTo(late.size()).isPositive();
    assertThat(late.sessions()).as("some began before").contains(straddling(cut));
  }

  /** A session with clicks on both sides of a time. */
  private int straddling(Instant cut) {
    return IntStream.range(0, log.size())
        .filter(session -> log.length(session) > 0
            && log.time(log.start(session)) < cut.toEpochMilli()
            && log.time(log.end(session) - 1) >= cut.toEpochMilli())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void joinedWindowsEqualTheWholeTest() {
    Windows windows = Windows.of(predictions, 3);
    Ranker ranker = new Ranker(false, 5);
    List<Ranks> parts = new ArrayList<>();
    for (int window = 0; window < 3; window++) {
      // Each window's recommender has other rows but the same scores.
      parts.add(
          ranker.rank(popularity(new Random(window)), windows.predictions(window), done -> {}));
    }
    Ranks joined = windows.join(parts);
    Ranks whole = ranker.rank(popularity(new Random(9)), predictions, done -> {});
    assertThat(joined.ranks()).isEqualTo(whole.ranks());
    assertThat(joined.unknownTargets()).isEqualTo(whole.unknownTargets()).isPositive();
    for (Ties ties : Ties.values()) {
      assertThat(joined.values(new Metric(Metric.Measure.MAP, 5), ties))
          .isEqualTo(whole.values(new Metric(Metric.Measure.MAP, 5), ties));
    }
  }

  @Test
  void windowsNeedTimes() {
    Sessions timeless = Sessions.of(Vocabulary.of(IDS), List.of(new int[] {1, 2}));
    assertThatThrownBy(() -> Windows.of(Predictions.of(timeless, new Targets.Last()), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need predictions with click times");
  }

  /** A popularity of all items but the last, without ties. */
  private static Popularity popularity(Random random) {
    List<String> known = new ArrayList<>(IDS.subList(0, IDS.size() - 1));
    Collections.shuffle(known, random);
    long[] counts = known.stream()
        .mapToLong(id -> 7 + 3L * Integer.parseInt(id.substring(1)))
        .toArray();
    return new Popularity(Vocabulary.of(known), counts);
  }

  private static Sessions log() {
    SplittableRandom random = new SplittableRandom(5);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 120; s++) {
      int length = 1 + random.nextInt(6);
      rows.add(random.ints(length, 1, IDS.size() + 1).toArray());
      times.add(random.longs(length, 0, DAY / 3).sorted().toArray());
      long begin = random.nextLong(10 * DAY);
      for (int i = 0; i < length; i++) {
        times.getLast()[i] += begin;
      }
    }
    return Sessions.of(Vocabulary.of(IDS), rows, times);
  }
}
