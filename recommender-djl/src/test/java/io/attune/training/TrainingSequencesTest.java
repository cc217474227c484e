package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.SessionEncoder;
import io.attune.model.EncoderConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingSequencesTest {

  @Test
  void everyPositionOfEverySessionIsATargetOnceAnEpoch() {
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> sessions = new ArrayList<>();
    int expected = 0;
    for (int s = 0; s < 300; s++) {
      int[] rows = random.ints(1 + random.nextInt(30), 1, 51).toArray();
      sessions.add(rows);
      expected += rows.length - 1;
    }
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(50), sessions), new TrainingSequences.Cut(7, 0));
    assertThat(segments.targets()).isEqualTo(expected);
    assertThat(segments.longest()).isEqualTo(7);
    List<int[]> steps = segments.epoch(64, 9);
    assertThat(steps.stream().flatMapToInt(Arrays::stream).sorted().toArray())
        .isEqualTo(
            IntStream.range(0, (int) steps.stream().flatMapToInt(Arrays::stream).count())
                .toArray());
    int targets = 0;
    for (int[] step : steps) {
      TrainingSequences.Step laidOut = segments.step(step);
      assertThat(laidOut.targets().length).isLessThanOrEqualTo(64);
      targets += laidOut.targets().length;
    }
    assertThat(targets).isEqualTo(expected);
  }

  @Test
  void aStepHoldsEachClickBeforeItsTarget() {
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), List.of(new int[] {4, 5, 6}, new int[] {7, 8})),
        new TrainingSequences.Cut(50, 0));
    TrainingSequences.Step step = segments.step(new int[] {0, 1});
    assertThat(step.batch().rows()).containsExactly(4, 5, 7, 0);
    assertThat(step.batch().positions()).containsExactly(0, 1, 2);
    assertThat(step.targets()).containsExactly(5, 6, 8);
  }

  @Test
  void aLongSessionIsCutFromItsEndAndLosesNoTarget() {
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), List.of(new int[] {1, 2, 3, 4, 5, 6})),
        new TrainingSequences.Cut(2, 0));
    assertThat(segments.targets()).isEqualTo(5);
    assertThat(segments.step(new int[] {0}).targets()).containsExactly(5, 6);
    assertThat(segments.step(new int[] {0}).batch().rows()).containsExactly(4, 5);
    assertThat(segments.step(new int[] {2}).targets()).containsExactly(2);
  }

  @Test
  void aPieceShowsTheClicksBeforeItsFirstTargetAndTheyKeepTheirPlaces() {
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), List.of(new int[] {1, 2, 3, 4, 5, 6, 7}, new int[] {8, 9})),
        new TrainingSequences.Cut(2, 3));
    TrainingSequences.Step newest = segments.step(new int[] {0});
    assertThat(newest.targets()).containsExactly(6, 7);
    assertThat(newest.batch().rows()).containsExactly(2, 3, 4, 5, 6);
    assertThat(newest.batch().positions()).containsExactly(3, 4);
    assertThat(newest.batch().firsts()).containsExactly(1);
    TrainingSequences.Step others = segments.step(new int[] {1, 2, 3});
    assertThat(others.targets()).containsExactly(4, 5, 2, 3, 9);
    assertThat(others.batch().rows()).containsExactly(1, 2, 3, 4, 1, 2, 0, 0, 8, 0, 0, 0);
    assertThat(others.batch().positions()).containsExactly(2, 3, 4, 5, 8);
    assertThat(others.batch().firsts()).containsExactly(0, 0, 0);
    assertThat(segments.longest()).isEqualTo(5);
  }

  @Test
  void piecesOfWhatSeesLaterClicksFitItsWindow() {
    // A window of 6, as it is asked: the guessed click and five others.
    SessionEncoder encoder = SessionEncoder.of(EncoderConfigs.bidirectional());
    assertThat(TrainingSequences.Cut.of(encoder).targets() + 1).isEqualTo(encoder.window());
  }

  @ParameterizedTest
  @MethodSource("io.attune.encoder.EncoderConfigs#all")
  void noEncoderIsTrainedOnPiecesThatGrowWithTheSession(EncoderConfig config) {
    int[] session = new SplittableRandom(3).ints(40_000, 1, 10).toArray();
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), List.of(session)),
        TrainingSequences.Cut.of(SessionEncoder.of(config)));
    assertThat(segments.targets()).isEqualTo(39_999);
    // At most three layers and a readout, each of which looks back 49 clicks, before 50 targets.
    assertThat(segments.longest()).isBetween(5, 4 * 49 + 50);
    for (int[] step : segments.epoch(512, 1)) {
      assertThat(segments.step(step).batch().rows().length).isLessThanOrEqualTo(11 * (4 * 49 + 50));
    }
  }

  @Test
  void clicksOnUnknownItemsAreSkipped() {
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), List.of(new int[] {1, 0, 2}, new int[] {0, 3})),
        new TrainingSequences.Cut(5, 0));
    assertThat(segments.targets()).isEqualTo(1);
  }

  @Test
  void theTimesOfClicksGoWithThem() {
    Sessions sessions = Sessions.of(
        vocabulary(9),
        List.of(new int[] {1, 0, 2, 3, 4}, new int[] {5, 6}),
        List.of(new long[] {10, 20, 30, 40, 50}, new long[] {60, 70}));
    // In pieces of two targets from the end: 2 3 (4), then 1 (2).
    TrainingSequences segments = new TrainingSequences(sessions, new TrainingSequences.Cut(2, 0));
    assertThat(segments.step(new int[] {0}).batch().times()).containsExactly(30, 40);
    assertThat(segments.step(new int[] {1}).batch().times()).containsExactly(10);
    assertThat(segments.step(new int[] {0, 2}).batch().times())
        .containsExactly(30, 40, 60, Sessions.NO_TIME);
  }

  @Test
  void theOrderIsAFunctionOfTheSeed() {
    List<int[]> sessions = new ArrayList<>();
    for (int s = 0; s < 100; s++) {
      sessions.add(new int[] {1, 2 + s % 7, 3});
    }
    TrainingSequences segments = new TrainingSequences(
        Sessions.of(vocabulary(9), sessions), new TrainingSequences.Cut(5, 0));
    assertThat(segments.epoch(10, 1)).usingRecursiveComparison().isEqualTo(segments.epoch(10, 1));
    assertThat(segments.epoch(10, 1).getFirst())
        .isNotEqualTo(segments.epoch(10, 2).getFirst());
  }

  @Test
  void aChronologicalEpochGoesThroughTheSessionsAsTheyEndedUpToThirtyTwoSteps() {
    List<int[]> clicks = Collections.nCopies(100, new int[] {1, 2});
    List<long[]> times = IntStream.range(0, 100)
        .mapToObj(s -> new long[] {0, 1 + Math.floorMod(7 * s, 100)}) // each end once
        .toList();
    TrainingSequences sequences = new TrainingSequences(
        Sessions.of(vocabulary(2), clicks, times),
        0,
        TrainingOrder.CHRONOLOGICAL,
        new TrainingSequences.Cut(50, 0));
    List<int[]> steps = sequences.epoch(1, 5);
    int[] ranks =
        steps.stream().mapToInt(step -> sequences.step(step).place(0).rank()).toArray();
    assertThat(ranks).hasSize(100).isNotEqualTo(IntStream.range(0, 100).toArray());
    for (int from = 0; from < 100; from += 32) {
      int to = Math.min(100, from + 32);
      assertThat(Arrays.stream(ranks, from, to).sorted())
          .containsExactlyElementsOf(IntStream.range(from, to).boxed().toList());
    }
  }

  @Test
  void anEncoderWithAMemoryIsTrainedChronologicallyWhateverIsConfigured() {
    assertThat(TrainingOrder.RANDOM.of(NarmConfig.defaults())).isEqualTo(TrainingOrder.RANDOM);
    assertThat(TrainingOrder.RANDOM.of(MemoryNetworkConfig.defaults()))
        .isEqualTo(TrainingOrder.CHRONOLOGICAL);
  }

  @Test
  void theNewestSessionsAreThereTwice() {
    Sessions sessions = Sessions.of(
        vocabulary(9), List.of(new int[] {1, 2}, new int[] {3, 4, 5}, new int[] {6, 7, 8, 9}));
    TrainingSequences segments = new TrainingSequences(
        sessions, 0.34, TrainingOrder.RANDOM, new TrainingSequences.Cut(2, 0));
    assertThat(segments.targets()).isEqualTo(1 + 2 + 2 * 3);
    List<Integer> targets = new ArrayList<>();
    for (int[] step : segments.epoch(3, 1)) {
      Arrays.stream(segments.step(step).targets()).forEach(targets::add);
    }
    assertThat(targets).containsExactlyInAnyOrder(2, 4, 5, 7, 8, 9, 7, 8, 9);
  }

  private static Vocabulary vocabulary(int items) {
    return Vocabulary.of(IntStream.rangeClosed(1, items).mapToObj(i -> "i" + i).toList());
  }

  @Test
  void aClozeStepHidesItsTargetsAndNothingElse() {
    Sessions sessions = Chains.sessions(40, 3);
    TrainingSequences segments = new TrainingSequences(sessions, new TrainingSequences.Cut(50, 0));
    int[] chosen = IntStream.range(0, 40).toArray();
    TrainingSequences.Step step = segments.cloze(chosen, 0.3, 5);
    int length = step.batch().length();
    assertThat(length).isEqualTo(segments.longest() + 1);
    int[] rows = step.batch().rows().clone();
    for (int p = 0; p < step.targets().length; p++) {
      int position = step.batch().positions()[p];
      assertThat(rows[position]).isZero();
      rows[position] = step.targets()[p];
    }
    int lastAlone = 0;
    for (int s = 0; s < 40; s++) {
      int[] session = sessions.items(s);
      assertThat(Arrays.copyOfRange(rows, s * length, s * length + session.length))
          .isEqualTo(session);
      long hidden = positions(step, s, length).count();
      assertThat(hidden).isPositive();
      int last = s * length + session.length - 1;
      lastAlone += hidden == 1 && positions(step, s, length).allMatch(p -> p == last) ? 1 : 0;
    }
    assertThat(lastAlone).isBetween(2, 20);
    assertThat(step.size()).isEqualTo(segments.targets());
    assertThat(segments.cloze(chosen, 0.3, 5).targets()).isEqualTo(step.targets());
  }

  private static IntStream positions(TrainingSequences.Step step, int session, int length) {
    return Arrays.stream(step.batch().positions()).filter(p -> p / length == session);
  }
}
