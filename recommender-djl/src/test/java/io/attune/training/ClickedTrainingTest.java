package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The correction of clicked items as a part of training. */
class ClickedTrainingTest {
  /** Its query is a mean of clicked items, so that it scores these highest. */
  private static final EncoderConfig ENCODER =
      TransformerConfig.builder().dimension(8).layers(1).build();

  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .epochs(2)
      .stepTargets(64)
      .learningRate(0.02)
      .validation(0.2)
      .patience(2)
      .refit(true)
      .clicked(ClickedItems.LEARNED)
      .build();

  /** Visitors who hardly click an item twice. */
  private final Sessions all = Chains.sessions(200, 1);

  private final TrainingData data =
      new TrainingData(all, part(0, 160), part(160, 200), new Split.Targets.AfterFirst());

  private final List<ClickedGain> gains = new ArrayList<>();

  @TempDir
  private Path folder;

  @Test
  void theModelThatIsTrainedOnAllKeepsTheCorrectionOfTheValidatedOne() {
    Trainer.Trained trained = trainer(TRAINING).train(data);
    assertThat(gains).hasSize(1);
    ClickedGain gain = gains.getFirst();
    assertThat(gain.encoder()).isEmpty();
    Map<String, Double> validated = trained.chosen().getFirst().validation();
    assertThat(gain.before()).containsOnlyKeys("HR@20", "MRR@20");
    gain.before()
        .forEach((name, value) ->
            assertThat(value).isCloseTo(Objects.requireNonNull(validated.get(name)), within(1e-9)));
    assertThat(gain.after().get("MRR@20")).isGreaterThan(gain.before().get("MRR@20"));
    assertThat(trained.epochs().getLast().phase()).isEqualTo("refit");
    assertThat(ClickedCorrection.of(trained.weights()).weights())
        .containsExactly(gain.correction().weights());
  }

  @Test
  void withoutItAllOtherWeightsAreTheSame() {
    Map<String, Tensor> learned = new HashMap<>(trainer(TRAINING).train(data).weights());
    Map<String, Tensor> off = trainer(
            TRAINING.toBuilder().clicked(ClickedItems.OFF).build())
        .train(data)
        .weights();
    assertThat(gains).hasSize(1);
    assertThat(learned.remove(ClickedCorrection.TENSOR)).isNotNull();
    assertThat(learned).isEqualTo(off);
  }

  @Test
  void withoutAValidationPartThereIsNone() {
    TrainingData bare =
        new TrainingData(all, all, all.select(new int[0]), new Split.Targets.AfterFirst());
    assertThat(trainer(TRAINING).train(bare).weights()).doesNotContainKey("clicked");
    assertThat(gains).isEmpty();
  }

  @Test
  void aTrainingThatWasKilledInAnyPhaseHasTheSameCorrection() throws IOException {
    Trainer.Trained straight = trainer(TRAINING).train(data);
    assertThat(straight.weights()).containsKey("clicked");
    Path checkpoint = folder.resolve("checkpoint");
    for (int steps : new int[] {3, 20, 30, 1000}) {
      Trainer killed = trainer(TRAINING).withListener(new TrainingListener() {
        private int left = steps;

        @Override
        public void onStep(Progress progress) {
          if (--left == 0) {
            throw new IllegalStateException("killed");
          }
        }
      });
      if (steps == 1000) {
        killed.train(data, "hash", checkpoint);
      } else {
        assertThatThrownBy(() -> killed.train(data, "hash", checkpoint)).hasMessage("killed");
      }
      assertThat(trainer(TRAINING).resume(data, "hash", checkpoint).weights())
          .as("after %d steps", steps)
          .isEqualTo(straight.weights());
    }
  }

