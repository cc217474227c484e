package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest {
  @TempDir
  private Path folder;

  private Path directory;
  private Model model;

  @BeforeEach
  void make() {
    directory = folder.resolve("model");
    Manifest.Provenance provenance = new Manifest.Provenance(
        "1",
        "abc",
        7,
        10,
        30,
        "7d",
        "2020-01-01T00:00:00Z",
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode().put("epochs", 3));
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        NarmConfig.defaults(),
        2,
        provenance,
        List.of(new Manifest.Epoch("select", 1, 2.5, Map.of("HR@20", 0.5), 1.5)),
        Map.of());
    model = new Model(
        manifest,
        Vocabulary.of(List.of("a", "b,\n\"ü")),
        new long[] {5, 6},
        Map.of("items", new Tensor(new long[] {3, 1}, new float[] {0, 1, 2})));
  }

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    model.save(directory);
    Model loaded = Model.load(directory);
    assertThat(loaded.vocabulary().ids()).isEqualTo(model.vocabulary().ids());
    assertThat(loaded.counts()).containsExactly(5, 6);
    assertThat(loaded.weights()).isEqualTo(model.weights());
    assertThat(loaded.manifest().encoder()).isEqualTo(model.manifest().encoder());
    assertThat(loaded.manifest().provenance()).isEqualTo(model.manifest().provenance());
    assertThat(loaded.manifest().epochs()).isEqualTo(model.manifest().epochs());
  }

  @Test
  void aModelTakesThePlaceOfAnOlderOneAndLeavesNothingBeside() throws IOException {
    model.save(directory);
    model.save(directory);
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(directory);
    }
  }

  @Test
  void somethingElseUnderTheNameIsNotOverwritten() throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> model.save(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("not a model");
    assertThat(directory.resolve("thesis.txt")).hasContent("years of work");
  }

  @Test
  void aTruncatedFileIsNamed() throws IOException {
    model.save(directory);
    Path weights = directory.resolve("weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length - 4));
    assertRefused("weights.safetensors: truncated or changed");
  }

  @Test
  void aFileThatChangesWhileItIsReadIsRefused() throws IOException {
    model.save(directory);
    Path weights = directory.resolve("weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1; // of the values, which are read after the header
    Model.ModelHeader unread = Model.open(directory);
    assertThatThrownBy(() -> unread.read((name, shape) -> {
          Files.write(weights, bytes);
          return new float[][] {new float[3]};
        }))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("weights.safetensors: truncated or changed");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    model.save(directory);
    Files.delete(directory.resolve("vocabulary.json"));
    assertRefused("vocabulary.json: missing");
  }

  @Test
  void aNewerFormatIsNamed() throws IOException {
    model.save(directory);
    Path manifest = directory.resolve("manifest.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"format\" : 2", "\"format\" : 9"));
    assertRefused("format 9 is newer than 2");
  }

  @Test
  void aForeignManifestIsRefused() throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("manifest.json"), "{\"name\": \"a web app\"}");
    assertRefused("no format number");
    Files.writeString(directory.resolve("manifest.json"), "not json");
    assertRefused("not an Attune manifest");
  }

  @Test
  void anEmptyOrAbsentDirectoryIsNoModel() throws IOException {
    assertRefused("no such model");
    Files.createDirectories(directory);
    assertRefused("it has no manifest.json");
  }

  @Test
  void anUnknownEncoderIsRefused() throws IOException {
    model.save(directory);
    Path manifest = directory.resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("\"narm\"", "\"oracle\""));
    assertRefused("oracle");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Model.load(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }
}
