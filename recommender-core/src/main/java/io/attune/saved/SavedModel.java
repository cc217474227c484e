package io.attune.saved;

import io.attune.baseline.BaselineModel;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.Torch;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.recommender.Recommender;
import io.attune.serving.ItemVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model of any kind from its directory, ready to recommend: the one place that knows which kinds
 * there are.
 */
public sealed interface SavedModel extends AutoCloseable {

  /**
   * Opens a model.
   *
   * @param name of the recommender, for tables
   * @param target where a neural model computes
   * @throws ModelException when nothing is there, or it is truncated, foreign or of a newer format
   * @throws io.attune.encoder.NoGpuException when a GPU is asked for and there is none
   */
  static SavedModel open(Path directory, String name, Torch.Target target) throws IOException {
    if (BaselineModel.isIn(directory)) {
      return new Simple(BaselineModel.load(directory));
    }
    Model model = Model.load(directory);
    try {
      return new Neural(model, NeuralRecommender.load(model, name, target));
    } catch (IllegalArgumentException e) {
      throw new ModelException(directory, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Opens a model in plain Java, without the engine, which need not be there.
   *
   * @param name of the recommender, for tables
   * @throws ModelException as {@link #open}, and when its encoder must see a session as a whole
   */
  static SavedModel openPlain(Path directory, String name) throws IOException {
    if (BaselineModel.isIn(directory)) {
      return new Simple(BaselineModel.load(directory));
    }
    Model.Unread model = Model.open(directory);
    try {
      return new Plain(new ServingRecommender(name, ServingModel.open(model)), model.counts());
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
   * A session encoder with its item vectors.
   *
   * @param model what was saved
   * @param recommender encodes in batches
   * @param items float32 (V + 1, D)
   * @param steps encodes one click at a time; null where the encoder cannot
   */
  record Neural(
      Model model,
      NeuralRecommender recommender,
      ItemVectors items,
      @Nullable ServingModel steps) implements SavedModel {

    /** A model in memory, and the recommender made of it. */
    public Neural(Model model, NeuralRecommender recommender) {
      this(
          model,
          recommender,
          ItemVectors.of(Objects.requireNonNull(model.weights().get(Model.ITEMS))),
          steps(model));
    }

    private static @Nullable ServingModel steps(Model model) {
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
   * A session encoder that goes click by click in plain Java. Its scores are those of the engine,
   * but for the last digits.
   *
   * @param recommender with its model
   * @param counts (V): how often each item was clicked in training, row 1 first
   */
  record Plain(ServingRecommender recommender, long[] counts) implements SavedModel {
    @Override
    public String version() {
      return recommender.model().version();
    }
  }

  /**
   * A baseline, trained again from the sessions that were saved with it.
   *
   * @param model what was saved
   * @param recommender what was trained
   */
  record Simple(BaselineModel model, Recommender recommender) implements SavedModel {

    /** Trains a baseline. */
    public Simple(BaselineModel model) {
      this(model, model.recommender());
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
}
