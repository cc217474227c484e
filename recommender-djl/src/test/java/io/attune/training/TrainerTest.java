package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.ModelException;
import io.attune.model.NarmConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private static final NarmConfig ENCODER = Chains.narm();
  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .epochs(3)
      .stepTargets(32)
      .learningRate(0.02)
      .validation(0.1)
      .patience(3)
      .refit(true)
      .popularityDrift(0.3)
      .weightAveraging(0.5)
      .build();

  private final Sessions all = Chains.sessions(100, 1);
  private final TrainingData data =
      new TrainingData(all, part(0, 90), part(90, 100), new Split.Targets.AfterFirst());

  @TempDir
  private Path folder;

  @Test
  void theChosenEpochIsOneOfTheLossThatTrainingEndsWith() throws IOException {
    // Two of three epochs are over samples, so that only the third may be chosen, however it does.
    TrainingConfig sampled = TRAINING.toBuilder()
        .patience(1)
        .popularityDrift(0)
        .sampledEpochs(2)
        .weightAveraging(0)
        .build();
    Trainer.Trained trained = TrainedModels.trainer(ENCODER, sampled).train(data);
    assertThat(trained.chosen())
        .singleElement()
        .satisfies(epoch -> assertThat(epoch.epoch()).isEqualTo(3))
        .isIn(trained.epochs());
    assertThat(trained.epochs())
        .filteredOn(epoch -> epoch.phase().equals("refit"))
        .hasSize(3);
  }

  @Test
  void aSeedReproducesATraining() throws IOException {
    assertThat(train(1).weights()).isEqualTo(train(1).weights());
    assertThat(train(2).weights()).isNotEqualTo(train(1).weights());
  }

  @Test
  void trainingsSideBySideGetTheNumbersThatEachWouldGetAlone() {
    Map<Long, Map<String, Tensor>> alone = new HashMap<>();
    for (long seed = 1; seed <= 2; seed++) {
      alone.put(seed, withoutCheckpoint(seed));
    }
    List<CompletableFuture<Map<String, Tensor>>> together = LongStream.rangeClosed(1, 2)
        .mapToObj(seed -> CompletableFuture.supplyAsync(() -> withoutCheckpoint(seed)))
        .toList();
    assertThat(together.get(0).join()).isEqualTo(alone.get(1L));
    assertThat(together.get(1).join()).isEqualTo(alone.get(2L));
  }

  private Map<String, Tensor> withoutCheckpoint(long seed) {
    return trainer(seed, TrainingListener.SILENT).train(data).weights();
  }

  @ParameterizedTest(name = "after {0} steps")
  @ValueSource(ints = {4, 17, 40, 75})
  void aTrainingThatWasKilledContinuesToTheSameNumbers(int steps) throws IOException {
    Trainer.Trained straight = train(1);
    assertThatThrownBy(() -> train(1, new Killer(steps))).isInstanceOf(Killed.class);
    assertThat(checkpoint()).exists();

    Trainer.Trained resumed = resume(1);

    assertThat(resumed.weights()).isEqualTo(straight.weights());
    assertThat(resumed.epochs().stream().map(Manifest.Epoch::loss).toList())
        .isEqualTo(straight.epochs().stream().map(Manifest.Epoch::loss).toList());
  }

  @Test
  void aFinishedTrainingCanBeResumedForItsModel() throws IOException {
    Trainer.Trained finished = train(1);
    Trainer.Trained again = trainer(1, new Killer(0)).resume(data, "hash", checkpoint());
    assertThat(again.weights()).isEqualTo(finished.weights());
  }

  @Test
  void aSelectionWithPausesIsTheSelectionOfTheTraining() throws IOException {
    Trainer.Trained straight = train(1);
    Files.delete(checkpoint());
    assertThat(select(1).epochs()).hasSize(1);
    assertThatThrownBy(() -> trainer(1, new Killer(3)).select(data, "hash", checkpoint(), 2))
        .isInstanceOf(Killed.class);
    assertThat(select(2).over()).isFalse();
    assertThat(select(2).epochs()).hasSize(2);

    Trainer.Selection all = select(3);

    assertThat(all.over()).isTrue();
    assertThat(all.epochs())
        .extracting(Manifest.Epoch::loss, Manifest.Epoch::validation)
        .isEqualTo(straight.epochs().stream()
            .filter(epoch -> epoch.phase().equals("select"))
            .map(epoch -> tuple(epoch.loss(), epoch.validation()))
            .toList());
    assertThat(select(7)).isEqualTo(all);
  }

  private Trainer.Selection select(int until) throws IOException {
    return trainer(1, TrainingListener.SILENT).select(data, "hash", checkpoint(), until);
  }

  @Test
  void aResumedTrainingKeepsThePrecisionThatWasMeasuredAtItsStart() throws IOException {
    TrainingConfig measured = TRAINING.toBuilder().precision(Precision.AUTO).build();
    assertThatThrownBy(() -> Trainer.of(ENCODER, measured, fasterFirst(true))
            .withDevice(ComputeDevice.CPU)
            .withListener(new Killer(20))
            .train(data, "hash", checkpoint()))
        .isInstanceOf(Killed.class);
    List<Precision> precisions = new ArrayList<>();
    TrainingListener starts = new TrainingListener() {
      @Override
      public void onStart(Start start) {
        precisions.add(start.precision());
      }
    };

    Trainer.of(ENCODER, measured, fasterFirst(false))
        .withDevice(ComputeDevice.CPU)
        .withListener(starts)
        .resume(data, "hash", checkpoint());

    assertThat(precisions).isNotEmpty().containsOnly(Precision.FP32);
  }

  /** A clock by which fp32, which is measured in its first eight readings, is faster or slower. */
  private static LongSupplier fasterFirst(boolean fp32) {
    AtomicLong readings = new AtomicLong();
    AtomicLong time = new AtomicLong();
    return () -> {
      boolean first = readings.getAndIncrement() < 9;
      return time.addAndGet(Duration.ofSeconds(first == fp32 ? 1 : 10).toNanos());
    };
  }

  @Test
  void aCheckpointOfAnotherSeedIsRefused() {
    assertThatThrownBy(() -> train(1, new Killer(20))).isInstanceOf(Killed.class);
    assertThatThrownBy(() -> resume(2))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("seed")
        .hasMessageContaining("--resume");
  }

  @Test
  void averagingChangesTheModelAndNoStep() throws IOException {
    Trainer.Trained plain = onAll(ItemInitialization.RANDOM, 0);
    Trainer.Trained averaged = onAll(ItemInitialization.RANDOM, 0.5);
    assertThat(averaged.weights()).isNotEqualTo(plain.weights());
    assertThat(averaged.epochs().stream().map(Manifest.Epoch::loss).toList())
        .isEqualTo(plain.epochs().stream().map(Manifest.Epoch::loss).toList());
  }

  @Test
  void vectorsStartedFromCooccurrenceLoseLessInTheFirstEpoch() throws IOException {
    double random = onAll(ItemInitialization.RANDOM, 0).epochs().getFirst().loss();
    double started =
        onAll(ItemInitialization.COOCCURRENCE, 0).epochs().getFirst().loss();
    assertThat(started).isLessThan(0.98 * random);
  }

  private Trainer.Trained onAll(ItemInitialization start, double averaging) throws IOException {
    TrainingConfig training = TrainedModels.plain()
        .epochs(2)
        .stepTargets(32)
        .learningRate(0.005)
        .itemInitialization(start)
        .weightAveraging(averaging)
        .build();
    TrainingData bare =
        new TrainingData(all, all, all.select(new int[0]), new Split.Targets.AfterFirst());
    return TrainedModels.trainer(ENCODER, training).train(bare);
  }

  @Test
  void withoutACheckpointResumingStartsFromTheBeginning() throws IOException {
    assertThat(resume(1).weights()).isEqualTo(train(1).weights());
  }

  @Test
  void theModelIsTheBestEpochOfTheSelectionRefittedOnEverything() throws IOException {
    Trainer.Trained trained = train(1);
    long refit =
        trained.epochs().stream().filter(e -> e.phase().equals("refit")).count();
    int best = trained.epochs().stream()
        .filter(e -> e.phase().equals("select"))
        .max((a, b) -> Double.compare(
            a.validation().getOrDefault("MRR@20", 0.0), b.validation().getOrDefault("MRR@20", 0.0)))
        .orElseThrow()
        .epoch();
    assertThat(refit).isEqualTo(best);
  }

  @Test
  void trainingStopsWhenValidationNoLongerImproves() throws IOException {
    // A rate of almost nothing: the second epoch cannot be much better, the patience is one.
    TrainingConfig impatient = TrainedModels.plain()
        .epochs(50)
        .stepTargets(32)
        .learningRate(1e-30)
        .warmup(0)
        .validation(0.1)
        .build();
    assertThat(TrainedModels.trainer(ENCODER, impatient).train(data).epochs()).hasSize(2);
  }

  @Test
  void withoutAValidationPartAllEpochsRunOnAllSessions() throws IOException {
    TrainingData bare =
        new TrainingData(all, all, all.select(new int[0]), new Split.Targets.AfterFirst());
    Trainer.Trained trained = TrainedModels.trainer(ENCODER, TRAINING).train(bare);
    assertThat(trained.epochs()).hasSize(3).allMatch(epoch -> epoch.validation().isEmpty());
    assertThat(trained.weights()).containsKey("items");
  }

  @Test
  void sessionsWithoutAnythingToPredictAreRefused() {
    Sessions single = Sessions.of(all.vocabulary(), java.util.List.of(new int[] {1}));
    assertThatThrownBy(
            () -> new TrainingData(single, single, single, new Split.Targets.AfterFirst()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to predict");
  }

  private Trainer.Trained train(long seed) throws IOException {
    return train(seed, TrainingListener.SILENT);
  }

  private Trainer.Trained train(long seed, TrainingListener listener) throws IOException {
    return trainer(seed, listener).train(data, "hash", checkpoint());
  }

  private Trainer.Trained resume(long seed) throws IOException {
    return trainer(seed, TrainingListener.SILENT).resume(data, "hash", checkpoint());
  }

  private static Trainer trainer(long seed, TrainingListener listener) {
    // Each reading of the clock is ten seconds later, so that every second or third step is
    // checkpointed.
    AtomicLong time = new AtomicLong();
    LongSupplier clock = () -> time.addAndGet(Duration.ofSeconds(10).toNanos());
    return Trainer.of(ENCODER, TRAINING, clock)
        .withDevice(ComputeDevice.CPU)
        .withSeed(seed)
        .withListener(listener);
  }

  private Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  private Sessions part(int from, int to) {
    return all.select(IntStream.range(from, to).toArray());
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Killer implements TrainingListener {
    private int left;

    Killer(int steps) {
      this.left = steps;
    }

    @Override
    public void onStep(Progress progress) {
      if (--left < 0) {
        throw new Killed();
      }
    }
  }
}
