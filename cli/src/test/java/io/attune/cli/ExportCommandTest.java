package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  @TempDir
  private Path folder;

  @Test
  void aModelIsExportedAgainAndNothingElseIsTouched() throws IOException {
    Path model = imported();
    Path out = folder.resolve("onnx");
    for (int time = 0; time < 2; time++) {
      Outcome exported = Runs.attune("export", "--model", model, "--out", out);
      assertThat(exported.exitCode()).as(exported.err()).isZero();
      assertThat(exported.out()).isEqualTo(out + ": model.onnx and ids.txt of 2 items\n");
    }
    assertThat(Files.readString(out.resolve("ids.txt"))).isEqualTo("x\ny\n");
    assertThat(out.resolve("README.md")).content().contains("Input `clicks`, int64 (L)");
    assertThat(Files.size(out.resolve("model.onnx"))).isBetween(500L, 5000L);
  }

  @Test
  void whatIsNoModelOrNoPlaceForAnExportIsRefused() throws IOException {
    Path model = imported();
    Path log = SmallLog.write(folder.resolve("log.csv"));
    assertFailure("no such model", "export", "--model", folder.resolve("no"), "--out", folder);
    assertFailure("expected a directory", "export", "--model", model, "--out", log);
    Path other = imported("other");
    assertFailure(
        "holds a model, which an export would damage; choose another directory",
        "export",
        "--model",
        model,
        "--out",
        other);
    assertUsage("same file as --model", "export", "--model", model, "--out", model);
    Path baseline = folder.resolve("pop");
    Runs.attune("train", log, "--out", baseline, "--baseline", "pop");
    assertFailure("which has no item vectors", "export", "--model", baseline, "--out", folder);
  }

  private Path imported() throws IOException {
    return imported("model");
  }

  private Path imported(String name) throws IOException {
    Path vectors = Files.writeString(folder.resolve("vectors.txt"), "x 1 2\ny 2 1\n");
    Path model = folder.resolve(name);
    assertThat(Runs.attune("import", vectors, "--out", model).exitCode()).isZero();
    return model;
  }
}
