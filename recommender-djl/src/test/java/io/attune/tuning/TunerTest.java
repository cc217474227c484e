package io.attune.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.model.Manifest;
import io.attune.training.Preset;
import io.attune.training.Trainer;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunerTest {
  private static final Candidate SHIPPED = new Candidate(
      Preset.LONG_HISTORIES.encoder(),
      Preset.LONG_HISTORIES.training().toBuilder().epochs(20).build());
  private static final SearchSpace SPACE = SearchSpace.around(SHIPPED, Set.of());
  private static final int RUNGS = 3;

  @TempDir
  private Path folder;

  @Test
  void theFirstTrialIsWhatTheSearchStartsFromAndIsTrainedToTheEnd() throws IOException {
    Tuner.Outcome outcome = search("a", new FakeTraining(TunerTest::score, 10_000), 12);

    Trial first = outcome.trials().getFirst();
    assertThat(outcome.rungs()).containsExactly(2, 7, 20);
    assertThat(outcome.trials()).hasSize(12);
    assertThat(first.candidate()).isEqualTo(SHIPPED);
    assertThat(first.results()).hasSize(RUNGS);
    assertThat(outcome.best().score()).isGreaterThanOrEqualTo(first.score());
    assertThat(outcome.best().score())
        .isEqualTo(outcome.trials().stream().mapToDouble(Trial::score).max().orElseThrow());
  }

  @Test
  void theBestThirdOfARungGoesOnAndFewOthers() throws IOException {
    List<Trial> trials =
        search("a", new FakeTraining(TunerTest::score, 10_000), 30).trials();
    for (int rung = 0; rung < RUNGS - 1; rung++) {
      int at = rung;
      List<Trial> there = trials.stream()
          .filter(trial -> trial.results().size() > at)
          .sorted(Comparator.comparingDouble(trial -> -trial.results().get(at).score()))
          .toList();
      int third = Math.ceilDiv(there.size(), 3);
      assertThat(there.subList(0, third)).allMatch(trial -> trial.results().size() > at + 1);
      long more =
          there.stream().filter(trial -> trial.results().size() > at + 1).count();
      assertThat(more).isLessThanOrEqualTo(third + 4L).isLessThan(there.size());
    }
  }

  @Test
  void whoGoesOnContinuesFromItsCheckpoint() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    Tuner.Outcome outcome = search("a", training, 12);
    int epochs = outcome.trials().stream()
        .mapToInt(trial -> trial.results().getLast().epochs())
        .sum();
    assertThat(training.trained()).isEqualTo(epochs);
  }

  @Test
  void aSeedReproducesASearch() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    List<Trial> one = search("a", training, 6).trials();
    assertThat(search("b", training, 6).trials())
        .extracting(Trial::candidate)
        .isEqualTo(one.stream().map(Trial::candidate).toList());
    assertThat(tuner(training, new Budget.Trials(6))
            .run(folder.resolve("c"), "data", 2, new SplittableRandom(2))
            .trials())
        .extracting(Trial::candidate)
        .isNotEqualTo(one.stream().map(Trial::candidate).toList());
  }

  @ParameterizedTest(name = "after {0} epochs")
  @ValueSource(ints = {0, 1, 3, 19, 22, 30, 45})
  void aSearchThatWasKilledContinuesToTheSameTrials(int epochs) throws IOException {
    Tuner.Outcome straight = search("a", new FakeTraining(TunerTest::score, 10_000), 15);
    FakeTraining killed = new FakeTraining(TunerTest::score, epochs);
    assertThatThrownBy(() -> search("b", killed, 15)).isInstanceOf(FakeTraining.Killed.class);
    FakeTraining rest = new FakeTraining(TunerTest::score, 10_000);

    Tuner.Outcome resumed = search("b", rest, 15);

    assertThat(untimed(resumed)).isEqualTo(untimed(straight));
    assertThat(killed.trained() + rest.trained())
        .isEqualTo(straight.trials().stream()
            .mapToInt(trial -> trial.results().getLast().epochs())
            .sum());
  }

  @Test
  void aFinishedSearchTrainsNothingAndAnExtendedOneOnlyWhatIsNew() throws IOException {
    Tuner.Outcome whole = search("a", new FakeTraining(TunerTest::score, 10_000), 15);
    search("b", new FakeTraining(TunerTest::score, 10_000), 8);
    search("b", new FakeTraining(TunerTest::score, 0), 8);

    Tuner.Outcome extended = search("b", new FakeTraining(TunerTest::score, 10_000), 15);

    assertThat(extended.trials())
        .extracting(Trial::candidate)
        .isEqualTo(whole.trials().stream().map(Trial::candidate).toList());
  }

  @Test
  void aBudgetInTimeIsNotExceeded() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    Tuner.Outcome outcome = inTime("a", training, Duration.ofSeconds(1_000));

    assertThat(training.trained()).isBetween(80, 100);
    assertThat(outcome.trials()).hasSizeGreaterThan(5);
    assertThat(outcome.trials().stream().filter(trial -> trial.results().size() == RUNGS))
        .hasSizeGreaterThan(1);
  }

  @Test
  void aBudgetTooSmallForOneTrialSaysWhatWouldDoAndKeepsWhatWasDone() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    assertThatThrownBy(() -> inTime("a", training, Duration.ofSeconds(95)))
        .isInstanceOf(TuningException.class)
        .hasMessageContaining("too small for one trial: in 100 s, 50 % of the first")
        .hasMessageContaining("needs about 200 s");

    FakeTraining more = new FakeTraining(TunerTest::score, 10_000);
    Tuner.Outcome outcome = inTime("a", more, Duration.ofSeconds(210));

    assertThat(outcome.trials()).hasSize(1);
    assertThat(training.trained() + more.trained()).isEqualTo(20 + 1); // the tenth epoch was lost
  }

  @Test
  void aTrialThatFailsIsCountedAndTheSearchGoesOn() throws IOException {
    Tuner.Outcome outcome = search(
        "a",
        new FakeTraining(
            candidate -> candidate.training().learningRate() > 2e-3 ? Double.NaN : 0.5, 10_000),
        20);

    List<Trial> failed = outcome.trials().stream()
        .filter(trial -> trial.results().getLast().failure() != null)
        .toList();
    assertThat(failed)
        .isNotEmpty()
        .allMatch(trial -> trial.candidate().training().learningRate() > 2e-3)
        .allMatch(trial -> trial.score() < 0 && trial.results().size() == 1);
    assertThat(outcome.best().number()).isEqualTo(1); // of equals the first
  }

  @Test
  void anEpochOverSamplesIsNeitherATrialsBestNorMakesItTheBest() throws IOException {
    CandidateTraining falling = (candidate, checkpoint, until, listener) -> new Trainer.Selection(
        IntStream.rangeClosed(1, until)
            .mapToObj(epoch -> new Manifest.Epoch(
                "select",
                epoch,
                1,
                Map.of(Trainer.CRITERION.name(), epoch < 4 ? 1.0 - 0.1 * epoch : 0.2),
                1))
            .toList(),
        4,
        until == 20);
    Tuner.Outcome outcome = new Tuner(
            SPACE, new Budget.Trials(3), () -> 0, falling, TuningListener.SILENT)
        .run(folder.resolve("a"), "data", 1, new SplittableRandom(1));

    // Epochs 1 to 3 are over samples: after 2 nothing may be chosen, after 7 the first judged.
    assertThat(outcome.trials().getFirst().results())
        .extracting(Trial.Result::bestEpoch)
        .containsExactly(0, 4, 4);
    assertThat(outcome.trials().getFirst().results())
        .extracting(Trial.Result::score)
        .containsExactly(0.8, 0.2, 0.2);
    assertThat(outcome.trials().get(1).score()).isEqualTo(0.8);
    assertThat(outcome.best().number()).isEqualTo(1);
  }

  @Test
  void aBestThatFailsLaterGivesWayToTheNextBest() throws IOException {
    CandidateTraining failing = (candidate, checkpoint, until, listener) -> {
      boolean first = checkpoint.endsWith("trial-1.checkpoint");
      if (!first && until > 2) {
        throw new NotFiniteException("the gradient is no number");
      }
      double value = first ? 0.1 : checkpoint.endsWith("trial-2.checkpoint") ? 0.3 : 0.2;
      return new Trainer.Selection(
          IntStream.rangeClosed(1, until)
              .mapToObj(epoch -> new Manifest.Epoch(
                  "select", epoch, 1, Map.of(Trainer.CRITERION.name(), value), 1))
              .toList(),
          1,
          until == 20);
    };
    Tuner.Outcome outcome = new Tuner(
            SPACE, new Budget.Trials(3), () -> 0, failing, TuningListener.SILENT)
        .run(folder.resolve("a"), "data", 1, new SplittableRandom(1));

    assertThat(outcome.trials().get(1).results().getLast().failure()).isNotNull();
    assertThat(outcome.best().number()).isEqualTo(3);
  }

  @Test
  void whereEveryTrialFailsTheFirstReasonIsGiven() {
    assertThatThrownBy(() -> search("a", new FakeTraining(candidate -> Double.NaN, 10_000), 3))
        .isInstanceOf(TuningException.class)
        .hasMessage("no trial could be trained; the first: the gradient is no number");
  }

  @Test
  void aJournalOfAnotherSearchIsRefused() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    search("a", training, 1);
    Tuner same = tuner(training, new Budget.Trials(1));
    Tuner other = new Tuner(
        SearchSpace.around(SHIPPED, Set.of("dimension")),
        new Budget.Trials(1),
        () -> 0,
        training,
        TuningListener.SILENT);

    Path directory = folder.resolve("a");
    assertThatThrownBy(() -> same.run(directory, "other", 1, new SplittableRandom(1)))
        .isInstanceOf(TuningException.class)
        .hasMessageStartingWith(directory.resolve("journal.json") + ": ")
        .hasMessageContaining("another log");
    assertThatThrownBy(() -> same.run(directory, "data", 7, new SplittableRandom(7)))
        .hasMessageContaining("a search with seed 1, not 7");
    assertThatThrownBy(() -> other.run(directory, "data", 1, new SplittableRandom(1)))
        .hasMessageContaining("another space");
  }

  @Test
  void whatIsNoJournalIsRefusedAndNoOtherFileIsTouched() throws IOException {
    FakeTraining training = new FakeTraining(TunerTest::score, 10_000);
    Path damaged = Files.createDirectories(folder.resolve("damaged"));
    Files.writeString(damaged.resolve("journal.json"), "{\"format\": 1, \"sea");
    assertThatThrownBy(() -> search("damaged", training, 1))
        .isInstanceOf(TuningException.class)
        .hasMessageContaining("journal.json: no journal of a search: ");
    Path foreign = Files.createDirectories(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("trial-1.checkpoint"), "of somebody else");
    assertThatThrownBy(() -> search("foreign", training, 1))
        .isInstanceOf(TuningException.class)
        .hasMessageContaining("not empty, and without a journal.json");
    try (Stream<Path> files = Files.list(foreign)) {
      assertThat(files).hasSize(1);
    }
  }

  /** Better near a learning rate of 0.004 and with more dimensions. */
  private static double score(Candidate candidate) {
    double rate = Math.abs(Math.log(candidate.training().learningRate() / 0.004));
    return 0.5 - 0.05 * rate + 0.0001 * candidate.encoder().dimension();
  }

  private Tuner.Outcome search(String name, FakeTraining training, int trials) throws IOException {
    return tuner(training, new Budget.Trials(trials))
        .run(folder.resolve(name), "data", 1, new SplittableRandom(1));
  }

  private Tuner.Outcome inTime(String name, FakeTraining training, Duration most)
      throws IOException {
    return tuner(training, new Budget.Time(most))
        .run(folder.resolve(name), "data", 1, new SplittableRandom(2));
  }

  private static Tuner tuner(FakeTraining training, Budget budget) {
    return new Tuner(SPACE, budget, training::nanoTime, training, TuningListener.SILENT);
  }

  /** Candidates and scores, without how long they took. */
  private static List<?> untimed(Tuner.Outcome outcome) {
    return outcome.trials().stream()
        .map(trial -> List.of(
            trial.candidate(), trial.results().stream().map(Trial.Result::score).toList()))
        .toList();
  }
}
