package io.attune.evaluation;

import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import org.jspecify.annotations.Nullable;

/**
 * A recommender that is evaluated in batches, and the one that would answer single requests in
 * production: an encoder answers those in plain Java, without the engine.
 *
 * @param recommender answers in batches; closed with this
 * @param single answers one request at a time; may be the same
 * @param path in a word, what answers single requests
 */
record EvaluatedRecommender(Recommender recommender, Recommender single, String path)
    implements AutoCloseable {
  private static final String PLAIN = "plain Java";
  private static final String ENGINE = "engine";

  /** A recommender that can be served only as it is: a baseline, or an ensemble with one. */
  static EvaluatedRecommender of(Recommender recommender) {
    return new EvaluatedRecommender(recommender, recommender, "as it is");
  }

  /** An encoder in the engine, and in plain Java where it is incremental. */
  static EvaluatedRecommender of(Recommender engine, @Nullable ServingModel incremental) {
    return incremental == null
        ? new EvaluatedRecommender(engine, engine, ENGINE)
        : new EvaluatedRecommender(
            engine, new ServingRecommender(engine.name(), incremental), PLAIN);
  }

  /** A model of any kind. */
  static EvaluatedRecommender of(SavedModel model) {
    return switch (model) {
      case SavedModel.Engine engine -> of(engine.recommender(), engine.incremental());
      case SavedModel.Incremental served ->
        new EvaluatedRecommender(served.recommender(), served.recommender(), PLAIN);
      case SavedModel.Baseline baseline -> of(baseline.recommender());
    };
  }

  @Override
  public void close() {
    recommender.close();
  }
}
