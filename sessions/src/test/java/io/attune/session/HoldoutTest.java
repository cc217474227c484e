package io.attune.session;

import static io.attune.session.SessionsBuilderTest.items;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.SessionsBuilderTest.Click;
import io.attune.session.Split.Targets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HoldoutTest {
  private static final long MINUTE = 60_000;

  @Test
  void aHoldoutIsReadFromItsText() {
    assertThat(Holdout.parse("none")).isEqualTo(new Holdout.None());
    assertThat(Holdout.parse("7d")).isEqualTo(new Holdout.Last(Duration.ofDays(7)));
    assertThat(Holdout.parse("12H")).isEqualTo(new Holdout.Last(Duration.ofHours(12)));
    assertThat(Holdout.parse(" 30m ")).isEqualTo(new Holdout.Last(Duration.ofMinutes(30)));
    assertThat(Holdout.parse("last-click")).isEqualTo(new Holdout.LastClick());
  }

  @Test
  void theNewestShareOfTheClicksAfterATimeIsHeldOut() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a"));
    Sessions sessions = Sessions.of(
        vocabulary,
        List.of(new int[] {1, 1, 1}, new int[] {1, 1, 1}),
        List.of(
            new long[] {0, MINUTE, 2 * MINUTE}, new long[] {3 * MINUTE, 4 * MINUTE, 8 * MINUTE}));

    // Of the clicks at 2, 3, 4 and 8 minutes the newest half begins at 3; of all at 2.
    Instant after = Instant.ofEpochMilli(MINUTE);
    assertThat(Holdout.newest(sessions, after, 0.5))
        .isEqualTo(new Holdout.Last(Duration.ofMinutes(5)));
    assertThat(Holdout.newest(sessions, null, 0.5))
        .isEqualTo(new Holdout.Last(Duration.ofMinutes(6)));
    assertThatThrownBy(() -> Holdout.newest(sessions, Instant.ofEpochMilli(8 * MINUTE), 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("there is nothing new to test on: no two clicks after 1970-01-01T");
    Sessions untimed = Sessions.of(vocabulary, List.of(new int[] {1, 1}));
    assertThatThrownBy(() -> Holdout.newest(untimed, null, 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("these clicks have none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "7d", "12h", "30m", "last-click", "36h"})
  void aHoldoutIsWrittenAsItIsRead(String text) {
    assertThat(Holdout.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "d", "0d", "-1d", "1.5d", "7 d", "7w", "last", "9999999d"})
  void anythingElseIsRefusedWithWhatWouldBeRight(String text) {
    assertThatThrownBy(() -> Holdout.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7d, 12h or 30m")
        .hasMessageContaining("'" + text + "'");
  }

  /**
   * The last click is at minute 100, so a holdout of 10 minutes cuts at 90, which belongs to the
   * test part.
   */
  @Test
  void trainingEndsWhereTestingBeginsAndStraddlingSessionsAreCut() {
    Sessions sessions = SessionsBuilderTest.build(List.of(
        new Click("old", "a", 0),
        new Click("old", "b", 89 * MINUTE),
        new Click("straddling", "c", 89 * MINUTE),
        new Click("straddling", "d", 90 * MINUTE),
        new Click("straddling", "e", 95 * MINUTE),
        new Click("new", "f", 90 * MINUTE),
        new Click("new", "g", 100 * MINUTE)));

    Split split = new Holdout.Last(Duration.ofMinutes(10)).split(sessions);

    assertThat(split.cut()).isEqualTo(Instant.ofEpochMilli(90 * MINUTE));
    assertThat(split.targets()).isEqualTo(new Targets.AfterFirst());
    assertThat(split.train().size()).isEqualTo(2);
    assertThat(items(split.train(), 0)).containsExactly("a", "b");
    assertThat(items(split.train(), 1)).containsExactly("c");
    assertThat(split.test().size()).isEqualTo(1);
    assertThat(split.test().id(0)).isEqualTo("new");
    assertThat(split.sessionsNotTested()).isEqualTo(1);
    assertThat(split.clicksLeftOut()).isEqualTo(2);
  }

  @Test
  void ofHistoriesTheClicksFromTheCutOnAreTestedAndThoseBeforeAreTheirContext() {
    Sessions sessions = SessionsBuilderTest.build(List.of(
            new Click("gone", "a", 0),
            new Click("gone", "b", 89 * MINUTE),
            new Click("back", "c", 89 * MINUTE),
            new Click("back", "d", 90 * MINUTE),
            new Click("back", "e", 95 * MINUTE),
            new Click("new", "f", 90 * MINUTE),
            new Click("new", "g", 100 * MINUTE)))
        .asHistories(Visits.GAP);

    Split split = new Holdout.Last(Duration.ofMinutes(10)).split(sessions);

    assertThat(split.targets()).isEqualTo(new Targets.From(Instant.ofEpochMilli(90 * MINUTE)));
    assertThat(split.train().size()).isEqualTo(2);
    assertThat(items(split.train(), 1)).containsExactly("c");
    assertThat(split.test().size()).isEqualTo(2);
    assertThat(items(split.test(), 0)).containsExactly("c", "d", "e");
    assertThat(items(split.test(), 1)).containsExactly("f", "g");
    // Of who is new, the first click has nothing to be predicted from.
    assertThat(split.targets().first(split.test(), 0)).isEqualTo(1);
    assertThat(split.targets().first(split.test(), 1)).isEqualTo(1);
    assertThat(split.targets().count(split.test())).isEqualTo(3);
    assertThat(split.targets().count(split.train())).isZero();
    assertThat(split.sessionsNotTested()).isZero();
    assertThat(split.clicksLeftOut()).isZero();
  }

  @RepeatedTest(100)
  void noTargetOfAHistoryIsTrainedAndEveryOtherClickIs(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Click> clicks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int minute = random.nextInt(100);
      clicks.add(new Click("k" + random.nextInt(7), "i" + i, minute * MINUTE));
    }
    clicks.add(new Click("k0", "first", 0));
    clicks.add(new Click("k1", "last", 100 * MINUTE));
    Sessions sessions = SessionsBuilderTest.build(clicks).asHistories(Visits.GAP);
    Split split = new Holdout.Last(Duration.ofMinutes(1 + random.nextInt(90))).split(sessions);

    Sessions test = split.test();
    int context = 0;
    for (int session = 0; session < test.size(); session++) {
      for (int click = test.start(session); click < test.end(session); click++) {
        boolean target = click - test.start(session) >= split.targets().first(test, session);
        boolean late = test.time(click) >= split.cut().toEpochMilli();
        assertThat(target).isEqualTo(late && click > test.start(session));
        context += late ? 0 : 1;
      }
    }
    assertThat(newest(split.train())).isLessThan(split.cut().toEpochMilli());
    assertThat(split.train().clicks() + test.clicks() - context).isEqualTo(sessions.clicks());
  }

  @RepeatedTest(300)
  void nothingTestedIsOlderThanAnythingTrainedAndNothingIsLostUncounted(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Integer> numbers = random.ints(1 + random.nextInt(60), 0, 1000).boxed().toList();
    int minutes = 1 + random.nextInt(90);
    List<Click> clicks = new ArrayList<>();
    for (int number : numbers) {
      clicks.add(new Click("k" + number % 7, "i" + number, number / 10 * MINUTE));
    }
    Sessions sessions = SessionsBuilderTest.build(clicks);
    Split split;
    try {
      split = new Holdout.Last(Duration.ofMinutes(minutes)).split(sessions);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("nothing is left to train");
      return;
    }
    assertThat(newest(split.train())).isLessThan(oldest(split.test()));
    assertThat(split.train().clicks() + split.test().clicks() + split.clicksLeftOut())
        .isEqualTo(sessions.clicks());
  }

  private static long newest(Sessions sessions) {
    long newest = Long.MIN_VALUE;
    for (int session = 0; session < sessions.size(); session++) {
      newest = Math.max(newest, sessions.time(sessions.end(session) - 1));
    }
    return newest;
  }

  private static long oldest(Sessions sessions) {
    long oldest = Long.MAX_VALUE;
    for (int session = 0; session < sessions.size(); session++) {
      oldest = Math.min(oldest, sessions.time(sessions.start(session)));
    }
    return oldest;
  }

  @Test
  void partsThatAreSplitAtTheSameTimeMayBeAllOnOneSide() {
    Sessions sessions = SessionsBuilderTest.build(
        List.of(new Click("old", "a", 0), new Click("new", "b", 10), new Click("new", "c", 20)));
    Sessions old = sessions.select(new int[] {0});
    Sessions young = sessions.select(new int[] {1});
    Instant cut = Instant.ofEpochMilli(10);
    assertThat(Split.at(old, cut).test().size()).isEqualTo(0);
    assertThat(Split.at(old, cut).train().size()).isEqualTo(1);
    assertThat(Split.at(young, cut).test().id(0)).isEqualTo("new");
    assertThat(Split.at(young, cut).train().size()).isEqualTo(0);
    assertThat(Split.at(sessions, cut).cut()).isEqualTo(cut);
    Sessions untimed = Sessions.of(Vocabulary.of(List.of("a")), List.of(new int[] {1, 1}));
    assertThatThrownBy(() -> Split.at(untimed, cut)).hasMessageContaining("no times");
  }

  @Test
  void aSplitInTimeNeedsTimesAndSomethingToTrain() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a"));
    Sessions untimed = Sessions.of(vocabulary, List.of(new int[] {1, 1}));
    Sessions late = SessionsBuilderTest.build(List.of(new Click("k", "a", 0)));

    assertThatThrownBy(() -> Holdout.parse("7d").split(untimed)).hasMessageContaining("times");
    assertThatThrownBy(() -> Holdout.parse("7d").split(late))
        .hasMessageContaining("nothing is left to train");
  }

  @Test
  void leaveOneOutTestsTheLastClickAndValidatesOnTheOneBefore() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a", "b", "c", "d"));
    Sessions sessions = Sessions.of(vocabulary, List.of(new int[] {1, 2, 3, 4}, new int[] {1, 2}));

    Split split = new Holdout.LastClick().split(sessions);

    assertThat(split.targets()).isEqualTo(new Targets.Last());
    assertThat(split.train().items(0)).containsExactly(1, 2);
    assertThat(split.train().items(1)).containsExactly(1, 2);
    assertThat(split.test().size()).isEqualTo(1);
    assertThat(split.test().items(0)).containsExactly(1, 2, 3, 4);
    Sessions validation = split.validation();
    assertThat(validation).isNotNull();
    assertThat(validation.items(0)).containsExactly(1, 2, 3);
    assertThat(split.sessionsNotTested()).isEqualTo(1);
  }

  @Test
  void withoutAHoldoutEverythingIsTrained() {
    Sessions sessions = Sessions.of(Vocabulary.of(List.of("a")), List.of(new int[] {1}));

    Split split = new Holdout.None().split(sessions);

    assertThat(split.train()).isSameAs(sessions);
    assertThat(split.test().size()).isZero();
  }

  @Test
  void theValidationPartAreTheSessionsThatEndLast() {
    Sessions sessions = SessionsBuilderTest.build(List.of(
        new Click("a", "x", 50),
        new Click("b", "x", 10),
        new Click("c", "x", 90),
        new Click("d", "x", 20)));

    Split.Validated validated = Split.validationPart(sessions, 0.5);

    assertThat(validated.validation().id(0)).isEqualTo("a");
    assertThat(validated.validation().id(1)).isEqualTo("c");
    assertThat(validated.train().id(0)).isEqualTo("b");
    assertThat(validated.train().id(1)).isEqualTo("d");
  }

  @Test
  void ofHistoriesTheValidationPartAreTheNewestClicks() {
    List<Click> clicks = new ArrayList<>();
    for (int minute = 0; minute < 20; minute++) {
      clicks.add(new Click(minute % 2 == 0 ? "even" : "odd", "x", minute * MINUTE));
    }
    Sessions sessions = SessionsBuilderTest.build(clicks).asHistories(Visits.GAP);

    Split.Validated validated = Split.validationPart(sessions, 0.25);

    assertThat(validated.targets()).isEqualTo(new Targets.From(Instant.ofEpochMilli(15 * MINUTE)));
    assertThat(validated.train().clicks()).isEqualTo(15);
    assertThat(validated.validation().clicks()).isEqualTo(20);
    assertThat(validated.targets().count(validated.validation())).isEqualTo(5);
  }

  @Test
  void historiesThatCannotBeSplitInTimeAreValidatedAsAWhole() {
    Sessions same = SessionsBuilderTest.build(List.of(
            new Click("a", "x", 5), new Click("a", "y", 5),
            new Click("b", "x", 5), new Click("b", "y", 5)))
        .asHistories(Visits.GAP);

    Split.Validated validated = Split.validationPart(same, 0.5);

    assertThat(validated.targets()).isEqualTo(new Targets.AfterFirst());
    assertThat(validated.train().id(0)).isEqualTo("a");
    assertThat(validated.validation().id(0)).isEqualTo("b");
  }

  @RepeatedTest(100)
  void theValidationPartHasItsShareAndAtLeastOneSession(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int size = 2 + random.nextInt(49);
    int percent = 1 + random.nextInt(99);
    Vocabulary vocabulary = Vocabulary.of(List.of("a"));
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      rows.add(new int[] {1});
    }

    Split.Validated validated =
        Split.validationPart(Sessions.of(vocabulary, rows), percent / 100.0);

    int held = validated.validation().size();
    assertThat(held).isBetween(1, size - 1);
    assertThat(held)
        .isBetween((int) (size * percent / 100.0 - 1), (int) (size * percent / 100.0 + 1.5));
    assertThat(validated.validation().id(held - 1)).isEqualTo(Integer.toString(size - 1));
  }

  @Test
  void aValidationPartNeedsTwoSessionsAndAFraction() {
    Sessions one = Sessions.of(Vocabulary.of(List.of("a")), List.of(new int[] {1}));

    assertThatThrownBy(() -> Split.validationPart(one, 0.1))
        .hasMessageContaining("at least 2 sessions");
    assertThatThrownBy(() -> Split.validationPart(one, 1)).hasMessageContaining("between 0 and 1");
    assertThatThrownBy(() -> Split.validationPart(one, Double.NaN))
        .hasMessageContaining("between 0 and 1");
  }
}
