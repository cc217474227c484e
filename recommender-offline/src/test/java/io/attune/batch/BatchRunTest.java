package io.attune.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.batch.BatchRun.ExistingParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchRunTest {
  private static final BatchRun.ProgressListener SILENT = (done, resumed) -> {};

  @TempDir
  private Path folder;

  @Test
  void aRunWritesAllSessionsInOrderAndLeavesNoParts() throws IOException {
    Path out = folder.resolve("new/next.jsonl");
    BatchRun.Report report = StoppedRun.run(out, SILENT);
    List<String> lines = Files.readAllLines(out);
    assertThat(lines).hasSize(StoppedRun.SESSIONS);
    for (int s = 0; s < lines.size(); s++) {
      assertThat(lines.get(s)).startsWith("{\"session_id\":\"" + s + "\"");
    }
    long fallbacks =
        lines.stream().filter(line -> line.contains("\"fallback\":true")).count();
    long items =
        lines.stream().mapToLong(line -> line.split("item_id", -1).length - 1).sum();
    assertThat(report)
        .isEqualTo(new BatchRun.Report(StoppedRun.SESSIONS, 0, items, (int) fallbacks, 0));
    assertThat(fallbacks).isBetween(100L, 500L);
    assertThat(out.resolveSibling("next.jsonl.parts")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "jsonl", "parquet", "trec"})
  void aFailedRunResumesToTheSameBytes(String format) throws IOException {
    Path uninterrupted = folder.resolve("whole." + format);
    StoppedRun.run(uninterrupted, SILENT);
    Path out = folder.resolve("stopped." + format);
    int[] told = {0};
    for (int failures = 0; failures < 4; failures++) {
      int until = told[0] + 4 + failures;
      assertThatThrownBy(() -> StoppedRun.run(out, (done, resumed) -> {
            if (++told[0] >= until) {
              throw new IllegalStateException("stopped");
            }
          }))
          .hasMessage("stopped");
      assertThat(out).doesNotExist();
    }
    int[] resumed = {-1};
    BatchRun.Report report = StoppedRun.run(out, (done, earlier) -> resumed[0] = earlier);
    assertThat(report.resumed()).isEqualTo(resumed[0]).isPositive();
    assertThat(out).hasSameBinaryContentAs(uninterrupted);
    assertThat(report.items())
        .isEqualTo(StoppedRun.run(folder.resolve("x." + format), SILENT).items());
  }

  @Test
  void aKilledRunResumesToTheSameBytes() throws IOException, InterruptedException {
    Path uninterrupted = folder.resolve("whole.csv");
    StoppedRun.run(uninterrupted, SILENT);
    Path out = folder.resolve("killed.csv");
    Path third = folder.resolve("killed.csv.parts/part-00002");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            StoppedRun.class.getName(),
            out.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
    while (Files.notExists(third)) {
      assertThat(process.isAlive()).as(Files.readString(folder.resolve("log"))).isTrue();
      process.waitFor(5, TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
    assertThat(out).doesNotExist();
    BatchRun.Report report = StoppedRun.run(out, SILENT);
    assertThat(report.resumed()).isBetween(2 * StoppedRun.PART, StoppedRun.SESSIONS - 1);
    assertThat(out).hasSameBinaryContentAs(uninterrupted);
    assertThat(folder.resolve("killed.csv.parts")).doesNotExist();
  }

  @Test
  void aDamagedPartIsRepeated() throws IOException {
    Path uninterrupted = folder.resolve("whole.csv");
    StoppedRun.run(uninterrupted, SILENT);
    Path out = stopped();
    Path second = folder.resolve("next.csv.parts/part-00001");
    Files.writeString(second, Files.readString(second).replace("i1", "i2"));
    assertThat(StoppedRun.run(out, SILENT).resumed()).isEqualTo(StoppedRun.PART);
    assertThat(out).hasSameBinaryContentAs(uninterrupted);
  }

  @Test
  void partsOfADifferentRunAreRejectedUnlessDiscarded() throws IOException {
    Path out = stopped();
    BatchRun other = StoppedRun.batch(out, Map.of("model", "that", "more", "1"));
    assertThatThrownBy(() -> StoppedRun.run(other, ExistingParts.RESUME, SILENT))
        .isInstanceOf(PartsException.class)
        .hasMessageContaining("next.csv.parts: holds partial results of a different run")
        .hasMessageContaining("model was this and is now that")
        .hasMessageContaining("more was absent and is now 1");
    BatchRun another = new BatchRun(
        out,
        OutputFormat.CSV,
        other.provenance(),
        other.sessions().select(new int[] {5, 4}),
        StoppedRun.PART);
    assertThatThrownBy(() -> StoppedRun.run(another, ExistingParts.RESUME, SILENT))
        .hasMessageContaining("log was ");
    assertThat(StoppedRun.run(other, ExistingParts.DISCARD, SILENT).resumed()).isZero();
    assertThat(out).exists();
  }

  @Test
  void otherFilesAndBrokenManifestsAreLeftAlone() throws IOException {
    Path parts = Files.createDirectories(folder.resolve("next.csv.parts"));
    Path precious = Files.writeString(parts.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> StoppedRun.run(folder.resolve("next.csv"), SILENT))
        .isInstanceOf(PartsException.class)
        .hasMessageContaining("exists and holds 'thesis.txt', which is not a partial result");
    assertThat(precious).hasContent("years of work");
    Files.delete(precious);
    Files.writeString(parts.resolve("manifest.json"), "{\"format\": 7, \"madeFrom\"");
    assertThatThrownBy(() -> StoppedRun.run(folder.resolve("next.csv"), SILENT))
        .hasMessageContaining("its manifest is not one of partial results");
    Files.writeString(
        parts.resolve("manifest.json"), "{\"format\": 7, \"madeFrom\": {}, \"parts\": []}");
    assertThatThrownBy(() -> StoppedRun.run(folder.resolve("next.csv"), SILENT))
        .hasMessageContaining("not of format 1");
  }

  @Test
  void twoRunsCannotWriteToTheSameFile() throws IOException {
    Path out = folder.resolve("next.csv");
    int[] refused = {0};
    StoppedRun.run(out, (done, resumed) -> {
      if (refused[0]++ == 0) {
        assertThatThrownBy(() -> StoppedRun.run(out, SILENT))
            .isInstanceOf(PartsException.class)
            .hasMessageContaining("another run is writing there");
      }
    });
    assertThat(refused[0]).isPositive();
  }

  @Test
  void anExistingFileIsReplacedOnlyAtTheEnd() throws IOException {
    Path out = Files.writeString(folder.resolve("next.csv"), "yesterday's");
    stopped();
    assertThat(out).hasContent("yesterday's");
    StoppedRun.run(out, SILENT);
    assertThat(Files.readString(out)).startsWith("session_id,");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(out);
    }
  }

  /** An interrupted output with four complete parts. */
  private Path stopped() {
    Path out = folder.resolve("next.csv");
    assertThatThrownBy(() -> StoppedRun.run(out, (done, resumed) -> {
          if (done > 4 * StoppedRun.PART) {
            throw new IllegalStateException("stopped");
          }
        }))
        .hasMessage("stopped");
    return out;
  }
}
