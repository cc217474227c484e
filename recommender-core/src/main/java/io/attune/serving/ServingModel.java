package io.attune.serving;

import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.model.SafeTensors;
import io.attune.model.Tensor;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained model for serving: vocabulary, item vectors and encoder in plain Java. Immutable, and
 * safe for use by several threads.
 */
public final class ServingModel {
  private final Manifest manifest;
  private final Vocabulary vocabulary;
  private final ItemVectors items;
  private final StepEncoder encoder;
  private final String version;

  private ServingModel(
      Manifest manifest,
      Vocabulary vocabulary,
      ItemVectors items,
      StepEncoder encoder,
      String version) {
    if (items.size() != vocabulary.size()
        || items.dimension() != manifest.encoder().dimension()) {
      throw new IllegalArgumentException("the item vectors are "
          + items.size() + " of " + items.dimension() + " elements, but the model has "
          + vocabulary.size() + " items and dimension "
          + manifest.encoder().dimension());
    }
    this.manifest = manifest;
    this.vocabulary = vocabulary;
    this.items = items;
    this.encoder = encoder;
    this.version = version;
  }

  /**
   * Opens a model. The encoder's weights are read, item vectors are mapped: the directory must not
   * be changed in place while the model is in use, but may be replaced.
   *
   * @throws ModelException when it is missing, truncated, changed, foreign, of a newer format, or
   *     its weights are not those of its encoder
   */
  public static ServingModel open(Path directory) throws IOException {
    Model.Unread model = Model.open(directory);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Map<String, ItemVectors> tables = new LinkedHashMap<>();
    for (Map.Entry<String, SafeTensors.Place> entry :
        SafeTensors.places(model.weights()).entrySet()) {
      String name = entry.getKey();
      SafeTensors.Place place = entry.getValue();
      if (isTable(name) && place.shape().length == 2) {
        int rows = Math.toIntExact(place.shape()[0]);
        int dimension = Math.toIntExact(place.shape()[1]);
        tables.put(name, ItemVectors.map(model.weights(), place.offset(), rows, dimension));
      } else {
        weights.put(name, SafeTensors.read(model.weights(), name, place));
      }
    }
    try {
      return of(
          model.manifest(),
          model.vocabulary(),
          weights,
          tables,
          version(model.manifest(), Map.of()));
    } catch (IllegalArgumentException e) {
      throw new ModelException(model.weights(), e.getMessage(), e);
    }
  }

  /**
   * A model from memory, with its item vectors on the heap.
   *
   * @throws IllegalArgumentException when its weights are not those of its encoder
   */
  public static ServingModel of(Model model) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Map<String, ItemVectors> tables = new LinkedHashMap<>();
    model.weights().forEach((name, tensor) -> {
      if (isTable(name) && tensor.shape().length == 2) {
        tables.put(name, ItemVectors.of(tensor.values(), Math.toIntExact(tensor.shape()[1])));
      } else {
        weights.put(name, tensor);
      }
    });
    return of(
        model.manifest(),
        model.vocabulary(),
        weights,
        tables,
        version(model.manifest(), model.weights()));
  }

  private static ServingModel of(
      Manifest manifest,
      Vocabulary vocabulary,
      Map<String, Tensor> weights,
      Map<String, ItemVectors> tables,
      String version) {
    EncoderConfig config = manifest.encoder();
    ItemVectors items = table(tables, Model.ITEMS);
    ItemVectors inputs = config.items().tied() ? items : table(tables, Model.INPUTS);
    if (inputs.size() != items.size() || inputs.dimension() != items.dimension()) {
      throw new IllegalArgumentException("the tables items and inputs differ in shape");
    }
    StepEncoder encoder = StepEncoder.of(config, weights, inputs);
    return new ServingModel(manifest, vocabulary, items, encoder, version);
  }

  private static boolean isTable(String name) {
    return name.equals(Model.ITEMS) || name.equals(Model.INPUTS);
  }

  private static ItemVectors table(Map<String, ItemVectors> tables, String name) {
    ItemVectors table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException("the model has no table " + name);
    }
    return table;
  }

  /** What the model says of itself. */
  public Manifest manifest() {
    return manifest;
  }

  /** Its items. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Their vectors, by the vocabulary's rows. */
  public ItemVectors items() {
    return items;
  }

  /** Its encoder. */
  public StepEncoder encoder() {
    return encoder;
  }

  /**
   * The rows of a session's items, oldest first; items that the model does not know are left out.
   */
  public int[] rows(List<String> items) {
    return items.stream()
        .mapToInt(vocabulary::row)
        .filter(row -> row != Vocabulary.UNKNOWN)
        .toArray();
  }

  /**
   * Encodes a session from its start.
   *
   * @param clicks rows, oldest first
   */
  public SessionVector vector(int[] clicks) {
    SessionState state = encoder.start();
    for (int row : clicks) {
      encoder.advance(state, row);
    }
    return encoder.query(state);
  }

  /**
   * What tells this model from any other: 16 hexadecimal digits of a hash of encoder, vocabulary
   * and weights. The same model has the same version wherever it is opened.
   */
  public String version() {
    return version;
  }

  /** Of the file hashes in the manifest; of a model that was never saved, of the weights. */
  private static String version(Manifest manifest, Map<String, Tensor> weights) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    EncoderConfig encoder = manifest.encoder();
    digest.update(encoder.toString().getBytes(StandardCharsets.UTF_8));
    if (!manifest.files().isEmpty()) {
      String files = new TreeMap<>(manifest.files()).toString();
      digest.update(files.getBytes(StandardCharsets.UTF_8));
    } else {
      new TreeMap<>(weights).forEach((name, tensor) -> {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.values().length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(tensor.values());
        digest.update(bytes);
      });
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  @Override
  public String toString() {
    return "model " + version + " of " + vocabulary.size() + " items";
  }
}
