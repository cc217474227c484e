package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestChecksTest {
  private static final Vocabulary ABCD = Vocabulary.of(List.of("1.0", "2.0", "3.0", "4.0"));

  /** Targets: 2, 1; 3, 2; 4, 1. The second target of the first session is a repeated item. */
  private static final Predictions PREDICTIONS = Predictions.of(
      Sessions.of(ABCD, List.of(new int[] {1, 2, 1}, new int[] {1, 3, 2}, new int[] {2, 4, 1})),
      new Targets.AfterFirst());

  @Test
  void idsOfLogAndVocabularyAreShownIfNoneMatch() {
    assertThat(
            TestChecks.allUnknown("narm", PREDICTIONS, Vocabulary.of(List.of("1", "2", "3", "4"))))
        .containsExactly(
            "no target item of 6 predictions is known to narm, so all are misses: ids in"
                + " the log are 2.0, 1.0, 3.0, …; known ids are 1, 2, 3, …");
    assertThat(TestChecks.allUnknown("narm", PREDICTIONS, Vocabulary.of(List.of())))
        .first()
        .asString()
        .endsWith("; no id is known");
    assertThat(TestChecks.allUnknown("narm", PREDICTIONS, Vocabulary.of(List.of("4.0"))))
        .isEmpty();
  }

  @Test
  void halfOfTheTargetsUnknownIsReported() {
    // 1.0 and 3.0 are known: three of six targets; 2.0, 2.0 and 4.0 are unknown.
    assertThat(TestChecks.mostlyUnknown("narm", PREDICTIONS, Vocabulary.of(List.of("1.0", "3.0"))))
        .containsExactly(
            "3 of 6 predictions have a target unknown to narm and are misses: 2.0, 4.0");
    assertThat(TestChecks.mostlyUnknown("narm", PREDICTIONS, Vocabulary.of(List.of("1.0", "2.0"))))
        .isEmpty();
    assertThat(TestChecks.mostlyUnknown("narm", PREDICTIONS, Vocabulary.of(List.of("1"))))
        .isEmpty();
  }

  @Test
  void targetsThatWereClickedEarlierAreCounted() {
    assertThat(TestChecks.clickedBefore(PREDICTIONS))
        .containsExactly("1 of 6 targets were clicked earlier in their session and cannot be hit,"
            + " because clicked items are excluded");
    assertThat(PREDICTIONS.repeats().stream().toArray()).containsExactly(1);
    Predictions last = Predictions.of(
        Sessions.of(ABCD, List.of(new int[] {1, 2}, new int[] {2, 1, 2}, new int[] {0, 0})),
        new Targets.Last());
    // The items of the last session are unknown.
    assertThat(last.repeats().stream().toArray()).containsExactly(1);
    assertThat(TestChecks.clickedBefore(Predictions.of(
            Sessions.of(ABCD, List.of(new int[] {1, 2})), new Targets.Last())))
        .isEmpty();
  }

  @Test
  void aDominantSessionIsNamed() {
    List<int[]> rows = new ArrayList<>();
    for (int session = 0; session < 40; session++) {
      rows.add(new int[] {1, 2, 3});
    }
    assertThat(TestChecks.dominantSessions(
            Predictions.of(Sessions.of(ABCD, rows), new Targets.AfterFirst())))
        .isEmpty();
    int[] machine = new int[321];
    Arrays.fill(machine, 4);
    rows.add(machine);
    // 320 of 2 · 40 + 320 = 400 predictions; the mean of 41 sessions is 9.8.
    assertThat(TestChecks.dominantSessions(
            Predictions.of(Sessions.of(ABCD, rows), new Targets.AfterFirst())))
        .containsExactly("session 40 alone has 320 of 400 predictions (80 %) and may be a bot's");
    assertThat(TestChecks.dominantSessions(
            Predictions.of(Sessions.of(ABCD, rows), new Targets.Last())))
        .isEmpty();
    // With two sessions, half of the predictions is not dominant.
    assertThat(TestChecks.dominantSessions(Predictions.of(
            Sessions.of(ABCD, List.of(new int[] {1, 2}, machine)), new Targets.AfterFirst())))
        .isEmpty();
  }
}
