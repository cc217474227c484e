package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRegistryTest {
  @TempDir
  private Path folder;

  private ModelRegistry models;

  @BeforeEach
  void start() {
    models = new ModelRegistry(folder);
  }

  private String save(long seed) throws IOException {
    RandomModel.save(folder.resolve("shop"), List.of("a", "b"), 4, seed);
    return ServingModel.open(folder.resolve("shop")).version();
  }

  private static Map<String, Set<String>> node(String... versions) {
    return Map.of("shop", Set.of(versions));
  }

  @Test
  void anUnknownModelIsToldWhereItBelongs() {
    models.refresh();
    models.activateCommonVersions(List.of(Map.of(), Map.of("other", Set.of("1"))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> models.inUse("shop"))
        .withMessageContaining("unknown model [shop]; known models: [other]")
        .withMessageContaining("config/attune on every node")
        .withMessageNotContaining(folder.toString());
  }

  @Test
  void aModelOfOtherNodesIsMissingHereAndNotUnknown() {
    assertThat(models.lookup("shop"))
        .isInstanceOf(ModelRegistry.Unavailable.class); // nobody was asked yet
    models.activateCommonVersions(List.of(Map.of(), node("1")));
    assertThat(models.lookup("shop")).isInstanceOf(ModelRegistry.Unavailable.class);
  }

  @Test
  void aNewBlendOfTheSameVersionComesIntoUse() throws IOException {
    String version = save(1);
    models.refresh();
    assertThat(models.inUse("shop").blend()).isNull();

    LearnedBlend blend = new LearnedBlend(
        SessionRescoreTest.LEARNED.weights(),
        new LearnedBlend.Origin("test", "", "today", 1, 1, Map.of()));
    Model.saveBlend(folder.resolve("shop"), version, blend);
    models.refresh();
    models.activateCommonVersions(List.of(node(version), node(version)));
    assertThat(models.inUse("shop").blend()).isEqualTo(blend);
    assertThat(models.inUse("shop").version()).isEqualTo(version);
  }

  @Test
  void aNewVersionIsUsedWhenAllNodesHoldIt() throws IOException {
    String first = save(1);
    models.refresh();
    assertThat(models.inUse("shop").version()).isEqualTo(first);

    String second = save(2);
    models.refresh();
    models.activateCommonVersions(List.of(node(first, second), node(first)));
    assertThat(models.inUse("shop").version()).isEqualTo(first);
    assertThat(models.version("shop", second)).isPresent();

    models.activateCommonVersions(List.of(node(first, second), node(second), Map.of()));
    assertThat(models.inUse("shop").version()).isEqualTo(second);
    // Others may not have noticed yet.
    assertThat(models.version("shop", first)).isPresent();

    String third = save(3);
    models.refresh();
    models.activateCommonVersions(List.of(node(second, third), node(third)));
    assertThat(models.inUse("shop").version()).isEqualTo(third);
    assertThat(models.version("shop", second)).isPresent();
    assertThat(models.version("shop", first)).isEmpty();
  }

  @Test
  void withoutACommonVersionNothingChanges() throws IOException {
    String first = save(1);
    models.refresh();
    String second = save(2);
    models.refresh();
    models.activateCommonVersions(List.of(node(first, second), node("another")));
    assertThat(models.inUse("shop").version()).isEqualTo(first);
  }

  @Test
  void aBrokenModelLeavesTheHeldOneInUseAndSaysWhy() throws IOException {
    String version = save(1);
    models.refresh();
    Files.write(folder.resolve("shop/manifest.json"), "{".getBytes(StandardCharsets.UTF_8));
    models.refresh();
    assertThat(models.inUse("shop").version()).isEqualTo(version);
    assertThat(models.statuses().getFirst().failure()).contains("manifest.json");
  }

  @Test
  void aModelThatWasNeverReadableSaysWhy() throws IOException {
    Files.createDirectories(folder.resolve("shop"));
    models.refresh();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> models.inUse("shop"))
        .withMessageContaining("it has no manifest.json")
        .withMessageNotContaining(folder.toString());
  }

  @Test
  void aModelIsGoneAtTheSecondLook() throws IOException {
    save(1);
    models.refresh();
    Files.move(folder.resolve("shop"), folder.resolve("shop.old"));
    models.refresh();
    assertThat(models.inUse("shop")).isNotNull();
    models.refresh();
    models.activateCommonVersions(List.of(Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> models.inUse("shop"))
        .withMessageContaining("there are no models");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void aModelThatIsOverwrittenInPlaceIsServedAsItWasReadAndSaysSo(int kept) throws IOException {
    String version = save(1);
    models.refresh();
    LoadedModel held = models.version("shop", version).orElseThrow();
    float[] before = held.model().vector(List.of("a")).query();
    Path weights = folder.resolve("shop/weights.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    byte[] other = whole.clone();
    other[other.length - 2] ^= 1;

    overwrite(weights, Arrays.copyOf(other, kept == 0 ? other.length : kept), 1);
    models.refresh();
    assertThat(models.statuses().getFirst().failure())
        .contains("config/attune/shop/weights.safetensors: truncated or changed")
        .contains("still serving version " + version + ", which was loaded before")
        .doesNotContain(folder.toString());
    assertThat(models.inUse("shop").vector(List.of("a")).query()).isEqualTo(before);

    overwrite(weights, whole, 2);
    models.refresh();
    assertThat(models.statuses().getFirst().failure()).isNull();
    assertThat(models.version("shop", version)).containsSame(held);
  }

  /** As {@code cp} does, some seconds later. */
  private static void overwrite(Path file, byte[] content, int later) throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    Files.write(file, content);
    Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(later)));
  }
}
