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

class ModelHistoryTest {
  @TempDir
  private Path folder;

  private Path model;
  private ModelHistory history;

  @BeforeEach
  void nameIt() {
    model = folder.resolve("shop");
    history = new ModelHistory(model);
  }

  @Test
  void eachReplacedVersionCanBeGoneBackToOneStepAtATime() throws IOException {
    String first = replace(1);
    String second = replace(2);
    String third = replace(3);
    assertThat(history.versions()).hasSize(2);

    assertThat(history.rollBack()).isEqualTo(second);
    assertThat(present()).isEqualTo(second);
    assertThat(third).isNotEqualTo(second);
    String fourth = replace(4);
    assertThat(history.rollBack()).isEqualTo(second);
    assertThat(history.rollBack()).isEqualTo(first);
    assertThat(fourth).isNotEqualTo(first);
    assertThatThrownBy(history::rollBack)
        .isInstanceOf(ModelException.class)
        .hasMessage(model + ": there is no earlier version of it in shop.versions");
    assertThat(present()).isEqualTo(first);
  }

  @Test
  void theOldestVersionsAreDeletedAndNothingElse() throws IOException {
    replace(1);
    Path notes = Files.createDirectories(history.directory()).resolve("000000-notes");
    Files.createDirectory(notes);
    for (int version = 2; version <= 6; version++) {
      replace(version);
    }
    assertThat(history.versions())
        .extracting(path -> path.getFileName().toString().substring(0, 6))
        .containsExactly("000003", "000004", "000005");
    assertThat(notes).exists();
  }

  @Test
  void aKillBetweenTheCopyAndTheReplacementChangesNothing() throws IOException {
    String first = replace(1);
    String second = replace(2);
    history.keep(3); // the copy is there, and the process is killed
    assertThat(present()).isEqualTo(second);
    history.keep(3);
    assertThat(history.versions()).hasSize(2);
    assertThat(history.rollBack()).isEqualTo(first);
    assertThat(history.versions()).isEmpty();
  }

  @Test
  void aMissingOrDamagedModelIsReplacedByItsLastVersion() throws IOException {
    String first = replace(1);
    replace(2);
    byte[] weights = Files.readAllBytes(model.resolve("weights.safetensors"));
    Files.write(model.resolve("weights.safetensors"), new byte[weights.length]);
    assertThat(history.rollBack()).isEqualTo(first);

    replace(3);
    for (String file : List.of("manifest.json", "vocabulary.json", "weights.safetensors")) {
      Files.delete(model.resolve(file));
    }
    Files.delete(model);
    assertThat(history.rollBack()).isEqualTo(first);
    assertThat(present()).isEqualTo(first);
  }

  @Test
  void aDamagedModelIsNotKeptAndADamagedVersionNotPutInPlace() throws IOException {
    replace(1);
    String second = replace(2);
    Path version = history.versions().getLast();
    Files.write(version.resolve("weights.safetensors"), new byte[10]);
    assertThatThrownBy(history::rollBack)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("is not whole, so it is not copied")
        .hasMessageContaining("weights.safetensors");
    assertThat(present()).isEqualTo(second);

    Files.write(model.resolve("vocabulary.json"), new byte[10]);
    assertThatThrownBy(() -> history.keep(3))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("is not whole, so it is not copied");
    assertThat(history.versions()).hasSize(1);
  }

  /** Replaces the model, and returns the version of the new one. */
  private String replace(int version) throws IOException {
    if (Files.exists(model)) {
      history.keep(3);
    }
    Path candidate = folder.resolve("candidate");
    model(version).save(candidate);
    history.replace(candidate);
    assertThat(candidate).doesNotExist();
    return present();
  }

  private String present() throws IOException {
    return Model.load(model).version();
  }

  private static Model model(float value) {
    Vocabulary vocabulary = Vocabulary.of(List.of("a", "b"));
    Manifest.Provenance provenance = new Manifest.Provenance(
        "1",
        "0",
        1,
        2,
        3,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        GruConfig.builder().dimension(4).hidden(4).build(),
        2,
        provenance,
        List.of(),
        Map.of());
    Tensor items = new Tensor(new long[] {3, 4}, new float[12]);
    items.values()[5] = value;
    return new Model(manifest, vocabulary, new long[] {1, 2}, Map.of(Model.ITEMS, items));
  }
}
