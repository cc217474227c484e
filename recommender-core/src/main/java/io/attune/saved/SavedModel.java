package io.attune.saved;

import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.ModelDirectory;
import io.attune.model.ModelException;
import io.attune.model.TextVectors;
import io.attune.recommender.Recommender;
import io.attune.recommender.VectorRecommender;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A saved model of any kind, opened as a recommender. Kinds that this library cannot open itself
 * need an {@code attune-djl} or {@code attune-offline} on the class path.
 */
public sealed interface SavedModel extends AutoCloseable {

  /**
   * Opens a model for batches: a session encoder in the engine, or a baseline.
   *
   * @param name the recommender's name, for tables
   * @param device where an encoder runs
   * @throws ModelException if there is no model, it is truncated, not Attune's or of a newer
   *     format, or the library that opens its kind is not on the class path
   * @throws io.attune.model.NoGpuException if a GPU is requested and there is none
   */
  static SavedModel open(Path directory, String name, ComputeDevice device) throws IOException {
    return open(directory, name, device, Map.of());
  }

  /**
   * Opens a model for batches, with items that came after training: a session encoder that was
   * trained with texts gives them vectors by their words, and other models do not know them.
   *
   * @param name as in {@link #open(Path, String, ComputeDevice)}
   * @param device as there
   * @param texts what is written about items, by id; those that the model knows are not read
   * @throws ModelException as there
   * @throws io.attune.model.NoGpuException as there
   */
  static SavedModel open(
      Path directory, String name, ComputeDevice device, Map<String, String> texts)
      throws IOException {
    ModelOpener.Kind kind =
        ModelDirectory.isBaseline(directory) ? ModelOpener.Kind.BASELINE : ModelOpener.Kind.ENGINE;
    return ModelOpener.of(kind, directory).open(directory, name, device, texts);
  }

  /**
   * Opens a model without an engine: an incremental encoder in plain Java, or a baseline.
   *
   * @param name the recommender's name, for tables
   * @throws ModelException as {@link #open}, and if its encoder is not incremental
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

  /** The model as a recommender, which {@link #close} closes. */
  Recommender recommender();

  /** Identifies the model. */
  String version();

  /**
   * The number of training clicks of each item.
   *
   * @return (V), row 1 first
   */
  long[] counts();

  /** The model's items. */
  default Vocabulary vocabulary() {
    return recommender().vocabulary();
  }

  /** Whether its item vectors were not trained here, so that they need no clicks. */
  default boolean isImported() {
    return this instanceof Engine engine
        && engine.model().manifest().provenance().imported() != null;
  }

  /** The model that takes one step per click; null for a baseline or an encoder that cannot. */
  default @Nullable ServingModel stepwise() {
    return switch (this) {
      case Engine engine -> engine.incremental();
      case Incremental incremental -> incremental.recommender().model();
      case Baseline baseline -> null;
    };
  }

  /** Whether the model was trained with texts, so that it knows items by their words. */
  default boolean readsTexts() {
    return switch (this) {
      case Engine engine -> TextVectors.of(engine.model()) != null;
      case Incremental incremental -> incremental.recommender().model().texts() != null;
      case Baseline baseline -> false;
    };
  }

  @Override
  default void close() {
    recommender().close();
  }

  /**
   * A session encoder that runs in the engine, for batches on CPU or GPU.
   *
   * @param model the saved model
   * @param recommender encodes in batches
   * @param items float32 (V + 1, D)
   * @param incremental the same encoder in plain Java; null if it is not incremental
   */
  record Engine(
      Model model,
      VectorRecommender recommender,
      ItemVectors items,
      @Nullable ServingModel incremental)
      implements SavedModel {

    /** A model in memory with its recommender. */
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
   * A session encoder in plain Java, one step per click. Its scores equal those of the engine up to
   * rounding.
   *
   * @param recommender the recommender, with its model
   * @param counts (V): number of training clicks of each item, row 1 first
   */
  record Incremental(ServingRecommender recommender, long[] counts) implements SavedModel {
    @Override
    public String version() {
      return recommender.model().version();
    }
  }

  /**
   * A baseline, retrained from the sessions that were saved with it.
   *
   * @param settings its name with all settings, such as {@code v-sknn:k=100,sample=1000}
   * @param version hash of the settings and the sessions
   * @param counts (V): number of training clicks of each item, row 1 first
   * @param recommender the trained baseline
   */
  record Baseline(String settings, String version, long[] counts, Recommender recommender)
      implements SavedModel {}
}