  @Test
  void theChosenEpochTellsWhatTheModelReachesWithTheCorrection() {
    Trainer.Trained trained = trainer(TRAINING).train(data);
    ClickedGain gain = gains.getFirst();
    double gained = gain.after().get("MRR@20") - gain.before().get("MRR@20");
    Map<String, Double> validation = trained.chosen().getFirst().validation();
    assertThat(gained).isPositive();
    assertThat(validation.get("MRR@20 corrected") - validation.get("MRR@20"))
        .isCloseTo(gained, within(1e-9));
    assertThat(ClickedGain.corrected(validation))
        .containsOnlyKeys("HR@20", "MRR@20")
        .containsEntry("MRR@20", validation.get("MRR@20 corrected"));
  }

  @Test
  void eachEncoderOfAnEnsembleLearnsItsOwn() {
    EncoderConfig gru = GruConfig.builder().dimension(8).hidden(8).build();
    Trainer.Trained trained =
        trainer(new EnsembleConfig(gru, ENCODER), TRAINING).train(data);
    assertThat(gains).extracting(ClickedGain::encoder).containsExactly("gru", "transformer");
    float[] one = gains.getFirst().correction().weights();
    float[] other = gains.getLast().correction().weights();
    float[] mean = ClickedCorrection.of(trained.weights()).weights();
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isEqualTo(0.5f * one[i] + 0.5f * other[i]);
    }
  }

  /** After a, c comes x, after b, c comes y: the mean of a and c is near both, and x is new. */
  @Test
  void withItANewItemIsFirstWhereAMeanOfClickedItemsPutsTheseFirst() {
    Vocabulary items = Vocabulary.of(List.of("a", "b", "c", "x", "y", "p", "q", "r"));
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      rows.add(new int[] {1, 3, 4});
      rows.add(new int[] {2, 3, 5});
      rows.add(new int[] {6, 7, 8});
    }
    Sessions sessions = Sessions.of(items, rows);
    int[] newest = IntStream.range(150, 192).toArray();
    TrainingData toy = new TrainingData(
        sessions, sessions, sessions.select(newest), new Split.Targets.AfterFirst());
    TrainingConfig training = TRAINING.toBuilder()
        .epochs(30)
        .learningRate(5e-3)
        .patience(30)
        .refit(false)
        .build();
    assertThat(firsts(toy, training.toBuilder().clicked(ClickedItems.OFF).build()))
        .isLessThan(3);
    assertThat(firsts(toy, training)).isEqualTo(3);
  }

  private static final EncoderConfig MEAN =
      TransformerConfig.builder().readout(Readout.MEAN).build();

  /** Of the three last clicks, how many rank first. */
  private int firsts(TrainingData toy, TrainingConfig training) {
    Trainer.Trained trained = trainer(MEAN, training).train(toy);
    try (NeuralRecommender recommender = NeuralRecommender.load(
        trained.encoder(), toy.all().vocabulary(), trained.weights(), "toy", ComputeDevice.CPU)) {
      List<Prefix> prefixes = List.of(
          new Prefix(new int[] {1, 3}, 2),
          new Prefix(new int[] {2, 3}, 2),
          new Prefix(new int[] {6, 7}, 2));
      int[] ranks = recommender.rank(prefixes, new int[] {4, 5, 8}, false, 0).ranks();
      return (int) IntStream.of(ranks).filter(rank -> rank == 1).count();
    }
  }

  private Trainer trainer(TrainingConfig training) {
    return trainer(ENCODER, training);
  }

  /** By a clock on which every step takes ten seconds, so that some are checkpointed. */
  private Trainer trainer(EncoderConfig encoder, TrainingConfig training) {
    AtomicLong time = new AtomicLong();
    return Trainer.of(encoder, training, () -> time.addAndGet(10_000_000_000L))
        .withDevice(ComputeDevice.CPU)
        .withSeed(1)
        .withListener(new TrainingListener() {
          @Override
          public void onClicked(ClickedGain gain) {
            gains.add(gain);
          }
        });
  }

  private Sessions part(int from, int to) {
    return all.select(IntStream.range(from, to).toArray());
  }
}
