package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.attune.encoder.EncoderConfigs;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.TrainedModels;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of format 1, whose manifests call encoders, keys and values by other names. */
class EarlierModelsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Map<String, String> KEYS = Map.of(
      "similarity", "items",
      "recencyShare", "newest",
      "popularityDrift", "trend",
      "samplingDistribution", "sampler",
      "itemInitialization", "itemStart",
      "weightAveraging", "averaging");

  private static final Map<String, String> VALUES = Map.of(
      "stamp", "memory",
      "ensemble", "pair",
      "drift", "trend",
      "bidirectional", "both",
      "independent", "own",
      "stamp select", "memory select",
      "stamp refit", "memory refit");

  /** What is named differently has another value than the shipped one, so that it must be read. */
  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .stepTargets(64)
      .validation(0.1)
      .refit(true)
      .recencyShare(0.5)
      .popularityDrift(0.2)
      .sampledEpochs(1)
      .samplingDistribution(SamplingDistribution.LOG_UNIFORM)
      .weightAveraging(0.4)
      .build();

  private final Sessions sessions = Chains.sessions(100, 1);

  @TempDir
  private Path folder;

  static Stream<EncoderConfig> served() {
    TransformerConfig transformer = TransformerConfig.builder().dimension(12).build();
    StampConfig stamp = StampConfig.builder().dimension(8).build();
    return Stream.of(
        NarmConfig.builder().dimension(8).hidden(8).build(),
        transformer,
        GruConfig.builder().dimension(8).hidden(8).build(),
        stamp,
        new EnsembleConfig(stamp, transformer));
  }

  static Stream<EncoderConfig> all() {
    return Stream.concat(served(), Stream.of(EncoderConfigs.bidirectional()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void oneOpensAndIsTrainedAgainToTheSameNumbers(EncoderConfig encoder) throws IOException {
    Model made = train(encoder);
    Path earlier = earlier(made);

    Model opened = Model.load(earlier);
    assertThat(opened.manifest().format()).isEqualTo(1);
    assertThat(opened.manifest().encoder()).isEqualTo(made.manifest().encoder());
    assertThat(opened.weights()).isEqualTo(made.weights());
    assertThat(best(SavedModel.open(earlier, "earlier", ComputeDevice.CPU)))
        .isEqualTo(best(SavedModel.open(saved(made), "made", ComputeDevice.CPU)));

    Model again = Training.again(opened.manifest(), sessions, () -> 0)
        .device(ComputeDevice.CPU)
        .train()
        .model();
    assertThat(again.weights()).isEqualTo(made.weights());
    assertThat(again.manifest().encoder()).isEqualTo(made.manifest().encoder());
    assertThat(again.manifest().provenance()).isEqualTo(made.manifest().provenance());
  }

  @ParameterizedTest
  @MethodSource("served")
  void oneIsServedIncrementally(EncoderConfig encoder) throws IOException {
    Model made = train(encoder);
    assertThat(best(SavedModel.openIncremental(earlier(made), "earlier")))
        .isEqualTo(best(SavedModel.openIncremental(saved(made), "made")));
  }

  private Model train(EncoderConfig encoder) {
    return Training.of(sessions, () -> 0)
        .encoder(encoder)
        .training(TRAINING)
        .filters(new Filters(3, 2))
        .device(ComputeDevice.CPU)
        .seed(7)
        .train()
        .model();
  }

  private static List<Recommendation> best(SavedModel model) {
    try (model) {
      return model.recommender().top(new Prefix(new int[] {1, 2, 3}, 3), 5, false);
    }
  }

  private Path saved(Model model) throws IOException {
    Path directory = folder.resolve("model");
    model.save(directory);
    return directory;
  }

  /** The model as it was written before. */
  private Path earlier(Model model) throws IOException {
    Path directory = folder.resolve("earlier");
    model.save(directory);
    Path file = directory.resolve("manifest.json");
    ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
    manifest.put("format", 1);
    ObjectNode provenance = (ObjectNode) manifest.get("provenance");
    manifest.set("encoder", earlier(manifest.get("encoder")));
    manifest.set("epochs", earlier(manifest.get("epochs")));
    provenance.set("training", earlier(provenance.get("training")));
    JSON.writeValue(file.toFile(), manifest);
    String text = Files.readString(file);
    KEYS.forEach((now, before) ->
        assertThat(text).contains("\"" + before + "\":").doesNotContain("\"" + now + "\":"));
    VALUES.keySet().forEach(now -> assertThat(text).doesNotContain("\"" + now + "\""));
    return directory;
  }

  private static JsonNode earlier(JsonNode now) {
    return switch (now) {
      case ObjectNode object -> {
        ObjectNode before = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> each : object.properties()) {
          String key = each.getKey();
          before.set(KEYS.getOrDefault(key, key), earlier(each.getValue()));
        }
        yield before;
      }
      case ArrayNode array -> {
        ArrayNode before = JSON.createArrayNode();
        array.forEach(each -> before.add(earlier(each)));
        yield before;
      }
      case TextNode text -> TextNode.valueOf(VALUES.getOrDefault(text.asText(), text.asText()));
      default -> now;
    };
  }
}
