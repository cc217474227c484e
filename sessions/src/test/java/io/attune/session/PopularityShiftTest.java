package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PopularityShiftTest {
  private static final int ITEMS = 100;
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(IntStream.range(0, ITEMS).mapToObj(Integer::toString).toList());

  @Test
  void ofTheSameDemandThroughoutChanceIsAllThatIsLeft() {
    assertThat(PopularityShift.of(log(5000, 0, true))).isLessThan(0.02);
  }

  @Test
  void fewClicksOnManyItemsAreNoShift() {
    assertThat(PopularityShift.of(log(60, 0, true))).isLessThan(0.2);
  }

  @Test
  void whereItemsAreReplacedDemandShifts() {
    assertThat(PopularityShift.of(log(5000, 3, true))).isGreaterThan(0.6);
    assertThat(PopularityShift.of(log(5000, 3, false)))
        .as("without times the order tells what is new")
        .isEqualTo(PopularityShift.of(log(5000, 3, true)));
  }

  @Test
  void itIsTheDistanceBetweenSharesOfClicks() {
    // The newest two of twenty sessions are on c and d, the others, with every tenth, on a and b.
    List<int[]> rows = new ArrayList<>();
    for (int session = 0; session < 20; session++) {
      rows.add(
          session < 18 ? new int[] {1, 2} : session < 19 ? new int[] {1, 3} : new int[] {3, 4});
    }
    // Newest: a 1/4, c 2/4, d 1/4; others: a and b 1/2 each. Distance (1/4 + 1/2 + 1/2 + 1/4) / 2.
    // Every tenth: a and b 1/2 each; others: a 17/36, b 16/36, c 2/36, d 1/36.
    double chance = (1.0 / 36 + 2.0 / 36 + 2.0 / 36 + 1.0 / 36) / 2;

    assertThat(PopularityShift.of(Sessions.of(VOCABULARY, rows)))
        .isEqualTo(0.75 - chance, within(1e-12));
  }

  @Test
  void ofHistoriesItIsThatOfTheNewestClicks() {
    // All end together, so the sessions that end last tell nothing of the last tenth of the time.
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < 100; session++) {
      int[] items = new int[20];
      long[] minutes = new long[20];
      for (int i = 0; i < items.length; i++) {
        items[i] = i < 18 ? 1 : 2;
        minutes[i] = Duration.ofMinutes(i).toMillis();
      }
      rows.add(items);
      times.add(minutes);
    }
    Sessions sessions = Sessions.of(VOCABULARY, rows, times);
    assertThat(PopularityShift.of(sessions)).isZero();
    assertThat(PopularityShift.of(sessions.asHistories(Visits.GAP))).isEqualTo(1, within(1e-12));
  }

  @Test
  void fewerThanTenSessionsTellNothing() {
    assertThat(PopularityShift.of(log(9, 3, true))).isZero();
  }

  /**
   * Sessions of three clicks, one a minute.
   *
   * @param generations how often all items are replaced by others while the log lasts
   */
  private static Sessions log(int count, int generations, boolean timed) {
    SplittableRandom random = new SplittableRandom(1);
    int alive = ITEMS / (generations + 1);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < count; session++) {
      int first = 1 + (ITEMS - alive) * session / count;
      rows.add(random.ints(3, first, first + alive).toArray());
      long start = Duration.ofMinutes(session).toMillis();
      times.add(new long[] {start, start + 1000, start + 2000});
    }
    return Sessions.of(VOCABULARY, rows, timed ? times : null);
  }
}
