package io.attune.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.baseline.Baseline;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.PreparedData;
import io.attune.training.Trainer;
import io.attune.training.TrainingConfig;
import io.attune.vector.NotFiniteException;
import java.io.IOException;

/**
 * Teaches again what was taught before, from other sessions: a baseline by its settings, a model by
 * the configuration and the seed that are kept with it.
 *
 * @param rules what is too rare to learn from
 * @param device where models are trained, and asked
 */
record Retraining(Filters rules, ComputeDevice device, Console console) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A baseline. */
  Recommender teach(Baseline baseline, Sessions sessions) throws CommandFailure {
    return BaselineData.of(sessions, rules).teach(baseline);
  }

  /** A model of any kind. */
  EvaluatedRecommender teach(SavedModel model, Sessions sessions)
      throws IOException, CommandFailure {
    return switch (model) {
      case SavedModel.Engine neural -> train(neural, sessions);
      case SavedModel.Incremental plain ->
        throw new CommandFailure("a model that was opened without the engine cannot be trained");
      case SavedModel.Baseline baseline ->
        EvaluatedRecommender.of(teach(Baseline.parse(baseline.settings()), sessions));
    };
  }

  private EvaluatedRecommender train(SavedModel.Engine neural, Sessions sessions)
      throws IOException, CommandFailure {
    Manifest made = neural.model().manifest();
    TrainingConfig training = training(made);
    try {
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
      Model model = prepared.model(trainer, trained, hash, Attune.Version.number());
      NeuralRecommender recommender =
          NeuralRecommender.load(model, neural.recommender().name(), device);
      return EvaluatedRecommender.of(new SavedModel.Engine(model, recommender));
    } catch (IllegalArgumentException | NotFiniteException e) {
      throw new CommandFailure(e);
    }
  }

  private static TrainingConfig training(Manifest made) throws CommandFailure {
    try {
      return JSON.treeToValue(made.provenance().training(), TrainingConfig.class);
    } catch (JsonProcessingException e) {
      throw new CommandFailure(
          "the model does not say how it was trained, so it cannot be trained again: "
              + e.getOriginalMessage());
    }
  }
}
