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
record Asked(Recommender recommender, Recommender single, String path) implements AutoCloseable {
  private static final String PLAIN = "plain Java";
  private static final String ENGINE = "engine";

  /** What can be served only as it is: a baseline, or an ensemble, which has a neural part. */
  static Asked of(Recommender recommender) {
    return new Asked(recommender, recommender, "as it is");
  }

  /** A neural model in the engine, and in plain Java where its encoder goes click by click. */
  static Asked of(Recommender engine, @Nullable ServingModel steps) {
    return steps == null
        ? new Asked(engine, engine, ENGINE)
        : new Asked(engine, new ServingRecommender(engine.name(), steps), PLAIN);
  }

  /** A model of any kind. */
  static Asked of(SavedModel model) {
    return switch (model) {
      case SavedModel.Neural neural -> of(neural.recommender(), neural.steps());
      case SavedModel.Plain plain -> new Asked(plain.recommender(), plain.recommender(), PLAIN);
      case SavedModel.Simple simple -> of(simple.recommender());
    };
  }

  @Override
  public void close() {
    recommender.close();
  }
}
