package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartCommandTest {
  @TempDir
  private static Path folder;

  @Test
  void directoriesWithOtherFilesAreRejected() throws IOException {
    Path file = SmallLog.write(folder.resolve("log.csv"));
    assertFailure("which is not from a quickstart", "quickstart", "--out", folder);
    assertFailure("is a file; expected a directory", "quickstart", "--out", file);
  }

  @Test
  void filesWithTheSameNamesAreNotOverwrittenWithoutTheMark() throws IOException {
    Path mine = Files.createDirectories(folder.resolve("mine"));
    Path clicks = Files.writeString(mine.resolve("clicks.csv"), "years of clicks");
    assertFailure(
        "holds 'clicks.csv', which is not from a quickstart", "quickstart", "--out", mine);
    assertThat(clicks).hasContent("years of clicks");
    Files.writeString(mine.resolve(".attune-quickstart"), "");
    Files.writeString(mine.resolve("thesis.txt"), "x");
    assertFailure(
        "holds 'thesis.txt', which is not from a quickstart", "quickstart", "--out", mine);
    assertThat(clicks).hasContent("years of clicks");
  }
}
