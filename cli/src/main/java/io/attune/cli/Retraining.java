package io.attune.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.Retrainer;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.saved.SavedModel;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.PreparedData;
import io.attune.training.Trainer;
import io.attune.training.TrainingConfig;
import java.io.IOException;

/**
 * Trains a model again on other sessions, by the configuration and the seed in its manifest.
 *
 * @param rules what is too rare to train on
 * @param device where models are trained and evaluated
 */
record Retraining(Filters rules, ComputeDevice device, Console console) implements Retrainer {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public SavedModel retrain(String name, SavedModel.Engine model, Sessions sessions)
      throws IOException {
    Manifest made = model.model().manifest();
    TrainingConfig training = training(made);
    PreparedData prepared =
        PreparedData.of(sessions, new Holdout.None(), rules, training.validation());
    boolean validated = prepared.data().validation().size() > 0;
    long seed = made.provenance().seed();
    TrainCommand.describe(prepared, console);
    Trainer trainer = new Trainer(
        made.encoder(),
        training,
        device,
        seed,
        console.nanoTime(),
        new TrainingProgress(console, training, validated, "seed " + seed));
    String hash = DataHash.of(sessions);
    Trainer.Trained trained = trainer.train(prepared.data(), hash, null, false);
    Model again = prepared.model(trainer, trained, hash, Attune.Version.number());
    return new SavedModel.Engine(again, NeuralRecommender.load(again, name, device));
  }

  private static TrainingConfig training(Manifest made) {
    try {
      return JSON.treeToValue(made.provenance().training(), TrainingConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the model does not say how it was trained, so it cannot be trained again: "
              + e.getOriginalMessage(),
          e);
    }
  }
}
