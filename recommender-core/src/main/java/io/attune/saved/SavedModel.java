package io.attune.saved;

import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.ModelDirectory;
import io.attune.model.ModelException;
import io.attune.recommender.Recommender;
import io.attune.recommender.VectorRecommender;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model of any kind, opened from its directory and ready to recommend. What is not built in here
 * is opened by the {@link ModelOpener}s on the class path.
 */
public sealed interface SavedModel extends AutoCloseable {

  /**
   * Opens a model to answer in batches: a session encoder in the engine, or a baseline.
   *
   * @param name of the recommender, for tables
   * @param device where an encoder computes
   * @throws ModelException when nothing is there, it is truncated, foreign or of a newer format, or
   *     what opens its kind is not on the class path
   * @throws io.attune.model.NoGpuException when a GPU is asked for and there is none
   */
  static SavedModel open(Path directory, String name, ComputeDevice device) throws IOException {
    ModelOpener.Kind kind =
        ModelDirectory.isBaseline(directory) ? ModelOpener.Kind.BASELINE : ModelOpener.Kind.ENGINE;
    return ModelOpener.of(kind, directory).open(directory, name, device);
  }

  /**
   * Opens a model in plain Java, without an engine: an encoder that goes click by click, or a
   * baseline.
   *
   * @param name of the recommender, for tables
   * @throws ModelException as {@link #open}, and when its encoder must see a session as a whole
   */
  static SavedModel openIncremental(Path directory, String name) throws IOException {
    if (ModelDirectory.isBaseline(directory)) {
      return open(directory, name, ComputeDevice.CPU);
    }
    Model.ModelHeader model = Model.open(directory);
    try {
      return new Incremental(
          new ServingRecommender(name, ServingModel.open(model)), model.counts());
    } catch (UnsupportedOperationException e) {
      throw new ModelException(directory, String.valueOf(e.getMessage()), e);
    }
  }

  /** It as a recommender, which {@link #close} closes. */
  Recommender recommender();

  /** What tells this model from others. */
  String version();

  /**
   * How often each item was clicked in training.
   *
   * @return (V), row 1 first
   */
  long[] counts();

  /** The items. */
  default Vocabulary vocabulary() {
    return recommender().vocabulary();
  }

  @Override
  default void close() {
    recommender().close();
  }

  /**
   * A session encoder in the engine, for batches on CPU or GPU.
   *
   * @param model what was saved
   * @param recommender encodes in batches
   * @param items float32 (V + 1, D)
   * @param incremental the same in plain Java, one click at a time; null where the encoder must see
   *     a session as a whole
   */
  record Engine(
      Model model,
      VectorRecommender recommender,
      ItemVectors items,
      @Nullable ServingModel incremental)
      implements SavedModel {

    /** A model in memory, and the recommender made of it. */
    public Engine(Model model, VectorRecommender recommender) {
      this(
          model,
          recommender,
          ItemVectors.of(Objects.requireNonNull(model.weights().get(Model.ITEMS))),
          incremental(model));
    }

    private static @Nullable ServingModel incremental(Model model) {
      try {
        return ServingModel.of(model);
      } catch (UnsupportedOperationException e) {
        return null;
      }
    }

    @Override
    public String version() {
      return model.version();
    }

    @Override
    public long[] counts() {
      return model.counts();
    }
  }

  /**
   * A session encoder in plain Java, one click at a time. Its scores are those of the engine, but
   * for the last digits.
   *
   * @param recommender with its model
   * @param counts (V): how often each item was clicked in training, row 1 first
   */
  record Incremental(ServingRecommender recommender, long[] counts) implements SavedModel {
    @Override
    public String version() {
      return recommender.model().version();
    }
  }

  /**
   * A baseline, trained again from the sessions that were saved with it.
   *
   * @param settings its name with all settings, such as {@code v-sknn:k=100,sample=1000}
   * @param version of the settings and the sessions
   * @param counts (V): how often each item was clicked in training, row 1 first
   * @param recommender what was trained
   */
  record Baseline(String settings, String version, long[] counts, Recommender recommender)
      implements SavedModel {}
}
