package io.attune.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.attune.model.EncoderConfig;
import io.attune.training.Preset;
import io.attune.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is trained and how: a preset, over it a YAML file, over that single keys.
 *
 * <p>Keys are dotted paths such as {@code training.epochs}; a shorter one such as {@code epochs} or
 * {@code similarity.scale} will do where only one path ends with it. A key that the defaults lack,
 * or a value of another kind than theirs, is refused.
 */
record Configuration(EncoderConfig encoder, TrainingConfig training) {
  private static final String ENCODER = "encoder";
  private static final String TRAINING = "training";
  private static final String TYPE = "type";

  /** Keys and encoders that had another name; files and scripts of before go on working. */
  private static final Map<String, String> RENAMED = Map.of(
      "items", "similarity",
      "newest", "recencyShare",
      "trend", "popularityDrift",
      "sampler", "samplingDistribution",
      "itemStart", "itemInitialization",
      "averaging", "weightAveraging",
      "memory", "stamp",
      "pair", "ensemble");

  private static final YAMLMapper YAML = YAMLMapper.builder()
      .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
      .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
      .build();

  Configuration {
    training.outcome(encoder); // Refused here what training would refuse.
  }

  /**
   * The configuration of a command line.
   *
   * @param preset what everything else overrides
   * @param encoder kind of encoder; null: as the file says, else the preset's
   * @param file in YAML, null for none
   * @param settings values by key
   * @throws IllegalArgumentException when a key or a value is refused; the message says what there
   *     is
   */
  static Configuration of(
      Preset preset, @Nullable String encoder, @Nullable Path file, Map<String, String> settings)
      throws IOException {
    JsonNode given = file == null ? YAML.createObjectNode() : read(file);
    String usual = YAML.valueToTree(preset.encoder()).path(TYPE).asText();
    String type = today(encoder == null ? given.path(ENCODER).path(TYPE).asText(usual) : encoder);
    EncoderConfig base = type.equals(usual) ? preset.encoder() : defaults(type);
    return new Configuration(base, preset.training()).with(given, file, settings);
  }

  /** This, with the values of a file and single keys over it. */
  Configuration with(@Nullable Path file, Map<String, String> settings) throws IOException {
    return with(file == null ? YAML.createObjectNode() : read(file), file, settings);
  }

  private Configuration with(JsonNode given, @Nullable Path file, Map<String, String> settings) {
    ObjectNode tree = tree();
    overlay(tree, given, "", Objects.requireNonNullElse(file, "").toString());
    settings.forEach((key, value) -> set(tree, key, value));
    return new Configuration(
        bind(tree, ENCODER, EncoderConfig.class), bind(tree, TRAINING, TrainingConfig.class));
  }

  /** As a YAML file that gives the same configuration. */
  String yaml() {
    try {
      return YAML.writeValueAsString(tree());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration can be written", e);
    }
  }

  /** The values that another configuration has otherwise, by their keys for {@code --set}. */
  Map<String, String> differences(Configuration other) {
    ObjectNode mine = tree();
    ObjectNode theirs = other.tree();
    Map<String, String> different = new LinkedHashMap<>();
    for (String path : leaves(mine, "")) {
      JsonNode value = mine.at(pointer(path));
      if (!value.equals(theirs.at(pointer(path)))) {
        different.put(path.substring(path.indexOf('.') + 1), value.asText());
      }
    }
    return different;
  }

  /**
   * The parts of what keys mean: {@code encoder}, {@code similarity} and {@code scale} where
   * {@code scale} is the only key.
   */
  Set<String> parts(Set<String> keys) {
    ObjectNode tree = tree();
    return keys.stream()
        .flatMap(key -> Arrays.stream(path(tree, key).split("\\.")))
        .collect(Collectors.toSet());
  }

  private ObjectNode tree() {
    ObjectNode tree = YAML.createObjectNode();
    tree.set(ENCODER, YAML.valueToTree(encoder));
    tree.set(TRAINING, YAML.valueToTree(training));
    return tree;
  }

  private static EncoderConfig defaults(String type) {
    EncoderConfig shipped = EncoderConfig.defaults().get(type);
    if (shipped == null) {
      throw new IllegalArgumentException("an encoder must be one of "
          + String.join(", ", EncoderConfig.defaults().keySet()) + ", but is '" + type + "'");
    }
    return shipped;
  }

