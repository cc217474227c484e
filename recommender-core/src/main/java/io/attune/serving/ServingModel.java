package io.attune.serving;

import io.attune.incremental.IncrementalEncoder;
import io.attune.incremental.SessionState;
import io.attune.model.ClickedCorrection;
import io.attune.model.EncoderConfig;
import io.attune.model.LearnedBlend;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.model.SafeTensors;
import io.attune.model.TextVectors;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A trained model ready to serve: item vectors, vocabulary and an incremental encoder, without an
 * engine or native code. Immutable and thread-safe.
 *
 * @param version identifies the model: the hash of its weights, never empty
 * @param vocabulary the items by row
 * @param items the item vectors to score
 * @param encoder computes query vectors
 * @param correction computes what is added to the scores of clicked items
 * @param blend how session scores are joined with those of words in a search; null if that was not
 *     learned
 * @param texts the vectors that items have by what is written about them; null if the model was
 *     trained without texts
 */
public record ServingModel(
    String version,
    Vocabulary vocabulary,
    ItemVectors items,
    IncrementalEncoder encoder,
    ClickedCorrection correction,
    @Nullable LearnedBlend blend,
    @Nullable TextVectors texts) {

  public ServingModel {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("version must not be empty");
    }
  }

  /** A model without a correction for clicked items, a learned blend, and texts. */
  public ServingModel(
      String version, Vocabulary vocabulary, ItemVectors items, IncrementalEncoder encoder) {
    this(version, vocabulary, items, encoder, ClickedCorrection.NONE, null, null);
  }

  /**
   * Opens a saved model. It is read into memory, so later changes to the directory do not affect
   * it.
   *
   * @throws ModelException if the model is truncated, modified, not Attune's, of a newer format, or
   *     its weights do not fit its encoder
   * @throws UnsupportedOperationException if its encoder is not incremental
   */
  public static ServingModel open(Path directory) throws IOException {
    return open(Model.open(directory));
  }

  /**
   * Opens a model with items that came after training, whose vectors are made of what is written
   * about them. A model that was trained without texts is opened without them.
   *
   * @param texts by item id, in the order of their rows; those of items that the model has are not
   *     read
   * @throws ModelException as {@link #open(Path)}
   * @throws UnsupportedOperationException as {@link #open(Path)}
   */
  public static ServingModel open(Model.ModelHeader model, Map<String, String> texts)
      throws IOException {
    ServingModel served = open(model);
    boolean isComplete =
        texts.keySet().stream().allMatch(id -> served.vocabulary.row(id) != Vocabulary.UNKNOWN);
    if (served.texts == null || isComplete) {
      return served; // in tables of any size
    }
    try {
      return of(model.load().withItems(texts)).withBlend(model.blend());
    } catch (IllegalArgumentException e) {
      throw new ModelException(model.weights(), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Opens a model of which all but the weights has been read.
   *
   * @throws ModelException as {@link #open(Path)}
   * @throws UnsupportedOperationException as {@link #open(Path)}
   */
  public static ServingModel open(Model.ModelHeader model) throws IOException {
    Path file = model.weights();
    Map<String, float[][]> read = new HashMap<>();
    SafeTensors.Content content = model.read((name, shape) -> {
      float[][] arrays = isTable(name) && shape.length == 2
          ? ItemVectors.allocate(shape[0], shape[1])
          : new float[][] {SafeTensors.newArray(file, name, shape)};
      read.put(name, arrays);
      return arrays;
    });
    Map<String, Tensor> weights = new HashMap<>();
    Map<String, ItemVectors> tables = new HashMap<>();
    try {
      content.shapes().forEach((name, shape) -> {
        float[][] values = Objects.requireNonNull(read.get(name));
        if (isTable(name) && shape.length == 2) {
          tables.put(name, ItemVectors.of(shape[0], shape[1], values));
        } else {
          weights.put(name, new Tensor(shape, values[0]));
        }
      });
      return of(
              model.version(),
              model.manifest(),
              model.vocabulary(),
              model.counts(),
              weights,
              tables)
          .withBlend(model.blend());
    } catch (IllegalArgumentException e) {
      throw new ModelException(file, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Creates a serving model of a model in memory, whose arrays are shared and not copied. If the
   * model has not been saved, it gets the version that it would have when saved.
   *
   * @throws IllegalArgumentException if the weights do not fit the encoder
   * @throws UnsupportedOperationException if the encoder is not incremental
   */
  public static ServingModel of(Model model) {
    Map<String, ItemVectors> tables = new HashMap<>();
    model.weights().forEach((name, tensor) -> {
      if (isTable(name)) {
        tables.put(name, ItemVectors.of(tensor));
      }
    });
    String version = model.version().isEmpty() ? model.versionIfSaved() : model.version();
    return of(
        version, model.manifest(), model.vocabulary(), model.counts(), model.weights(), tables);
  }

  private static ServingModel of(
      String version,
      Manifest manifest,
      Vocabulary vocabulary,
      long[] counts,
      Map<String, Tensor> weights,
      Map<String, ItemVectors> tables) {
    EncoderConfig config = manifest.encoder();
    int dimension = config.dimension();
    ItemVectors items = table(tables, Model.ITEMS, vocabulary.size(), dimension);
    ItemVectors inputs = config.similarity().tied()
        ? items
        : table(tables, Model.INPUTS, vocabulary.size(), dimension);
    IncrementalEncoder encoder = IncrementalEncoder.of(config, weights, inputs);
    return new ServingModel(
        version,
        vocabulary,
        items,
        encoder,
        ClickedCorrection.of(weights),
        null,
        TextVectors.of(config, weights, Model.ITEMS, counts));
  }

  /** The same model with another learned blend; null for none. */
  public ServingModel withBlend(@Nullable LearnedBlend other) {
    return new ServingModel(version, vocabulary, items, encoder, correction, other, texts);
  }

  private static boolean isTable(String name) {
    return name.equals(Model.ITEMS) || name.equals(Model.INPUTS);
  }

  private static ItemVectors table(
      Map<String, ItemVectors> tables, String name, int size, int dimension) {
    ItemVectors table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException(
          "the model's weight " + name + " should be an item table but is missing");
    }
    if (table.size() != size || table.dimension() != dimension) {
      throw new IllegalArgumentException("the model's weight " + name + " should have " + size
          + " rows of " + dimension + " elements after its padding row, but has " + table.size()
          + " rows of " + table.dimension());
    }
    return table;
  }

  /**
   * The same model with fewer layers, to save time at each click. Its item vectors are the same, so
   * an index of this model serves both.
   *
   * @param layers from 1 to the number in training
   * @throws IllegalArgumentException if that is out of bounds, or the encoder is not a Transformer
   *     whose layers share their weights
   */
  public ServingModel shallower(int layers) {
    return new ServingModel(
        version, vocabulary, items, encoder.shallower(layers), correction, blend, texts);
  }

  /**
   * The popularity drift of an item: the part of its score that is the same for every session; 0
   * for a model without drift.
   *
   * @param row the item's row
   */
  public float drift(int row) {
    float[] constant = new float[items.dimension()];
    encoder.constantPart(constant);
    return items.dot(constant, row);
  }

  /**
   * Encodes a session without times; unknown items are skipped.
   *
   * @param clicks item ids, oldest first
   */
  public SessionVector vector(Iterable<String> clicks) {
    SessionState state = encoder.start();
    clicks.forEach(id -> advance(state, Click.of(id)));
    return vector(state);
  }

  /** Advances a state of the encoder by a click; an unknown item is skipped. */
  public void advance(SessionState state, Click click) {
    int row = vocabulary.row(click.item());
    if (row != Vocabulary.UNKNOWN) {
      encoder.advance(state, row, click.time());
    }
  }

  /** Encodes the session of a state; empty before the first click. */
  public SessionVector vector(SessionState state) {
    if (state.clicks() == 0) {
      return SessionVector.empty(version, items.dimension());
    }
    float[] query = new float[items.dimension()];
    float[] shares = encoder.encode(state, query);
    int[] clicks = new int[shares.length];
    for (int i = 0; i < clicks.length; i++) {
      clicks[i] = state.row(i);
    }
    int[] last = state.lastRows();
    return new SessionVector(
        version,
        query,
        correction.scores(last, last.length),
        clicks,
        shares,
        encoder.visits(state));
  }
}
