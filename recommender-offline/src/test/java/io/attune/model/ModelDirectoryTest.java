package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
  private static final Vocabulary ITEMS = Vocabulary.of(List.of("a", "b"));

  @TempDir
  private Path folder;

  @Test
  void aSiblingNamedOldIsABackupOfTheUser() throws IOException {
    Path directory = folder.resolve("shop");
    Path backup = Files.createDirectories(folder.resolve("shop.old")).resolve("model.bin");
    Files.writeString(backup, "last year's");
    Files.createDirectories(folder.resolve("shop.writing"));
    model(1).save(directory);
    model(2).save(directory);
    assertThat(backup).hasContent("last year's");
    assertThat(names(folder)).containsExactly("shop", "shop.old", "shop.writing");
  }

  @Test
  void theManifestOfAWebAppIsNotAModel() throws IOException {
    Path app = Files.createDirectories(folder.resolve("app"));
    Files.writeString(app.resolve("manifest.json"), """
        {"name": "a web app", "format": 1, "items": 3, "files": {"index.html": "x"}}""");
    Files.writeString(app.resolve("index.html"), "<html>");
    assertRefused(app, "its manifest.json is not Attune's");
    Files.writeString(app.resolve("manifest.json"), "[not json");
    assertRefused(app, "it has no manifest.json of Attune");
    Files.delete(app.resolve("index.html"));
    assertRefused(app, "it has no manifest.json of Attune");
    assertThat(names(app)).containsExactly("manifest.json");
  }

  @Test
  void filesNextToAModelAreKept() throws IOException {
    Path directory = folder.resolve("shop");
    model(1).save(directory);
    Files.writeString(directory.resolve("NOTES.md"), "why we chose it");
    assertRefused(directory, "contains 'NOTES.md' beside a model");
    Files.delete(directory.resolve("NOTES.md"));
    Files.createDirectories(directory.resolve("index"));
    assertRefused(directory, "contains 'index' beside a model");
    assertThat(Model.load(directory).counts()).containsExactly(1, 1);
  }

  @Test
  void aNewerModelIsNotReplacedByAnOlderKind() throws IOException {
    for (boolean baseline : new boolean[] {false, true}) {
      Path directory = folder.resolve("newer" + baseline);
      if (baseline) {
        baseline().save(directory);
      } else {
        model(1).save(directory);
      }
      Path manifest = directory.resolve("manifest.json");
      Files.writeString(
          manifest, Files.readString(manifest).replaceFirst("\"format\" : \\d", "\"format\" : 9"));
      assertRefused(directory, "format 9, newer than " + (baseline ? 1 : 2));
    }
  }

  @Test
  void modelsOfEveryKindReplaceOneAnother() throws IOException {
    Path directory = folder.resolve("shop");
    model(1).save(directory);
    baseline().save(directory);
    assertThat(names(directory))
        .containsExactly("manifest.json", "sessions.bin", "vocabulary.json");
    assertThat(ModelDirectory.isBaseline(directory)).isTrue();
    model(2).save(directory);
    assertThat(names(directory))
        .containsExactly("manifest.json", "vocabulary.json", "weights.safetensors");
    assertThat(ModelDirectory.isBaseline(directory)).isFalse();
    assertThat(names(folder)).containsExactly("shop");
  }

  @Test
  void anEmptyDirectoryAndADamagedModelAreReplaced() throws IOException {
    Path directory = Files.createDirectories(folder.resolve("shop"));
    model(1).save(directory);
    Files.delete(directory.resolve("weights.safetensors"));
    Files.writeString(directory.resolve("vocabulary.json"), "[");
    model(2).save(directory);
    assertThat(Model.load(directory).counts()).containsExactly(2, 2);
  }

  @Test
  void aModelBehindALinkIsReplaced() throws IOException {
    Path real = folder.resolve("v1");
    model(1).save(real);
    Path link = Files.createSymbolicLink(folder.resolve("current"), Path.of("v1"));
    model(2).save(link);
    assertThat(link).isSymbolicLink();
    assertThat(Model.load(real).counts()).containsExactly(2, 2);
    assertThat(names(folder)).containsExactly("current", "v1");
  }

  @Test
  void theWorkingDirectoryAndItsParentsAreRejected() {
    assertRefused(Path.of("."), "the working directory");
    assertRefused(Path.of(".."), "the working directory");
    assertRefused(Path.of("").toAbsolutePath().getRoot(), "the working directory");
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsRejected() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertRefused(file, "exists and is not a model");
    assertThatThrownBy(() -> ModelDirectory.requireReplaceable(file.resolve("model")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("is not a directory");
    assertThat(file).hasContent("x");
  }

  @Test
  void mountPointsAndUnwritableDirectoriesAreRejected() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")) && Files.isDirectory(Path.of("/dev/shm")));
    assertThatThrownBy(() -> ModelDirectory.requireReplaceable(Path.of("/proc/self/model")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("nothing can be created in /proc/");
    assertThatThrownBy(() -> ModelDirectory.requireReplaceable(Path.of("/dev/shm")))
        .isInstanceOf(ModelException.class);
    assertThat(ModelDirectory.isMountPoint(Path.of("/dev/shm"))).isTrue();
    assertThat(ModelDirectory.isMountPoint(folder)).isFalse();
  }

  @Test
  void aCheckCreatesNothing() throws IOException {
    ModelDirectory.requireReplaceable(folder.resolve("a/b/model"));
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void aFailedWriterKeepsTheExistingModel() throws IOException {
    Path directory = folder.resolve("shop");
    model(1).save(directory);
    assertThatThrownBy(() -> ModelDirectory.replace(directory, beside -> {
          Files.writeString(beside.resolve("manifest.json"), "half");
          throw new IOException("no space left");
        }))
        .hasMessageEndingWith(": not written: no space left");
    assertThat(Model.load(directory).counts()).containsExactly(1, 1);
    assertThat(names(folder)).containsExactly("shop");
  }

  @Test
  void filesAndDirectoriesAreSyncedInOrder() throws IOException {
    Path directory = folder.resolve("shop");
    List<String> synced = new ArrayList<>();
    AtomicFile.Sync listening = path -> synced.add(
        path.equals(folder)
            ? "folder above, moved: " + Files.exists(directory.resolve("manifest.json"))
            : Files.isDirectory(path) ? "folder" : path.getFileName().toString());
    for (int times = 0; times < 2; times++) {
      synced.clear();
      ModelDirectory.replace(
          directory,
          beside -> {
            Files.writeString(beside.resolve("manifest.json"), """
                {"format": 1, "items": 2, "baseline": "pop", "sessions": "%s"}""".formatted("0".repeat(64)));
            Files.writeString(beside.resolve("vocabulary.json"), "[]");
          },
          listening);
      assertThat(synced)
          .containsExactly(
              "manifest.json", "vocabulary.json", "folder", "folder above, moved: true");
    }
  }

  private void assertRefused(Path directory, String message) {
    assertThatThrownBy(() -> ModelDirectory.requireReplaceable(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> model(9).save(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> baseline().save(directory))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  private static BaselineModel baseline() {
    return BaselineModel.of(
        Baseline.parse("pop"), Sessions.of(ITEMS, List.of(new int[] {1, 2}, new int[] {2, 1})));
  }

  private static Model model(long clicks) {
    Manifest.Provenance provenance = new Manifest.Provenance(
        "1",
        "abc",
        7,
        10,
        30,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest =
        new Manifest(Manifest.FORMAT, NarmConfig.defaults(), 2, provenance, List.of(), Map.of());
    return new Model(
        manifest,
        ITEMS,
        new long[] {clicks, clicks},
        Map.of("items", new Tensor(new long[] {3, 1}, new float[] {0, 1, 2})));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
