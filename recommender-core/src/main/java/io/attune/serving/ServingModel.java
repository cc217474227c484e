package io.attune.serving;

import io.attune.incremental.IncrementalEncoder;
import io.attune.incremental.SessionState;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.model.SafeTensors;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A trained model ready to serve: its encoder in steps, its items, its vocabulary. Needs no engine.
 * Safe for use by several threads.
 *
 * @param version what tells this model from others: the hash of its weights, never empty
 * @param vocabulary items by row
 * @param items what is scored
 * @param encoder what makes query vectors
 */
public record ServingModel(
    String version, Vocabulary vocabulary, ItemVectors items, IncrementalEncoder encoder) {

  public ServingModel {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("a model that is served must have a version");
    }
  }

  /**
   * A model from its directory, read into memory: what others do to the directory afterwards
   * changes nothing of it.
   *
   * @throws ModelException when it is truncated, changed, foreign, of a newer format, or its
   *     weights are not those of its encoder
   * @throws UnsupportedOperationException when its encoder is not incremental
   */
  public static ServingModel open(Path directory) throws IOException {
    return open(Model.open(directory));
  }

  /**
   * A model of which all but the weights has been read.
   *
   * @throws ModelException as {@link #open(Path)}
   * @throws UnsupportedOperationException as {@link #open(Path)}
   */
  public static ServingModel open(Model.ModelHeader model) throws IOException {
    Path file = model.weights();
    Map<String, float[][]> read = new HashMap<>();
    SafeTensors.Content content = model.read((name, shape) -> {
      float[][] room = isTable(name) && shape.length == 2
          ? ItemVectors.allocate(shape[0], shape[1])
          : new float[][] {SafeTensors.array(file, name, shape)};
      read.put(name, room);
      return room;
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
      return of(model.version(), model.manifest(), model.vocabulary(), weights, tables);
    } catch (IllegalArgumentException e) {
      throw new ModelException(file, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * A model in memory, whose arrays are used as they are. Where it has not been saved, its version
   * is the one that it would get.
   *
   * @throws IllegalArgumentException when its weights are not those of its encoder
   * @throws UnsupportedOperationException when its encoder is not incremental
   */
  public static ServingModel of(Model model) {
    Map<String, ItemVectors> tables = new HashMap<>();
    model.weights().forEach((name, tensor) -> {
      if (isTable(name)) {
        tables.put(name, ItemVectors.of(tensor));
      }
    });
    String version = model.version().isEmpty() ? model.versionIfSaved() : model.version();
    return of(version, model.manifest(), model.vocabulary(), model.weights(), tables);
  }

  private static ServingModel of(
      String version,
      Manifest manifest,
      Vocabulary vocabulary,
      Map<String, Tensor> weights,
      Map<String, ItemVectors> tables) {
    EncoderConfig config = manifest.encoder();
    int dimension = config.dimension();
    ItemVectors items = table(tables, Model.ITEMS, vocabulary.size(), dimension);
    ItemVectors inputs = config.similarity().tied()
        ? items
        : table(tables, Model.INPUTS, vocabulary.size(), dimension);
    IncrementalEncoder encoder = IncrementalEncoder.of(config, weights, inputs);
    return new ServingModel(version, vocabulary, items, encoder);
  }

  private static boolean isTable(String name) {
    return name.equals(Model.ITEMS) || name.equals(Model.INPUTS);
  }

  private static ItemVectors table(
      Map<String, ItemVectors> tables, String name, int size, int dimension) {
    ItemVectors table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException(
          "the model's weight " + name + " should be a table of vectors but is missing");
    }
    if (table.size() != size || table.dimension() != dimension) {
      throw new IllegalArgumentException("the model's weight " + name + " should have " + size
          + " rows of " + dimension + " behind its row of padding, but has " + table.size()
          + " of " + table.dimension());
    }
    return table;
  }

  /**
   * How much of the score of an item is its drift, the same for every session; 0 for a model
   * without.
   *
   * @param row of the item
   */
  public float drift(int row) {
    float[] constant = new float[items.dimension()];
    encoder.constantPart(constant);
    return items.dot(constant, row);
  }

  /**
   * What a session of clicks looks for; unknown items are skipped.
   *
   * @param clicks item ids, oldest first
   */
  public SessionVector vector(Iterable<String> clicks) {
    SessionState state = encoder.start();
    for (String id : clicks) {
      int row = vocabulary.row(id);
      if (row != Vocabulary.UNKNOWN) {
        encoder.advance(state, row);
      }
    }
    return vector(state);
  }

  /** What a session looks for after the clicks of a state; empty before the first. */
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
    return new SessionVector(version, query, clicks, shares);
  }
}
