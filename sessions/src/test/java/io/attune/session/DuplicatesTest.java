package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.SessionsBuilderTest.Click;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class DuplicatesTest {
  private static final Vocabulary ITEMS =
      Vocabulary.of(IntStream.rangeClosed(1, 9).mapToObj(Integer::toString).toList());

  private static Duplicates timed(Click... clicks) {
    return Duplicates.of(SessionsBuilderTest.build(List.of(clicks)));
  }

  @Test
  void clicksOfTheSameItemAndTimeAreDuplicatesWhereverTheyStood() {
    assertThat(timed(new Click("u", "a", 1), new Click("u", "a", 1)).clicks()).isEqualTo(1);
    assertThat(timed(
                new Click("u", "a", 1),
                new Click("u", "b", 1),
                new Click("u", "a", 1),
                new Click("u", "b", 1),
                new Click("u", "a", 1))
            .clicks())
        .isEqualTo(3);
    assertThat(timed(
                new Click("u", "a", 1),
                new Click("u", "a", 2),
                new Click("v", "a", 1),
                new Click("u", "b", 1))
            .clicks())
        .isZero();
  }

  @RepeatedTest(50)
  void aLogLoadedTwiceHasADuplicateOfEachClickInAnyOrder(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Set<Click> once = new HashSet<>();
    for (int i = 0; i < 1 + random.nextInt(80); i++) {
      once.add(new Click("u" + random.nextInt(3), "i" + random.nextInt(5), random.nextInt(6)));
    }
    List<Click> twice = new ArrayList<>(once);
    twice.addAll(once);
    Collections.shuffle(twice, random);

    assertThat(Duplicates.of(SessionsBuilderTest.build(new ArrayList<>(once))).clicks())
        .isZero();
    assertThat(Duplicates.of(SessionsBuilderTest.build(twice)).clicks()).isEqualTo(once.size());
  }

  @Test
  void withoutTimesRepeatedSequencesAreDuplicatesIfMostSessionsHaveThem() {
    List<int[]> twice = List.of(
        new int[] {1, 2, 3, 1, 2, 3}, new int[] {4, 5, 4, 5}, new int[] {1, 2}, new int[] {7});
    List<int[]> some = List.of(
        new int[] {1, 2, 1, 2}, new int[] {1, 2, 3, 4}, new int[] {5, 6, 7, 8}, new int[] {3, 3});

    assertThat(Duplicates.of(Sessions.of(ITEMS, twice)).clicks()).isEqualTo(5);
    assertThat(Duplicates.of(Sessions.of(ITEMS, some)).clicks()).isZero();
  }

  @Test
  void equalSessionsAreCountedWhateverTheirIds() {
    List<int[]> rows = List.of(
        new int[] {1, 2, 3},
        new int[] {3, 2, 1},
        new int[] {1, 2, 3},
        new int[] {1, 2, 3},
        new int[] {1, 2},
        new int[] {7},
        new int[] {7});

    assertThat(Duplicates.of(Sessions.of(ITEMS, rows)).sessions()).isEqualTo(2);
    assertThat(timed(
                new Click("u", "a", 1),
                new Click("u", "b", 2),
                new Click("v", "a", 1),
                new Click("v", "b", 2),
                new Click("w", "a", 1),
                new Click("w", "b", 3))
            .sessions())
        .isEqualTo(1);
  }

  @Test
  void aFingerprintNeverChanges() {
    List<int[]> rows = List.of(new int[] {1, 2, 3}, new int[] {3});
    Sessions timed =
        Sessions.of(ITEMS, rows, List.of(new long[] {1000, 2000, 2000}, new long[] {5}));
    assertThat(Duplicates.fingerprint(timed, 0)).isEqualTo(-3295285491039870139L);
    assertThat(Duplicates.fingerprint(timed, 1)).isEqualTo(-864144271762569240L);
    assertThat(Duplicates.fingerprint(Sessions.of(ITEMS, rows), 0))
        .isEqualTo(-2207705178995051923L);
  }
}