  private static JsonNode read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try {
      JsonNode tree = YAML.readTree(file.toFile());
      return tree == null || tree.isMissingNode() || tree.isNull() ? YAML.createObjectNode() : tree;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String line = at == null ? "" : ":" + at.getLineNr();
      String problem = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new IllegalArgumentException(file + line + ": not YAML: " + problem, e);
    }
  }

  /** Puts values over those of the same paths. */
  private static void overlay(ObjectNode tree, JsonNode given, String path, String source) {
    if (!given.isObject()) {
      throw new IllegalArgumentException("%s: expected keys below %s, not %s"
          .formatted(source, path.isEmpty() ? "the top" : "'" + path + "'", given));
    }
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      String name = today(entry.getKey());
      String key = path.isEmpty() ? name : path + "." + name;
      JsonNode present = tree.get(name);
      if (present == null) {
        throw new IllegalArgumentException("%s: there is no key '%s'; there are %s"
            .formatted(source, key, String.join(", ", leaves(tree, path))));
      }
      if (present instanceof ObjectNode object) {
        overlay(object, entry.getValue(), key, source);
      } else {
        tree.set(name, value(key, present, entry.getValue(), source + ": "));
      }
    }
  }

  /** The paths of all values below a path. */
  private static List<String> leaves(ObjectNode tree, String path) {
    List<String> keys = new ArrayList<>();
    collect(tree, path, keys);
    return keys;
  }

  private static void collect(ObjectNode tree, String path, List<String> keys) {
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      if (entry.getValue() instanceof ObjectNode object) {
        collect(object, key, keys);
      } else {
        keys.add(key);
      }
    }
  }

  private static void set(ObjectNode tree, String key, String text) {
    String path = path(tree, key);
    int dot = path.lastIndexOf('.');
    ObjectNode parent = (ObjectNode) tree.at(pointer(path.substring(0, dot)));
    String leaf = path.substring(dot + 1);
    parent.set(leaf, value(path, parent.path(leaf), TextNode.valueOf(text.strip()), ""));
  }

  private static String pointer(String path) {
    return "/" + path.replace('.', '/');
  }

  /** What a key or an encoder is called today. */
  static String today(String name) {
    return RENAMED.getOrDefault(name, name);
  }

  /** The one path that a key stands for. */
  private static String path(ObjectNode tree, String written) {
    String key = Arrays.stream(written.split("\\.", -1))
        .map(Configuration::today)
        .collect(Collectors.joining("."));
    List<String> all = leaves(tree, "");
    List<String> meant = all.contains(key)
        ? List.of(key)
        : all.stream().filter(path -> path.endsWith("." + key)).toList();
    if (meant.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no key '" + key + "'; there are " + String.join(", ", all));
    }
    if (meant.size() > 1) {
      throw new IllegalArgumentException("the key '" + key + "' may mean "
          + String.join(" or ", meant) + ": write the longer one");
    }
    return meant.getFirst();
  }

  /** The given value as the kind of value that is there now. */
  private static JsonNode value(String key, JsonNode present, JsonNode given, String source) {
    String text = given.asText().strip();
    if (given.isNull() || given.isContainerNode() || text.isEmpty()) {
      throw refused(source, key, "must have a value", given);
    }
    if (key.equals(ENCODER + "." + TYPE) && !present.asText().equals(today(text))) {
      throw refused(source, key, "is '" + present.asText() + "', given by --encoder", given);
    }
    try {
      if (present.isIntegralNumber()) {
        return YAML.getNodeFactory().numberNode(Integer.parseInt(text));
      }
      if (present.isFloatingPointNumber()) {
        return YAML.getNodeFactory().numberNode(Double.parseDouble(text));
      }
    } catch (NumberFormatException e) {
      String kind = present.isIntegralNumber() ? "a whole number" : "a number";
      throw refused(source, key, "must be " + kind, given);
    }
    if (present.isBoolean()) {
      if (!text.equals("true") && !text.equals("false")) {
        throw refused(source, key, "must be true or false", given);
      }
      return YAML.getNodeFactory().booleanNode(Boolean.parseBoolean(text));
    }
    return TextNode.valueOf(key.equals(ENCODER + "." + TYPE) ? today(text) : text);
  }

  private static IllegalArgumentException refused(
      String source, String key, String rule, JsonNode given) {
    String shown = given.isTextual() ? "'" + given.asText() + "'" : given.toString();
    return new IllegalArgumentException(source + key + " " + rule + ", not " + shown);
  }

  private static <T> T bind(ObjectNode tree, String section, Class<T> type) {
    try {
      return YAML.treeToValue(tree.get(section), type);
    } catch (InvalidFormatException e) {
      Object[] choices = e.getTargetType().getEnumConstants();
      throw new IllegalArgumentException(
          choices == null
              ? path(section, e) + ": " + e.getOriginalMessage()
              : "%s must be one of %s, not '%s'"
                  .formatted(path(section, e), names(choices), e.getValue()),
          e);
    } catch (JsonMappingException e) {
      // What the records themselves refuse.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(path(section, e) + ": " + cause.getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(section + ": " + e.getOriginalMessage(), e);
    }
  }

  private static String names(Object[] choices) {
    return Arrays.stream(choices)
        .map(choice -> YAML.convertValue(choice, String.class))
        .collect(Collectors.joining(", "));
  }

  private static String path(String section, JsonMappingException problem) {
    return problem.getPath().stream()
        .map(JsonMappingException.Reference::getFieldName)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(".", section + ".", ""))
        .replaceAll("\\.$", "");
  }
}
