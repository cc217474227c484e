package io.attune.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.session.Sha256;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trained model: manifest, vocabulary and weights, stored in one directory.
 *
 * <p>It is written beside its target and moved into place. When it is read, every file is checked
 * against the manifest. A {@link LearnedBlend} may lie beside the weights; a model that is saved
 * anew has none, since a blend is learned on the scores of one model.
 *
 * @param manifest the model's description of itself
 * @param vocabulary its items
 * @param counts (V): number of training clicks of each item, row 1 first
 * @param weights the weights of the encoder; {@code items}, float32 (V + 1, D); {@code inputs} if
 *     clicks are embedded with separate vectors; {@code clicked} if the model has a
 *     {@link ClickedCorrection}; and a {@link TextMap} of each table if it was trained with texts
 */
public record Model(
    Manifest manifest, Vocabulary vocabulary, long[] counts, Map<String, Tensor> weights) {
  /** The name of the item vectors among the weights. */
  public static final String ITEMS = "items";

  /** The name of the vectors that clicks are embedded with, if they are separate. */
  public static final String INPUTS = "inputs";

  private static final String MANIFEST = ModelDirectory.MANIFEST;
  private static final String VOCABULARY = ModelDirectory.VOCABULARY;
  private static final String WEIGHTS = ModelDirectory.WEIGHTS;
  private static final String BLEND = ModelDirectory.BLEND;

  static final String CHANGED = "truncated or changed: its SHA-256 differs from the manifest";

  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  private record Items(List<String> ids, long[] counts) {}

  /** The model's version: the SHA-256 of its weights; empty before it is saved. */
  public String version() {
    return version(manifest);
  }

  /** The version that the model would get if it were saved now. */
  public String versionIfSaved() {
    return saved().sha256();
  }

  private SafeTensors saved() {
    return new SafeTensors(weights, Map.of("format", "attune " + Manifest.FORMAT));
  }

  /**
   * The model with more items, whose vectors are made of what is written about them. They follow
   * the others, in the order of the map, with no clicks. Items that the model has are left as they
   * are, and items of whose text no word is known are left out.
   *
   * @param texts by item id
   * @return this model if it was trained without texts, or no item is added
   * @throws IllegalArgumentException if what it keeps of texts does not fit its encoder
   */
  public Model withItems(Map<String, String> texts) {
    TextVectors words = TextVectors.of(this);
    Map<String, float[]> added = new LinkedHashMap<>();
    if (words != null) {
      texts.forEach((id, text) -> {
        float[] vector = vocabulary.row(id) == Vocabulary.UNKNOWN ? words.vector(text) : null;
        if (vector != null) {
          added.put(id, vector);
        }
      });
    }
    if (added.isEmpty()) {
      return this;
    }
    List<String> ids = new ArrayList<>(vocabulary.ids());
    ids.addAll(added.keySet());
    Map<String, Tensor> all = new LinkedHashMap<>(weights);
    all.computeIfPresent(ITEMS, (name, table) -> table.above(added.values()));
    TextVectors inputs = TextVectors.of(manifest.encoder(), weights, INPUTS, counts);
    all.computeIfPresent(
        INPUTS,
        (name, table) -> table.above(added.keySet().stream()
            .map(id -> inputs == null ? null : inputs.vector(texts.getOrDefault(id, "")))
            .map(vector -> vector == null ? new float[manifest.encoder().dimension()] : vector)
            .toList()));
    Manifest more = new Manifest(
        manifest.format(),
        manifest.encoder(),
        ids.size(),
        manifest.provenance(),
        manifest.epochs(),
        manifest.files());
    return new Model(more, Vocabulary.of(ids), Arrays.copyOf(counts, ids.size()), all);
  }

  /** The version of a model by its manifest. */
  public static String version(Manifest manifest) {
    return manifest.files().getOrDefault(WEIGHTS, "");
  }

  /**
   * Checks that a model could be saved to a directory, before hours are spent on training it.
   *
   * @throws IOException as {@link ModelDirectory#requireReplaceable}
   */
  public static void requireWritable(Path directory) throws IOException {
    ModelDirectory.requireReplaceable(directory);
  }

  /**
   * Saves the model, replacing a model of any kind.
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
   * Adds a blend to a saved model, or replaces the one that it has. The model's version does not
   * change.
   *
   * @param version the version of the model that the blend was learned on
   * @throws ModelException if the directory does not hold this version
   * @throws IOException as {@link ModelDirectory#replace}
   */
  public static void saveBlend(Path directory, String version, LearnedBlend blend)
      throws IOException {
    requireVersion(directory, version);
    ModelDirectory.replace(directory, beside -> {
      for (String file : manifest(directory).files().keySet()) {
        if (!file.equals(BLEND)) {
          Files.copy(directory.resolve(file), beside.resolve(file));
        }
      }
      blend.write(beside.resolve(BLEND));
      // The tree is changed, so that nothing is lost that another version wrote.
      ObjectNode tree = (ObjectNode) JSON.readTree(directory.resolve(MANIFEST).toFile());
      tree.withObjectProperty("files").put(BLEND, Sha256.of(beside.resolve(BLEND)));
      JSON.writerWithDefaultPrettyPrinter().writeValue(beside.resolve(MANIFEST).toFile(), tree);
      requireVersion(beside, version);
      if (!Sha256.of(beside.resolve(WEIGHTS)).equals(version)) {
        throw new ModelException(directory.resolve(WEIGHTS), CHANGED);
      }
    });
  }

  private static void requireVersion(Path directory, String version) throws IOException {
    if (!version(manifest(directory)).equals(version)) {
      throw new ModelException(
          directory, "has been replaced by another model meanwhile; learn the blend anew");
    }
  }

  /**
   * Reads a model into memory.
   *
   * @throws ModelException if it is missing, truncated, modified, not Attune's, or of a newer
   *     format
   */
  public static Model load(Path directory) throws IOException {
    return open(directory).load();
  }

  /**
   * A model whose weights have not been read yet.
   *
   * @param manifest the model's description of itself
   * @param vocabulary its items
   * @param counts (V): number of training clicks of each item, row 1 first
   * @param weights the file with its weights, not yet checked
   * @param blend how its session scores are joined with those of words; null if that was not
   *     learned
   */
  public record ModelHeader(
      Manifest manifest,
      Vocabulary vocabulary,
      long[] counts,
      Path weights,
      @Nullable LearnedBlend blend) {
    /** As {@link Model#version}. */
    public String version() {
      return Model.version(manifest);
    }

    /**
     * Reads the model into memory.
     *
     * @throws ModelException as {@link #read}
     */
    public Model load() throws IOException {
      Map<String, float[]> values = new LinkedHashMap<>();
      SafeTensors.Content content = read((name, shape) -> {
        values.put(name, SafeTensors.newArray(weights, name, shape));
        return new float[][] {values.get(name)};
      });
      return new Model(manifest, vocabulary, counts, SafeTensors.tensors(content, values));
    }

    /**
     * Reads the weights in one pass, so that what is returned matches the manifest even if the file
     * is modified meanwhile.
     *
     * @param allocator allocates arrays for the values, which are valid once this method has
     *     returned
     * @throws ModelException if the file is truncated, modified or not in the right format
     */
    public SafeTensors.Content read(SafeTensors.Allocator allocator) throws IOException {
      SafeTensors.Content content;
      try {
        content = SafeTensors.read(weights, allocator);
      } catch (ModelException e) {
        // A wrong checksum is reported first, since such a file may be broken in any way.
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
   * @throws ModelException as {@link #load}, except for defects of the weights
   */
  public static ModelHeader open(Path directory) throws IOException {
    Manifest manifest = manifest(directory);
    for (String file : List.of(VOCABULARY, WEIGHTS)) {
      if (!manifest.files().containsKey(file)) {
        throw new ModelException(directory.resolve(MANIFEST), "does not list the file " + file);
      }
    }
    byte[] vocabulary = {};
    LearnedBlend blend = null;
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      Path path = directory.resolve(file.getKey());
      if (!isName(file.getKey()) || !Files.isRegularFile(path)) {
        throw new ModelException(path, "missing, but listed in the manifest");
      }
      String hash;
      switch (file.getKey()) {
        case WEIGHTS -> hash = file.getValue(); // checked when they are read
        case VOCABULARY -> {
          vocabulary = Files.readAllBytes(path);
          hash = Sha256.of(vocabulary);
        }
        case BLEND -> {
          byte[] content = Files.readAllBytes(path);
          hash = Sha256.of(content);
          blend = hash.equals(file.getValue()) ? LearnedBlend.read(path, content) : null;
        }
        default -> hash = Sha256.of(path);
      }
      if (!hash.equals(file.getValue())) {
        throw new ModelException(path, CHANGED);
      }
    }
    return header(directory, manifest, vocabulary, blend);
  }

  private static ModelHeader header(
      Path directory, Manifest manifest, byte[] content, @Nullable LearnedBlend blend)
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
          file, "has " + vocabulary.size() + " items, but the manifest says " + manifest.items());
    }
    return new ModelHeader(manifest, vocabulary, items.counts(), directory.resolve(WEIGHTS), blend);
  }

  /**
   * Reads the manifest only.
   *
   * @throws ModelException if there is none, it is not that of a model with an encoder, or it is of
   *     a newer format
   */
  public static Manifest manifest(Path directory) throws IOException {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          directory,
          Files.exists(directory) ? "not a model: it has no " + MANIFEST : "no such model");
    }
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      int format = tree.path("format").asInt(0);
      if (format > Manifest.FORMAT) {
        throw new ModelException(
            file,
            "format " + format + " is newer than " + Manifest.FORMAT
                + ", the newest that this version reads; use a newer Attune");
      }
      if (format < 1) {
        throw new ModelException(file, "not an Attune manifest: it has no format number");
      }
      if (tree.path("baseline").isTextual()) {
        throw new ModelException(
            directory,
            "a baseline (" + tree.path("baseline").asText()
                + "), which has no item vectors; name a model with an encoder");
      }
      return JSON.treeToValue(tree, Manifest.class);
    } catch (JacksonException e) {
      throw new ModelException(file, "not an Attune manifest: " + e.getOriginalMessage(), e);
    }
  }

  /** Whether it is a plain file name that does not lead out of the directory. */
  private static boolean isName(String file) {
    Path path = Path.of(file);
    return path.getNameCount() == 1 && !path.isAbsolute() && !file.equals("..");
  }
}
