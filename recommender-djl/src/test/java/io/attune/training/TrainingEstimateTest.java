package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.model.ComputeDevice;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingEstimateTest {
  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .epochs(4)
      .sampledEpochs(2)
      .negatives(4)
      .stepTargets(32)
      .validation(0.1)
      .patience(1)
      .refit(true)
      .build();

  private final Sessions all = Chains.sessions(100, 1);
  private final TrainingData data = new TrainingData(
      all,
      all.select(IntStream.range(0, 90).toArray()),
      all.select(IntStream.range(90, 100).toArray()),
      new Split.Targets.AfterFirst());

  @Test
  void itIsFromTheEarliestStopToTheLastEpoch() {
    TrainingEstimate estimate = new TrainingEstimate(List.of(
        new TrainingEstimate.Part("narm", List.of(1.0, 1.0, 8.0, 8.0, 8.0), List.of(), 4, 3),
        new TrainingEstimate.Part("gru", List.of(20.0, 20.0), List.of(30.0, 30.0), 2, 1)));

    assertThat(estimate.least()).isEqualTo(Duration.ofSeconds(18 + 40 + 30));
    assertThat(estimate.most()).isEqualTo(Duration.ofSeconds(26 + 40 + 60));
    assertThat(estimate.after(progress("narm select", 2, 5, 1))).isEqualTo(Duration.ofSeconds(24));
    assertThat(estimate.after(progress("narm select", 2, 5, 3)))
        .as("on a machine that has become slower")
        .isEqualTo(Duration.ofSeconds(72));
    assertThat(estimate.after(progress("gru select", 2, 2, 20))).isEqualTo(Duration.ofSeconds(60));
    assertThat(estimate.after(progress("gru refit", 1, 1, 30))).isEqualTo(Duration.ZERO);
  }

  @Test
  void aFewStepsOfEachLossAreMeasured() {
    // A second goes by between two looks at the clock: six steps of each loss are measured by two.
    AtomicLong seconds = new AtomicLong();
    Trainer trainer = Trainer.of(
            Chains.narm(), TRAINING, () -> seconds.getAndIncrement() * 1_000_000_000L)
        .withDevice(ComputeDevice.CPU);

    TrainingEstimate.Part part = trainer.estimate(data).parts().getFirst();

    int steps = data.train().clicks() - data.train().size();
    double measured = 6.0 * TRAINING.stepTargets(); // at most: a step may have fewer
    assertThat(part.select()).hasSize(4);
    assertThat(part.select().get(0)).isBetween(steps / measured, 1.2 * steps / measured);
    assertThat(part.select().get(3)).isEqualTo(part.select().get(2));
    double growth = (double) (all.clicks() - all.size()) / steps;
    assertThat(part.refit().get(3) / part.select().get(3)).isBetween(growth - 0.01, growth);
    assertThat(part.earliestStop()).isEqualTo(4);
    assertThat(part.earliestBest()).isEqualTo(3);
  }

  @Test
  void withoutValidationAllEpochsAreTrained() {
    TrainingData unvalidated =
        new TrainingData(all, all, all.select(new int[0]), new Split.Targets.AfterFirst());
    TrainingEstimate estimate =
        TrainedModels.trainer(Chains.narm(), TRAINING).estimate(unvalidated);

    assertThat(estimate.parts().getFirst().earliestStop()).isEqualTo(4);
    assertThat(estimate.parts().getFirst().refit()).isEmpty();
    assertThat(estimate.least()).isEqualTo(estimate.most());
  }

  @Test
  void anEnsembleHasAPartForEachEncoder() {
    EnsembleConfig ensemble = new EnsembleConfig(Chains.narm(), GruConfig.defaults());

    assertThat(TrainedModels.trainer(ensemble, TRAINING).estimate(data).parts())
        .extracting(TrainingEstimate.Part::encoder)
        .containsExactly("narm", "gru");
  }

  @Test
  void itChangesNothingThatIsTrained() {
    Trainer trainer = TrainedModels.trainer(Chains.narm(), TRAINING);
    Trainer.Trained before = trainer.train(data);
    trainer.estimate(data);

    assertThat(trainer.train(data).weights()).isEqualTo(before.weights());
  }

  private static TrainingListener.Progress progress(
      String phase, int epoch, int epochs, long seconds) {
    return new TrainingListener.Progress(phase, epoch, epochs, 1, 10 * seconds, 0, 10);
  }
}
