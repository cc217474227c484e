package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An ensemble is its two encoders, each trained as if it were alone. */
class EnsembleTrainingTest {
  private static final EncoderConfig ONE = GruConfig.builder()
      .dimension(8)
      .hidden(8)
      .inputDropout(0.1f)
      .stateDropout(0.1f)
      .build();
  private static final EncoderConfig OTHER = StampConfig.builder()
      .dimension(12)
      .similarity(new Similarity(false, 1, false))
      .softmaxAttention(true)
      .lastClicks(10)
      .inputDropout(0.1f)
      .build();
  private static final EnsembleConfig ENSEMBLE = new EnsembleConfig(ONE, OTHER);
  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .epochs(2)
      .stepTargets(32)
      .learningRate(0.02)
      .validation(0.1)
      .patience(3)
      .refit(true)
      .popularityDrift(0.3)
      .build();

  private final Sessions all = Chains.sessions(100, 1);
  private final PreparedData prepared =
      PreparedData.of(all, new Holdout.None(), Filters.none(), TRAINING.validation());

  @TempDir
  private Path folder;

  @Test
  void aScoreIsTheMeanOfTheEncodersScores() throws IOException {
    List<Prefix> prefixes = List.of(
        new Prefix(all.items(3), 2), new Prefix(all.items(4), 1), new Prefix(all.items(5), 3));
    float[] one = scores(ONE, prefixes);
    float[] other = scores(OTHER, prefixes);

    float[] both = scores(ENSEMBLE, prefixes);

    int stride = prepared.data().all().vocabulary().size() + 1;
    for (int i = 0; i < both.length; i++) {
      if (i % stride > 0) {
        assertThat(both[i]).as("score %d", i).isCloseTo((one[i] + other[i]) / 2, within(1e-4f));
      }
    }
  }

  private float[] scores(EncoderConfig encoder, List<Prefix> prefixes) throws IOException {
    Trainer trainer = trainer(encoder, TrainingListener.SILENT);
    Model model = prepared.model(trainer, trainer.train(prepared.data()), "", "");
    model.save(folder.resolve("model"));
    try (NeuralRecommender recommender =
        NeuralRecommender.load(Model.load(folder.resolve("model")), "", ComputeDevice.CPU)) {
      float[] scores = new float[prefixes.size() * (recommender.vocabulary().size() + 1)];
      recommender.score(prefixes, scores);
      return scores;
    }
  }

  @Test
  void itsEpochsBearTheNamesOfTheEncoders() throws IOException {
    assertThat(train(TrainingListener.SILENT).epochs())
        .extracting(Manifest.Epoch::phase)
        .startsWith("gru select", "gru select", "gru refit")
        .contains("stamp select", "stamp refit")
        .allMatch(phase -> List.of("gru", "stamp").contains(Manifest.Epoch.encoder(phase)));
  }

  @ParameterizedTest(name = "after {0} steps")
  @ValueSource(ints = {10, 60, 80})
  void aTrainingThatWasKilledContinuesToTheSameNumbers(int steps) throws IOException {
    StepCounter counter = new StepCounter(Integer.MAX_VALUE);
    Trainer.Trained straight = train(counter);
    assertThat(counter.steps).isGreaterThan(80);
    assertThatThrownBy(() -> train(new StepCounter(steps)))
        .isInstanceOf(IllegalStateException.class);

    StepCounter rest = new StepCounter(Integer.MAX_VALUE);
    Trainer.Trained resumed = trainer(ENSEMBLE, rest).resume(prepared.data(), "", checkpoint());

    assertThat(rest.steps).isLessThan(counter.steps);
    assertThat(resumed.weights()).isEqualTo(straight.weights());
    Trainer.forget(checkpoint());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void itHasNoEpochsOfItsOwnToSelect() {
    assertThatThrownBy(() ->
            trainer(ENSEMBLE, TrainingListener.SILENT).select(prepared.data(), "", checkpoint(), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ensemble");
  }

  private Trainer.Trained train(TrainingListener listener) throws IOException {
    return trainer(ENSEMBLE, listener).train(prepared.data(), "", checkpoint());
  }

  private static Trainer trainer(EncoderConfig encoder, TrainingListener listener) {
    AtomicLong time = new AtomicLong(); // Each reading of the clock is ten seconds later.
    return Trainer.of(
            encoder, TRAINING, () -> time.addAndGet(Duration.ofSeconds(10).toNanos()))
        .withDevice(ComputeDevice.CPU)
        .withSeed(1)
        .withListener(listener);
  }

  private Path checkpoint() {
    return folder.resolve("checkpoint");
  }

  /** Stops a training after some steps. */
  private static final class StepCounter implements TrainingListener {
    private final int most;
    private int steps;

    StepCounter(int most) {
      this.most = most;
    }

    @Override
    public void onStep(Progress progress) {
      if (++steps > most) {
        throw new IllegalStateException("stopped");
      }
    }
  }
}
