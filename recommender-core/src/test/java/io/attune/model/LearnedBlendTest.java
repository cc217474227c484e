package io.attune.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.session.Sha256;
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

class LearnedBlendTest {
  private static final LearnedBlend BLEND = blend(0.25);

  @TempDir
  private Path folder;

  private Path directory;
  private String version = "";

  private static LearnedBlend blend(double session) {
    return new LearnedBlend(
        Map.of("session", session, "first pass", 1.5),
        new LearnedBlend.Origin(
            "1", "abc", "2026-01-02T03:04:05Z", 42, 4500, Map.of("words", 0.4, "learned", 0.6)));
  }

  private static Model model(float weight) {
    Manifest.Provenance provenance = new Manifest.Provenance(
        "1",
        "abc",
        7,
        10,
        30,
        "last-click",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    return new Model(
        new Manifest(Manifest.FORMAT, NarmConfig.defaults(), 2, provenance, List.of(), Map.of()),
        Vocabulary.of(List.of("a", "b")),
        new long[] {5, 6},
        Map.of("items", new Tensor(new long[] {3, 1}, new float[] {0, 1, weight})));
  }

  @BeforeEach
  void save() throws IOException {
    directory = folder.resolve("model");
    model(2).save(directory);
    version = Model.open(directory).version();
  }

  @Test
  void aBlendThatIsAddedToAModelIsReadWithIt() throws IOException {
    assertThat(Model.open(directory).blend()).isNull();
    Model.saveBlend(directory, version, BLEND);

    Model.ModelHeader read = Model.open(directory);
    assertThat(read.blend()).isEqualTo(BLEND);
    assertThat(read.version()).isEqualTo(version);
    assertThat(Model.load(directory).weights()).isEqualTo(model(2).weights());
    assertThat(Files.readString(directory.resolve("blend.json")))
        .contains("\"format\" : 1", "\"session\" : 0.25", "\"date\" : \"2026-01-02T03:04:05Z\"");
    assertThat(read.manifest().files())
        .containsEntry("blend.json", Sha256.of(directory.resolve("blend.json")));
  }

  @Test
  void aNewBlendReplacesTheOldOneAndLeavesNothingBeside() throws IOException {
    Model.saveBlend(directory, version, BLEND);
    Model.saveBlend(directory, version, blend(0.5));
    assertThat(Model.open(directory).blend()).isEqualTo(blend(0.5));
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(directory);
    }
  }

  @Test
  void whatAnotherVersionWroteToTheManifestIsKept() throws IOException {
    Path manifest = directory.resolve("manifest.json");
    Files.writeString(
        manifest, Files.readString(manifest).replaceFirst("\\{", "{ \"later\" : [1, 2],"));
    Model.saveBlend(directory, version, BLEND);
    assertThat(Files.readString(manifest)).contains("\"later\" : [ 1, 2 ]");
  }

  @Test
  void aModelThatIsSavedAnewHasNoBlend() throws IOException {
    Model.saveBlend(directory, version, BLEND);
    model(3).save(directory);
    assertThat(Model.open(directory).blend()).isNull();
    assertThat(directory.resolve("blend.json")).doesNotExist();
  }

  @Test
  void aBlendOfAnotherModelIsRefusedAndTheModelStays() throws IOException {
    model(3).save(directory);
    assertThatThrownBy(() -> Model.saveBlend(directory, version, BLEND))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has been replaced by another model");
    assertThat(Model.load(directory).weights()).isEqualTo(model(3).weights());
  }

  @Test
  void damagedWeightsAreNotGivenABlend() throws IOException {
    Path weights = directory.resolve("weights.safetensors");
    byte[] content = Files.readAllBytes(weights);
    content[content.length - 1] ^= 1;
    Files.write(weights, content);
    assertThatThrownBy(() -> Model.saveBlend(directory, version, BLEND))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("truncated or changed");
  }

  @Test
  void aChangedBlendIsRefused() throws IOException {
    Model.saveBlend(directory, version, BLEND);
    Path file = directory.resolve("blend.json");
    Files.writeString(file, Files.readString(file).replace("0.25", "0.35"));
    assertThatThrownBy(() -> Model.open(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("blend.json: truncated or changed");
  }

  @Test
  void whatIsNoBlendIsRefusedWithTheReason() {
    for (String[] wrong : new String[][] {
      {"{\"format\": 2}", "format 2 is newer than 1"},
      {"{\"format\": 1}", "not a blend: "},
      {"{\"weights\": ", "not a blend: "},
      {"[1]", "not a blend: "},
      {
        "{\"format\": 1, \"weights\": {\"session\": \"NaN\"}, \"origin\": {\"version\": \"1\","
            + " \"dataHash\": \"a\", \"date\": \"d\", \"seed\": 1, \"queries\": 1, \"mrr\": {}}}",
        "the weight 'session' is NaN"
      }
    }) {
      assertThatThrownBy(() -> LearnedBlend.read(Path.of("b.json"), wrong[0].getBytes(UTF_8)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("b.json: ")
          .hasMessageContaining(wrong[1]);
    }
  }
}
