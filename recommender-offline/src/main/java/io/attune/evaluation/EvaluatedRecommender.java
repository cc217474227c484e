package io.attune.evaluation;

import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import org.jspecify.annotations.Nullable;

/**
 * A recommender that ranks in batches, with the one that would serve single requests in production:
 * an incremental encoder serves them in plain Java, without the engine.
 *
 * @param recommender ranks in batches; closed with this record
 * @param serving answers single requests; may be the same
 * @param servedBy what answers single requests, for tables
 */
record EvaluatedRecommender(Recommender recommender, Recommender serving, String servedBy)
    implements AutoCloseable {
  private static final String PLAIN_JAVA = "plain Java";
  private static final String ENGINE = "engine";

  /** A recommender that serves its own requests: a baseline, or an ensemble with one. */
  static EvaluatedRecommender of(Recommender recommender) {
    return new EvaluatedRecommender(recommender, recommender, "itself");
  }

  /** A model in the engine, served in plain Java if its encoder is incremental. */
  static EvaluatedRecommender of(Recommender engine, @Nullable ServingModel incremental) {
    return incremental == null
        ? new EvaluatedRecommender(engine, engine, ENGINE)
        : new EvaluatedRecommender(
            engine, new ServingRecommender(engine.name(), incremental), PLAIN_JAVA);
  }

  /** A model of any kind. */
  static EvaluatedRecommender of(SavedModel model) {
    return switch (model) {
      case SavedModel.Engine engine -> of(engine.recommender(), engine.incremental());
      case SavedModel.Incremental served ->
        new EvaluatedRecommender(served.recommender(), served.recommender(), PLAIN_JAVA);
      case SavedModel.Baseline baseline -> of(baseline.recommender());
    };
  }

  @Override
  public void close() {
    recommender.close();
  }
}
