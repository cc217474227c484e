package io.attune.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PositionBiasTest {
  private static List<LoggedQuery> times(int count, String words, String clicked, String... shown) {
    return Collections.nCopies(
        count, new LoggedQuery("", "s", words, Arrays.asList(shown), clicked, Sessions.NO_TIME, 1));
  }

  /**
   * Of those who look, 40 % want a and 20 % b, and the second position is looked at half as often:
   * a is clicked in 40 of 100 lists at the first position and in 10 of 50 at the second, b in 10 of
   * 50 and in 10 of 100. Clicks alone are 50 and 20.
   */
  @Test
  void aHitIsComparedWithItselfAtAnotherPosition() {
    List<LoggedQuery> queries = new ArrayList<>();
    queries.addAll(times(40, "w", "a", "a", "b", "c"));
    queries.addAll(times(10, "w", "b", "a", "b", "c"));
    queries.addAll(times(50, "w", "c", "a", "b", "c"));
    queries.addAll(times(10, "w", "b", "b", "a", "c"));
    queries.addAll(times(10, "w", "a", "b", "a", "c"));
    queries.addAll(times(30, "w", "c", "b", "a", "c"));
    PositionBias bias = PositionBias.estimate(queries);
    assertThat(bias.examination(0)).isEqualTo(1);
    assertThat(bias.examination(1)).isCloseTo(0.5, within(1e-6));
    assertThat(bias.compared()).isEqualTo(70); // c never moved
    assertThat(bias.isKnown()).isFalse();
  }

  @Test
  void theSameHitOfOtherWordsIsAnotherOne() {
    List<LoggedQuery> queries = new ArrayList<>();
    queries.addAll(times(60, "v", "a", "a", "b"));
    queries.addAll(times(60, "w", "b", "b", "a"));
    assertThat(PositionBias.estimate(queries).compared()).isZero();
    assertThat(PositionBias.estimate(queries).examination(1)).isEqualTo(1);
  }

  @Test
  void positionsWithFewClicksCountWithTheirNeighbours() {
    List<LoggedQuery> queries = new ArrayList<>();
    queries.addAll(times(20, "w", "a", "a", "b", "c", "d"));
    queries.addAll(times(12, "w", "b", "a", "b", "c", "d"));
    queries.addAll(times(12, "w", "c", "a", "b", "c", "d"));
    queries.addAll(times(60, "w", "a", "d", "c", "b", "a"));
    PositionBias bias = PositionBias.estimate(queries);
    // The second and third position together, and the last, which has enough of its own.
    assertThat(bias.examination(1)).isEqualTo(bias.examination(2));
    assertThat(bias.examination(3)).isNotEqualTo(bias.examination(2));
    assertThat(bias.examination(99)).isEqualTo(bias.examination(3));
  }

  @Test
  void withoutListsEveryPositionIsLookedAt() {
    PositionBias none = PositionBias.estimate(List.of());
    assertThat(none.isKnown()).isFalse();
    assertThat(none.examination(List.of("a", "b"))).containsExactly(1, 1);
    PositionBias elsewhere = PositionBias.estimate(times(200, "w", "z", "a", "b"));
    assertThat(elsewhere.examination(1)).isEqualTo(1);
  }

  /** The search puts good hits first, so counting clicks would exaggerate. */
  @Test
  void aKnownBiasIsFoundAlthoughTheSearchIsGood() {
    SplittableRandom random = new SplittableRandom(7);
    int items = 12;
    List<LoggedQuery> queries = new ArrayList<>();
    for (int q = 0; q < 12_000; q++) {
      int words = random.nextInt(60);
      SplittableRandom ofWords = new SplittableRandom(words);
      double[] quality = ofWords.doubles(items).map(x -> 4 * x).toArray();
      double[] engine = new double[items];
      Arrays.setAll(engine, i -> quality[i] + 2 * random.nextDouble());
      int[] order = IntStream.range(0, items)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -engine[i]))
          .mapToInt(i -> i)
          .toArray();
      double[] chances = new double[items];
      Arrays.setAll(chances, k -> Math.exp(quality[order[k]] + random.nextDouble()) / (k + 1));
      double at = random.nextDouble(Arrays.stream(chances).sum());
      int clicked = 0;
      for (double sum = chances[0]; sum < at; sum += chances[clicked]) {
        clicked++;
      }
      List<String> shown = Arrays.stream(order).mapToObj(i -> "i" + i).toList();
      queries.add(
          new LoggedQuery("", "s", "w" + words, shown, shown.get(clicked), Sessions.NO_TIME, q));
    }
    PositionBias bias = PositionBias.estimate(queries);
    assertThat(bias.isKnown()).isTrue();
    for (int k = 1; k < items; k++) {
      double clicks = count(queries, k) / count(queries, 0);
      assertThat(bias.examination(k)).as("position " + k).isCloseTo(1.0 / (k + 1), within(0.08));
      assertThat(clicks).as("clicks at position " + k).isLessThan(0.9 / (k + 1));
    }
  }

  private static double count(List<LoggedQuery> queries, int position) {
    return queries.stream()
        .filter(query -> query.shown().indexOf(query.clicked()) == position)
        .count();
  }
}
