package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.model.Direction;
import io.attune.model.Model;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.serving.ServingModel;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The entries of {@code config/attune}, valid or not, and the messages about them. */
class ModelFolderTest {
  private static final List<String> ITEMS = List.of("a", "b");

  @TempDir
  private Path folder;

  private Path root;
  private ModelRegistry models;

  @BeforeEach
  void start() throws IOException {
    root = Files.createDirectories(folder.resolve("config/attune"));
    models = new ModelRegistry(root);
  }

  private String failure(String name) {
    models.refresh();
    String failure = models.statuses().stream()
        .filter(status -> status.name().equals(name))
        .findFirst()
        .orElseThrow()
        .failure();
    assertThat(String.valueOf(failure)).doesNotContain(folder.toString());
    return String.valueOf(failure);
  }

  private void assertRefused(String name, String reason) {
    assertThat(failure(name)).contains(reason);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> models.inUse(name))
        .withMessageStartingWith("the model [" + name + "] cannot be used: config/attune/" + name)
        .withMessageContaining(reason);
  }

  @Test
  void aBaselineSaysThatItIsNotServed() throws IOException {
    Files.createDirectories(root.resolve("shop"));
    for (String text : List.of("pop", "v-sknn:k=20,sample=50")) {
      Files.writeString(root.resolve("shop/manifest.json"), """
          {"format": 1, "baseline": "%s", "items": 2, "sessions": "%s"}
          """.formatted(text, "0".repeat(64)));
      assertRefused("shop", "a baseline, which has no item vectors and cannot be served");
    }
  }

  @Test
  void aManifestWithoutAnEncoderSaysSo() throws IOException {
    RandomModel.save(root.resolve("shop"), ITEMS, 4, 1);
    Path manifest = root.resolve("shop/manifest.json");
    JsonMapper json = JsonMapper.builder().build();
    ObjectNode tree = (ObjectNode) json.readTree(manifest.toFile());
    tree.remove("encoder");
    json.writeValue(manifest.toFile(), tree);
    assertRefused("shop", "names no encoder");
  }

  @Test
  void aTransformerThatLooksBothWaysSaysThatItIsNotServed() throws IOException {
    TransformerConfig config = TransformerConfig.builder()
        .dimension(4)
        .readout(Readout.LAST)
        .direction(Direction.BIDIRECTIONAL)
        .build();
    Tensor table = new Tensor(new long[] {3, 4}, new float[12]);
    RandomModel.save(root.resolve("shop"), config, ITEMS, Map.of(Model.ITEMS, table), 1);
    assertRefused("shop", "cannot be served: a bidirectional Transformer is not incremental");
  }

  @Test
  void aModelThatWasMovedIntoTheOldOneIsReportedWithTheCommandsThatMendIt() throws IOException {
    RandomModel.save(root.resolve("shop"), ITEMS, 4, 1);
    models.refresh();
    String version = models.inUse("shop").version();
    RandomModel.save(root.resolve("shop/shop.new"), ITEMS, 4, 2);
    assertThat(failure("shop"))
        .contains("contains another model in shop.new, which is ignored")
        .contains("`mv shop/shop.new shop.new`, `mv shop shop.old`, then `mv shop.new shop`");
    assertThat(models.inUse("shop").version()).isEqualTo(version);

    // As the message says.
    Files.move(root.resolve("shop/shop.new"), root.resolve("shop.new"));
    Files.move(root.resolve("shop"), root.resolve("shop.old"));
    Files.move(root.resolve("shop.new"), root.resolve("shop"));
    assertThat(failure("shop")).isEqualTo("null");
    models.activateCommonVersions(List.of());
    assertThat(models.inUse("shop").version()).isNotEqualTo(version);
  }

  @Test
  void aModelThatLiesOneFolderTooDeepIsReportedWithTheCommandsThatMendIt() throws IOException {
    RandomModel.save(root.resolve("shop/model"), ITEMS, 4, 1);
    assertRefused("shop", "in its subdirectory model; move that model up");
    assertThat(failure("shop"))
        .contains("`mv shop/model model.new`, `mv shop shop.old`, then `mv model.new shop`");
  }

  @Test
  void aLinkOutOfTheFolderIsRefusedAndOneWithinIsFollowed() throws IOException {
    RandomModel.save(folder.resolve("elsewhere"), ITEMS, 4, 1);
    Files.createSymbolicLink(root.resolve("shop"), folder.resolve("elsewhere"));
    assertRefused("shop", "a link that leads out of config/attune");

    Files.delete(root.resolve("shop"));
    RandomModel.save(root.resolve("shop.v2"), ITEMS, 4, 2);
    Files.createSymbolicLink(root.resolve("shop"), Path.of("shop.v2"));
    assertThat(failure("shop")).isEqualTo("null");
    assertThat(models.inUse("shop").version())
        .isEqualTo(ServingModel.open(root.resolve("shop.v2")).version());
  }

  @Test
  void aFileOfAModelThatIsALinkOutIsRefused() throws IOException {
    RandomModel.save(root.resolve("shop"), ITEMS, 4, 1);
    Path weights = root.resolve("shop/weights.safetensors");
    Files.move(weights, folder.resolve("weights"));
    Files.createSymbolicLink(weights, folder.resolve("weights"));
    assertRefused("shop", "a link that leads out of config/attune");
  }

  @Test
  void theFolderOfModelsMayBeALinkItself() throws IOException {
    RandomModel.save(folder.resolve("volume/shop"), ITEMS, 4, 1);
    models = new ModelRegistry(
        Files.createSymbolicLink(folder.resolve("mounted"), folder.resolve("volume")));
    assertThat(failure("shop")).isEqualTo("null");
    assertThat(models.inUse("shop")).isNotNull();
  }

  @Test
  void whatIsNoModelIsNamedWithTheReason() throws IOException {
    Files.writeString(root.resolve("notes.txt"), "x");
    Files.writeString(root.resolve("shop"), "x");
    Files.writeString(root.resolve(".DS_Store"), "x");
    Files.createDirectory(root.resolve("Shoes"));
    Files.createDirectory(root.resolve("shop.new"));
    Files.createDirectory(root.resolve(".shop.tmp"));
    Files.createSymbolicLink(root.resolve("lost"), folder.resolve("nowhere"));
    models.refresh();
    assertThat(models.statuses()).isEmpty();
    assertThat(models.ignored()).containsOnlyKeys("notes.txt", "shop", "Shoes", "shop.new", "lost");
    assertThat(models.ignored().get("shop")).contains("a file, but a model is a directory");
    assertThat(models.ignored().get("lost")).contains("a link that does not lead to a directory");
    assertThat(models.ignored().get("Shoes")).contains("a-z, 0-9");
    assertThat(models.ignored().get("shop.new"))
        .contains("`mv shop shop.old`, if there is one, then `mv shop.new shop`");
  }

  @Test
  void whatIsBeingCopiedIsNotInTheLogAndWhatStaysBrokenIsThereOnce() throws IOException {
    RandomModel.save(folder.resolve("whole"), ITEMS, 4, 1);
    Path copy = Files.createDirectory(root.resolve("shop"));
    List<String> logged = logged(() -> {
      models.refresh();
      for (String file : List.of("vocabulary.json", "manifest.json")) {
        Files.copy(folder.resolve("whole").resolve(file), copy.resolve(file));
      }
      models.refresh();
      byte[] weights = Files.readAllBytes(folder.resolve("whole/weights.safetensors"));
      Files.write(copy.resolve("weights.safetensors"), Arrays.copyOf(weights, 100));
      models.refresh();
      Files.write(copy.resolve("weights.safetensors"), weights);
      models.refresh();
    });
    assertThat(logged).isEmpty();
    assertThat(models.inUse("shop")).isNotNull();

    Files.delete(copy.resolve("weights.safetensors"));
    Files.delete(copy.resolve("manifest.json"));
    logged = logged(() -> {
      for (int look = 0; look < 5; look++) {
        models.refresh();
      }
    });
    assertThat(logged).singleElement().asString().contains("it has no manifest.json");
  }

  /** An action on files. */
  private interface Step {
    void run() throws IOException;
  }

  /** The warnings that are logged while an action runs. */
  private static List<String> logged(Step step) throws IOException {
    List<String> messages = new ArrayList<>();
    AbstractAppender appender =
        new AbstractAppender("kept", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            messages.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    Logger logger = (Logger) LogManager.getLogger(ModelRegistry.class);
    Level level = logger.getLevel();
    Configurator.setLevel(logger, Level.WARN);
    logger.addAppender(appender);
    try {
      step.run();
    } finally {
      logger.removeAppender(appender);
      Configurator.setLevel(logger, level);
    }
    return messages;
  }

  @Test
  void whatCannotBeReadIsNamedFromTheConfigurationOn() throws IOException {
    RandomModel.save(root.resolve("shop"), ITEMS, 4, 1);
    for (String file : List.of("vocabulary.json", "weights.safetensors")) {
      Path path = root.resolve("shop").resolve(file);
      byte[] content = Files.readAllBytes(path);
      for (byte[] broken : List.of(new byte[0], new byte[content.length])) {
        Files.write(path, broken);
        assertRefused("shop", "config/attune/shop/" + file);
      }
      Files.delete(path);
      assertRefused("shop", "config/attune/shop/" + file);
      Files.write(path, content);
    }
    try (Stream<Path> files = Files.list(root.resolve("shop"))) {
      assertThat(files).hasSize(3);
    }
  }
}
