package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationExportTest {
  @TempDir
  private Path folder;

  private Path log = Path.of("");
  private Path export = Path.of("");

  @BeforeEach
  void write() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    export = folder.resolve("export");
  }

  private Outcome evaluate(String baseline, Path of) {
    return Runs.attune(
        "evaluate", of, "--holdout", "3d", "--baseline", baseline, "--export", export);
  }

  private List<String> exported() throws IOException {
    try (Stream<Path> files = Files.list(export)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assertRefused(String name) {
    // The log is invalid, which would be reported if it were read.
    Outcome outcome = evaluate("pop", empty());
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .contains(export + ": holds '" + name + "', which is not from an export; choose another")
        .doesNotContain("empty.csv");
  }

  private Path empty() {
    try {
      return Files.writeString(folder.resolve("empty.csv"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anExportReplacesAnEarlierOne() throws IOException {
    Files.createDirectory(export);
    Outcome first = evaluate("pop,sr", log);
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(exported())
        .containsExactly(
            ".attune-export", "next.qrels", "pop.run", "ranks.csv", "rest.qrels", "sr.run");
    Files.writeString(export.resolve("pop.run"), "old");
    Outcome second = evaluate("pop", log);
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(exported())
        .containsExactly(".attune-export", "next.qrels", "pop.run", "ranks.csv", "rest.qrels");
    assertThat(export.resolve("pop.run")).content().contains(" Q0 ");
  }

  @Test
  void aDirectoryWithOtherFilesIsRejectedBeforeTheLogIsRead() throws IOException {
    Files.createDirectory(export);
    for (String name : List.of("pop.run", "next.qrels", "ranks.csv", "notes.txt")) {
      Path theirs = Files.writeString(export.resolve(name), "theirs\n");
      assertRefused(name);
      assertThat(theirs).hasContent("theirs\n");
      Files.delete(theirs);
    }
  }

  @Test
  void aFileAddedToAnExportIsNotOverwritten() throws IOException {
    Outcome first = evaluate("pop", log);
    assertThat(first.exitCode()).as(first.err()).isZero();
    Path theirs = Files.writeString(export.resolve("sr.run"), "theirs\n");
    assertRefused("sr.run");
    assertThat(theirs).hasContent("theirs\n");
    Files.delete(theirs);
    // A directory is not a file of an export, whatever its name.
    Files.delete(export.resolve("pop.run"));
    Files.createDirectory(export.resolve("pop.run"));
    assertRefused("pop.run");
  }
}
