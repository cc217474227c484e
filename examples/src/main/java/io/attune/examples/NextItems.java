package io.attune.examples;

import io.attune.encoder.NeuralRecommender;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.PreparedData;
import io.attune.training.Trainer;
import io.attune.training.TrainingConfig;
import io.attune.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** From a click log to the next items of a session, in Java. */
public final class NextItems {
  private NextItems() {}

  /** Trains on a log and writes the model. */
  public static void train(Path log, Path model, TrainingConfig config) throws IOException {
    Sessions sessions = ClickLog.load(List.of(log), LogOptions.standard()).sessions();
    PreparedData prepared =
        PreparedData.of(sessions, new Holdout.None(), Filters.standard(), config.validation());
    Trainer trainer = new Trainer(
        NarmConfig.defaults(),
        config,
        ComputeDevice.CPU,
        42, // the seed
        System::nanoTime,
        TrainingListener.SILENT);
    String dataHash = DataHash.of(sessions);
    Trainer.Trained trained = trainer.train(prepared.data(), dataHash, null, false);
    prepared.model(trainer, trained, dataHash, "my shop 1.0").save(model);
  }

  /** What a visitor who clicked these items wants next. */
  public static List<Recommendation> recommend(Path model, List<String> clicked)
      throws IOException {
    try (NeuralRecommender recommender =
        NeuralRecommender.load(Model.load(model), "shop", ComputeDevice.CPU)) {
      int[] rows = clicked.stream()
          .mapToInt(recommender.vocabulary()::row)
          .filter(row -> row > 0) // skips what the model never saw
          .toArray();
      return recommender.top(new Prefix(rows, rows.length), 10, true);
    }
  }
}
