package io.attune.cli;

import io.attune.encoder.NeuralRecommender;
import io.attune.evaluation.Retrainer;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Sessions;
import io.attune.training.Training;

/**
 * Trains a model again on other sessions, by the configuration and the seed in its manifest.
 *
 * @param rules what is too rare to train on
 * @param device where models are trained and evaluated
 */
record Retraining(Filters rules, ComputeDevice device, Console console) implements Retrainer {
  @Override
  public SavedModel retrain(String name, SavedModel.Engine model, Sessions sessions) {
    Manifest made = model.model().manifest();
    String about = "seed " + made.provenance().seed();
    Model again = Training.again(made, sessions, console.nanoTime())
        .filters(rules)
        .device(device)
        .version(Attune.Version.number())
        .listener(new TrainingProgress(console, about))
        .train()
        .model();
    return new SavedModel.Engine(again, NeuralRecommender.load(again, name, device));
  }
}
