package io.attune.cli;

import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import org.jspecify.annotations.Nullable;

/**
 * A recommender that is evaluated, and what would answer single requests in its place where it is
 * served: a neural model answers those in plain Java, without the engine.
 *
 * @param recommender answers in batches; closed with this
 * @param single answers one request at a time; may be the same
 * @param path in a word, how the single requests are answered
 */
record EvaluatedRecommender(Recommender recommender, Recommender single, String path)
    implements AutoCloseable {
  private static final String PLAIN = "plain Java";
  private static final String ENGINE = "engine";

  /** What can be served only as it is: a baseline, or an ensemble, which has a neural part. */
  static EvaluatedRecommender of(Recommender recommender) {
    return new EvaluatedRecommender(recommender, recommender, "as it is");
  }

  /** A neural model in the engine, and in plain Java where its encoder goes click by click. */
  static EvaluatedRecommender of(Recommender engine, @Nullable ServingModel steps) {
    return steps == null
        ? new EvaluatedRecommender(engine, engine, ENGINE)
        : new EvaluatedRecommender(engine, new ServingRecommender(engine.name(), steps), PLAIN);
  }

  /** A model of any kind. */
  static EvaluatedRecommender of(SavedModel model) {
    return switch (model) {
      case SavedModel.Engine neural -> of(neural.recommender(), neural.incremental());
      case SavedModel.Incremental plain ->
        new EvaluatedRecommender(plain.recommender(), plain.recommender(), PLAIN);
      case SavedModel.Baseline simple -> of(simple.recommender());
    };
  }

  @Override
  public void close() {
    recommender.close();
  }
}
