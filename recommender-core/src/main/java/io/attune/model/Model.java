package io.attune.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.session.Sha256;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained model: a directory with a manifest, the vocabulary and the weights.
 *
 * <p>Written beside its place and moved there; read only when every file is what the manifest says.
 *
 * @param manifest what it says of itself
 * @param vocabulary its items
 * @param counts (V): how often each item was clicked in training, row 1 first
 * @param weights the encoder's, and {@code items}, float32 (V + 1, D); also {@code inputs} where
 *     clicks are embedded by vectors of their own
 */
public record Model(
    Manifest manifest, Vocabulary vocabulary, long[] counts, Map<String, Tensor> weights) {
  /** The name of the item vectors among the weights. */
  public static final String ITEMS = "items";

  /** The name of what clicks are embedded by, where that is another table. */
  public static final String INPUTS = "inputs";

  private static final String MANIFEST = ModelDirectory.MANIFEST;
  private static final String VOCABULARY = ModelDirectory.VOCABULARY;
  private static final String WEIGHTS = ModelDirectory.WEIGHTS;

  private static final String CHANGED =
      "truncated or changed: its SHA-256 is not the one in the manifest";

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  private record Items(List<String> ids, long[] counts) {}

  /** What tells this model from others: the SHA-256 of its weights; empty before it is saved. */
  public String version() {
    return version(manifest);
  }

  /** The version that the model would have if it were saved now. */
  public String versionIfSaved() {
    return saved().sha256();
  }

  private SafeTensors saved() {
    return new SafeTensors(weights, Map.of("format", "attune " + Manifest.FORMAT));
  }

  /** The same of a model of which only the manifest has been read. */
  public static String version(Manifest manifest) {
    return manifest.files().getOrDefault(WEIGHTS, "");
  }

  /**
   * Refuses a place that a model could not be put in, before hours are spent on one.
   *
   * @throws IOException as {@link ModelDirectory#requireReplaceable}
   */
  public static void requireWritable(Path directory) throws IOException {
    ModelDirectory.requireReplaceable(directory);
  }

  /**
   * Writes the model, in the place of one of any kind that may be there.
   *
   * @throws IOException as {@link ModelDirectory#replace}
   */
  public void save(Path directory) throws IOException {
    ModelDirectory.replace(directory, beside -> {
      JSON.writeValue(beside.resolve(VOCABULARY).toFile(), new Items(vocabulary.ids(), counts));
      saved().write(beside.resolve(WEIGHTS));
      Map<String, String> files = new TreeMap<>();
      for (String file : List.of(VOCABULARY, WEIGHTS)) {
        files.put(file, Sha256.of(beside.resolve(file)));
      }
      Manifest complete = new Manifest(
          Manifest.FORMAT,
          manifest.encoder(),
          vocabulary.size(),
          manifest.provenance(),
          manifest.epochs(),
          files);
      JSON.writerWithDefaultPrettyPrinter().writeValue(beside.resolve(MANIFEST).toFile(), complete);
    });
  }

  /**
   * Reads a model.
   *
   * @throws ModelException when it is missing, truncated, changed, foreign, or of a newer format
   */
  public static Model load(Path directory) throws IOException {
    ModelHeader model = open(directory);
    Map<String, float[]> values = new LinkedHashMap<>();
    SafeTensors.Content content = model.read((name, shape) -> {
      values.put(name, SafeTensors.array(model.weights, name, shape));
      return new float[][] {values.get(name)};
    });
    return new Model(
        model.manifest, model.vocabulary, model.counts, SafeTensors.tensors(content, values));
  }

  /**
   * A model whose weights are still on disk.
   *
   * @param manifest what it says of itself
   * @param vocabulary its items
   * @param counts (V): how often each item was clicked in training, row 1 first
   * @param weights the file of its weights, which has not been checked
   */
  public record ModelHeader(Manifest manifest, Vocabulary vocabulary, long[] counts, Path weights) {
    /** As {@link Model#version}. */
    public String version() {
      return Model.version(manifest);
    }

    /**
     * Reads the weights, once: what was read is what the manifest says, whatever becomes of the
     * file.
     *
     * @param room for their values, which are right once this has returned
     * @throws ModelException when the file is truncated, changed or foreign
     */
    public SafeTensors.Content read(SafeTensors.Room room) throws IOException {
      SafeTensors.Content content;
      try {
        content = SafeTensors.read(weights, room);
      } catch (ModelException e) {
        // Which is told first: a file that is not the manifest's may be broken in any way.
        throw Sha256.of(weights).equals(version()) ? e : new ModelException(weights, CHANGED, e);
      }
      if (!content.sha256().equals(version())) {
        throw new ModelException(weights, CHANGED);
      }
      return content;
    }
  }

  /**
   * Reads a model without its weights.
   *
   * @throws ModelException as {@link #load}, but for what is wrong with the weights
   */
  public static ModelHeader open(Path directory) throws IOException {
    Manifest manifest = manifest(directory);
    for (String file : List.of(VOCABULARY, WEIGHTS)) {
      if (!manifest.files().containsKey(file)) {
        throw new ModelException(directory.resolve(MANIFEST), "lists no file " + file);
      }
    }
    byte[] vocabulary = {};
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      Path path = directory.resolve(file.getKey());
      if (!isName(file.getKey()) || !Files.isRegularFile(path)) {
        throw new ModelException(path, "missing, though the manifest lists it");
      }
      String hash;
      switch (file.getKey()) {
        case WEIGHTS -> hash = file.getValue(); // checked when they are read
        case VOCABULARY -> {
          vocabulary = Files.readAllBytes(path);
          hash = Sha256.of(vocabulary);
        }
        default -> hash = Sha256.of(path);
      }
      if (!hash.equals(file.getValue())) {
        throw new ModelException(path, CHANGED);
      }
    }
    return unread(directory, manifest, vocabulary);
  }

  private static ModelHeader unread(Path directory, Manifest manifest, byte[] content)
      throws IOException {
    Path file = directory.resolve(VOCABULARY);
    Items items;
    try {
      items = JSON.readValue(content, Items.class);
    } catch (JacksonException e) {
      throw new ModelException(file, "not a vocabulary", e);
    }
    Vocabulary vocabulary = Vocabulary.of(items.ids());
    if (vocabulary.size() != manifest.items() || items.counts().length != vocabulary.size()) {
      throw new ModelException(
          file, "holds " + vocabulary.size() + " items, the manifest " + manifest.items());
    }
    return new ModelHeader(manifest, vocabulary, items.counts(), directory.resolve(WEIGHTS));
  }

  /** Reads the manifest alone. */
  public static Manifest manifest(Path directory) throws IOException {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          directory, Files.exists(directory) ? "no model: it has no " + MANIFEST : "no such model");
    }
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      int format = tree.path("format").asInt(0);
      if (format > Manifest.FORMAT) {
        throw new ModelException(
            file,
            "format " + format + " is newer than " + Manifest.FORMAT
                + ", the newest known here; a newer Attune reads it");
      }
      if (format < 1) {
        throw new ModelException(file, "no manifest of Attune: it has no format number");
      }
      if (tree.path("baseline").isTextual()) {
        throw new ModelException(
            directory,
            "a baseline, " + tree.path("baseline").asText()
                + ", which has no item vectors; name a model with an encoder");
      }
      return JSON.treeToValue(tree, Manifest.class);
    } catch (JacksonException e) {
      throw new ModelException(file, "no manifest of Attune: " + e.getOriginalMessage(), e);
    }
  }

  /** Whether it leads nowhere else. */
  private static boolean isName(String file) {
    Path path = Path.of(file);
    return path.getNameCount() == 1 && !path.isAbsolute() && !file.equals("..");
  }
}
