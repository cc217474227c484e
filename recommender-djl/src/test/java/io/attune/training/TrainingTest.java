package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
  private static final EncoderConfig ENCODER =
      GruConfig.builder().dimension(8).hidden(8).build();
  private static final TrainingConfig CONFIG =
      TrainedModels.plain().epochs(2).stepTargets(32).validation(0.1).build();

  private final Sessions sessions = Chains.sessions(100, 1);

  @TempDir
  private Path folder;

  @Test
  void itIsTheSameAsItsPartsByHand() throws IOException {
    training()
        .holdout(new Holdout.LastClick())
        .seed(3)
        .version("shop 1")
        .train()
        .save(model());

    PreparedData prepared =
        PreparedData.of(sessions, new Holdout.LastClick(), Filters.standard(), CONFIG.validation());
    Trainer trainer = TrainedModels.trainer(ENCODER, CONFIG).withSeed(3);
    Trainer.Trained trained = trainer.train(prepared.data());
    Model byHand = prepared.model(trainer, trained, DataHash.of(sessions), "shop 1");

    Model saved = Model.load(model());
    assertThat(saved.weights()).isEqualTo(byHand.weights());
    assertThat(saved.vocabulary().ids()).isEqualTo(byHand.vocabulary().ids());
    assertThat(saved.manifest().provenance()).isEqualTo(byHand.manifest().provenance());
    assertThat(saved.manifest().provenance().holdout()).isEqualTo("last-click");
    assertThat(saved.manifest().provenance().version()).isEqualTo("shop 1");
  }

  @Test
  void whatIsNotNamedIsAsThePresetThatFitsTheLog() {
    List<TrainingListener.Start> starts = new ArrayList<>();
    TrainingListener stop = new TrainingListener() {
      @Override
      public void onStart(Start start) {
        starts.add(start);
        throw new IllegalStateException("known enough");
      }
    };
    assertThatThrownBy(
            () -> training().preset(Preset.LONG_HISTORIES).listener(stop).train())
        .hasMessage("known enough");
    Sessions reviews = Sessions.of(
        sessions.vocabulary(), List.of(new int[] {1, 2, 3, 4, 5}, new int[] {5, 3, 1, 4, 2}));
    assertThatThrownBy(() -> Training.of(reviews, () -> 0)
            .filters(Filters.none())
            .device(ComputeDevice.CPU)
            .listener(stop)
            .train())
        .hasMessage("known enough");
    Sessions pairs =
        Sessions.of(sessions.vocabulary(), List.of(new int[] {1, 2}, new int[] {2, 1}));
    assertThatThrownBy(() -> Training.of(pairs, () -> 0)
            .filters(Filters.none())
            .device(ComputeDevice.CPU)
            .listener(stop)
            .train())
        .hasMessage("known enough");
    assertThat(starts)
        .extracting(TrainingListener.Start::training)
        .containsExactly(
            Preset.LONG_HISTORIES.training(),
            Preset.LONG_HISTORIES.training(),
            Preset.SHORT_SESSIONS.training());
    assertThat(Training.of(pairs, () -> 0)
            .filters(Filters.none())
            .training(TrainedModels.plain().build())
            .device(ComputeDevice.CPU)
            .train()
            .model()
            .manifest()
            .encoder())
        .isEqualTo(Preset.SHORT_SESSIONS.encoder());
  }

  @Test
  void theListenerIsToldOfTheDataFirst() {
    List<String> told = new ArrayList<>();
    TrainedModel trained = training()
        .listener(new TrainingListener() {
          @Override
          public void onPrepared(PreparedData prepared) {
            told.add("prepared " + prepared.data().all().size());
          }

          @Override
          public void onStart(Start start) {
            told.add("start, refits " + start.refits());
          }

          @Override
          public void onEpoch(Manifest.Epoch epoch, boolean best) {
            told.add("epoch " + epoch.epoch());
          }
        })
        .train();
    assertThat(told).containsExactly("prepared 100", "start, refits false", "epoch 1", "epoch 2");
    assertThat(trained.prepared().data().all().size()).isEqualTo(100);
    assertThat(trained.chosen()).singleElement().isIn(trained.model().manifest().epochs());
  }

  @Test
  void anEstimateTrainsNothingAndIsToldToTheListener() {
    List<Object> told = new ArrayList<>();
    TrainingEstimate estimate = training()
        .listener(new TrainingListener() {
          @Override
          public void onPrepared(PreparedData prepared) {
            told.add(prepared.data().all().size());
          }

          @Override
          public void onEstimate(TrainingEstimate expected) {
            told.add(expected);
          }

          @Override
          public void onStart(Start start) {
            told.add(start);
          }
        })
        .estimate();
    assertThat(told).containsExactly(100, estimate);
    assertThat(estimate.parts()).singleElement().satisfies(part -> {
      assertThat(part.select()).hasSize(2);
    });
  }

  @Test
  void aModelIsTrainedAgainAsItSays() {
    Model once = training().filters(new Filters(3, 4)).seed(5).train().model();

    Model again = Training.again(once.manifest(), sessions, () -> 0)
        .device(ComputeDevice.CPU)
        .train()
        .model();

    assertThat(again.weights()).isEqualTo(once.weights());
    assertThat(again.manifest().provenance()).isEqualTo(once.manifest().provenance());
  }

  @Test
  void aModelThatDoesNotSayHowItWasTrainedIsNotTrainedAgain() {
    Manifest made = TrainedModels.briefly(sessions, ENCODER).manifest();
    assertThat(made.provenance().training()).isEqualTo(JsonNodeFactory.instance.objectNode());
    assertThatThrownBy(() -> Training.again(made, sessions, () -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "the model does not say how it was trained, so it cannot be" + " trained again: ");
  }

  @Test
  void aTrainingThatWasStoppedIsResumedToTheSameNumbers() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    Training training = training();
    Model straight = training.train().model();
    training.listener(new TrainingListener() {
      @Override
      public void onEpoch(Manifest.Epoch epoch, boolean best) {
        if (epoch.epoch() == 2) {
          throw new IllegalStateException("stopped");
        }
      }
    });
    assertThatThrownBy(() -> training.train(checkpoint)).hasMessage("stopped");
    assertThat(checkpoint).exists();

    List<Integer> epochs = new ArrayList<>();
    training.listener(new TrainingListener() {
      @Override
      public void onEpoch(Manifest.Epoch epoch, boolean best) {
        epochs.add(epoch.epoch());
      }
    });
    assertThat(training.resume(checkpoint).model().weights()).isEqualTo(straight.weights());
    assertThat(epochs).containsExactly(2);
  }

  @Test
  void anEncoderThatLooksAtTimesNeedsThem() {
    Training timed =
        training().encoder(TransformerConfig.builder().timeBias(TimeBias.GAP).build());
    assertThatThrownBy(timed::train)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("timeBias must be none, since the clicks have no times");
  }

  private Training training() {
    return Training.of(sessions, () -> 0)
        .encoder(ENCODER)
        .training(CONFIG)
        .device(ComputeDevice.CPU);
  }

  private Path model() {
    return folder.resolve("model");
  }
}
