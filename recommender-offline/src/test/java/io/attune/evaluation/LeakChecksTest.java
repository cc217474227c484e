package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeakChecksTest {
  private static final Vocabulary ABC = Vocabulary.of(List.of("a", "b", "c"));

  @Test
  void sessionsInTrainingAndTestAreCounted() {
    // The ids are 0, 1, …: session 0 begins in training; session 2 is there with another id.
    Sessions training = timed(List.of(new int[] {1, 2}, new int[] {2, 3, 1}), 0, 100);
    Sessions test = Sessions.of(
        ABC,
        List.of(new int[] {1, 3}, new int[] {3, 3}, new int[] {2, 3, 1}, new int[] {1, 2}),
        List.of(
            new long[] {0, 9}, new long[] {7, 8}, new long[] {100, 101, 102}, new long[] {0, 1}));
    assertThat(
            LeakChecks.duplicateSessions(Predictions.of(test, new Targets.AfterFirst()), training))
        .containsExactly(
            "1 of 4 test sessions begin in the training data",
            "2 of 4 test sessions equal a training session click by click");
    assertThat(LeakChecks.duplicateSessions(Predictions.of(test, new Targets.Last()), training))
        .isEmpty();
  }

  @Test
  void historiesAreContextUntilTrainingHasWhatIsPredicted() {
    Sessions test =
        timed(List.of(new int[] {1, 2, 3}, new int[] {3, 2}, new int[] {2, 1}), 0, 0, 5);
    Predictions predictions = Predictions.of(test, new Targets.From(Instant.ofEpochMilli(1)));
    assertThat(predictions.size()).isEqualTo(4);
    assertThat(predictions.testedSessions()).isEqualTo(3);
    Sessions before = timed(List.of(new int[] {1}, new int[] {3}), 0, 0);
    assertThat(LeakChecks.duplicateSessions(predictions, before)).isEmpty();
    assertThat(LeakChecks.olderTargets("m", predictions, Instant.ofEpochMilli(0)))
        .isEmpty();
    Sessions leaked = timed(List.of(new int[] {1, 2}, new int[] {3, 1}), 0, 0);
    assertThat(LeakChecks.duplicateSessions(predictions, leaked))
        .containsExactly("1 of 3 test histories go on in the training data");
  }

  @Test
  void duplicateTestSessionsAreCounted() {
    Sessions test = Sessions.of(
        ABC,
        List.of(new int[] {1, 2}, new int[] {1, 2}, new int[] {1, 2}, new int[] {2, 1}),
        List.of(new long[] {5, 6}, new long[] {5, 6}, new long[] {5, 7}, new long[] {5, 6}));
    assertThat(LeakChecks.duplicateSessions(Predictions.of(test, new Targets.Last()), test))
        .containsExactly("1 of 4 test sessions equal another test session click by click");
  }

  @Test
  void duplicateClicksAreCounted() {
    // 1 at 5 and 2 at 6 are duplicates; 2 at 7 is a separate click.
    Sessions test =
        Sessions.of(ABC, List.of(new int[] {1, 1, 2, 2, 2}), List.of(new long[] {5, 5, 6, 6, 7}));
    assertThat(LeakChecks.duplicateClicks("the test", test))
        .containsExactly("2 of 5 clicks of the test duplicate another click of their session");
    assertThat(LeakChecks.duplicateClicks("the test", timed(List.of(new int[] {1, 1}), 0)))
        .isEmpty();
  }

  @Test
  void withoutTimesOnlyLongSessionsAreCompared() {
    Sessions both = Sessions.of(ABC, List.of(new int[] {1, 2, 3}, new int[] {1, 2, 3, 2, 1}));
    Sessions other =
        Sessions.of(ABC, List.of(new int[] {3}, new int[] {3}, new int[] {1, 2, 3, 2, 1}));
    assertThat(LeakChecks.duplicateSessions(Predictions.of(both, new Targets.AfterFirst()), other))
        .containsExactly("1 of 2 test sessions equal a training session click by click");
  }

  @Test
  void manySessionsAreMatchedById() {
    List<int[]> rows = IntStream.range(0, 5000)
        .mapToObj(s -> IntStream.range(0, 13).map(bit -> 1 + (s >> bit & 1)).toArray())
        .toList();
    Sessions all = Sessions.of(ABC, rows);
    Sessions half = all.select(IntStream.range(0, 5000).filter(s -> s % 2 == 0).toArray());
    assertThat(LeakChecks.duplicateSessions(
            Predictions.of(all, new Targets.AfterFirst()),
            half.recode(Vocabulary.of(List.of("b", "a")))))
        .containsExactly("2,500 of 5,000 test sessions begin in the training data");
  }

  @Test
  void clicksOlderThanTheNewestTrainingClickAreCounted() {
    Sessions test = timed(List.of(new int[] {1, 2}, new int[] {2, 3}), 0, 100);
    assertThat(LeakChecks.olderTargets(
            "m", Predictions.of(test, new Targets.AfterFirst()), Instant.ofEpochMilli(50)))
        .containsExactly(
            "1 of 2 test clicks are older than 1970-01-01T00:00:00.050Z, the newest training"
                + " click of m");
  }

  /** Sessions that begin at these times, a millisecond between the clicks. */
  private static Sessions timed(List<int[]> rows, long... begins) {
    return Sessions.of(
        ABC,
        rows,
        IntStream.range(0, rows.size())
            .mapToObj(s -> IntStream.range(0, rows.get(s).length)
                .mapToLong(click -> begins[s] + click)
                .toArray())
            .toList());
  }
}
