package io.attune.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.io.IOException;
import java.util.Map;

/** Small models that were really trained. */
public final class TrainedModels {
  private TrainedModels() {}

  /** Trains for some epochs. */
  public static Model train(EncoderConfig encoder, Sessions sessions, int epochs)
      throws IOException {
    TrainingConfig training = new TrainingConfig(
        epochs,
        128,
        0.01,
        0.1,
        0,
        5,
        0,
        1,
        false,
        Precision.FP32,
        LossKind.FULL,
        0,
        16,
        Sampler.UNIFORM,
        0.75);
    TrainingData data = new TrainingData(
        sessions, sessions, sessions.select(new int[0]), Split.Targets.AFTER_FIRST);
    Trainer trainer =
        new Trainer(encoder, training, Device.cpu(), 1, () -> 0, TrainingListener.SILENT);
    Trainer.Trained trained = trainer.train(data, "", null, false);
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        encoder,
        sessions.vocabulary().size(),
        new Manifest.Provenance(
            "",
            "",
            1,
            0,
            0,
            "none",
            null,
            null,
            JsonNodeFactory.instance.objectNode(),
            JsonNodeFactory.instance.objectNode()),
        trained.epochs(),
        Map.of());
    return new Model(
        manifest, sessions.vocabulary(), Popularity.counts(sessions), trained.weights());
  }
}
