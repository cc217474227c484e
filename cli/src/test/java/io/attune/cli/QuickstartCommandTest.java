package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartCommandTest {
  @TempDir
  private static Path folder;

  @Test
  void foreignDirectoriesAreLeftAlone() throws IOException {
    Path file = SmallLog.write(folder.resolve("log.csv"));
    assertFailure("which is not of a quickstart", "quickstart", "--out", folder);
    assertFailure("exists and is no directory", "quickstart", "--out", file);
  }
}
