package io.attune.examples;

import io.attune.encoder.NeuralRecommender;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.session.Sessions;
import io.attune.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** From a click log to the next items of a session, in Java. */
public final class NextItems {
  private NextItems() {}

  // @start region="train"
  /** Trains on a log, with the settings that fit it, and writes the model. */
  public static void train(Path log, Path model) throws IOException {
    Sessions sessions = ClickLog.load(List.of(log), LogOptions.standard()).sessions();
    Training.of(sessions, System::nanoTime).train().save(model);
  }
  // @end

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
