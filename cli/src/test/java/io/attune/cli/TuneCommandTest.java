package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small search, and training with its result. */
class TuneCommandTest {
  private static final int TRIALS = 4;

  @TempDir
  private static Path folder;

  private static Path log;
  private static Path tuned;
  private static Outcome search;

  @BeforeAll
  static void searchOnce() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    tuned = folder.resolve("tuned");
    search = tune(tuned, "--trials", TRIALS, "--json", folder.resolve("tuned.json"));
  }

  private static Outcome tune(Path out, Object... more) {
    List<Object> all = new ArrayList<>(List.of("tune", log, "--out", out));
    all.addAll(List.of("--encoder", "gru", "--device", "cpu", "--seed", 7));
    for (String setting : List.of(
        "dimension=8", "hidden=8", "epochs=3", "sampledEpochs=0", "precision=fp32", "patience=3")) {
      all.addAll(List.of("--set", setting));
    }
    all.addAll(List.of(more));
    return Runs.attune(all.toArray());
  }

  @Test
  void theTableHasEveryTrialAndTheInitialConfigurationIsTheFirst() throws IOException {
    assertThat(search.exitCode()).as(search.err()).isZero();
    assertThat(search.out().lines()).hasSize(1 + TRIALS + 1);
    assertThat(search.out())
        .startsWith("trial  epochs   HR@20  MRR@20  time  settings\n")
        .containsPattern("\n1  +3  100\\.00  +\\d+\\.\\d\\d  \\d:\\d\\d  initial\n")
        .containsPattern("\nbest: trial [1-4]; train with --config " + tuned.resolve("best.yml"));
    assertThat(search.err())
        .containsPattern("trial 1, 1 epoch: HR@20 100\\.00, MRR@20 .* \\*: initial");

    JsonNode json = new ObjectMapper().readTree(folder.resolve("tuned.json").toFile());
    assertThat(json.path("rungs").toString()).isEqualTo("[1,3]");
    assertThat(json.path("trials")).hasSize(TRIALS);
    assertThat(json.path("trials").get(0).path("settings")).isEmpty();
    assertThat(json.path("trials").get(1).path("settings")).isNotEmpty();
    double best = json.path("trials")
        .get(json.path("best").asInt() - 1)
        .at("/validation/MRR@20")
        .asDouble();
    assertThat(json.path("trials"))
        .allMatch(trial -> trial.at("/validation/MRR@20").asDouble() <= best);
  }

  @Test
  void settingsAreKeptInAllTrials() throws IOException {
    JsonNode json = new ObjectMapper().readTree(folder.resolve("tuned.json").toFile());
    assertThat(json.path("trials"))
        .noneMatch(trial -> trial.path("settings").has("dimension"))
        .anyMatch(trial -> trial.path("settings").has("stepTargets"));
  }

  @Test
  void trainingWithTheBestConfigurationReproducesItsMetrics() throws IOException {
    Path model = folder.resolve("model");
    Outcome training = Runs.attune(
        "train",
        log,
        "--out",
        model,
        "--config",
        tuned.resolve("best.yml"),
        "--seed",
        7,
        "--device",
        "cpu");

    assertThat(training.exitCode()).as(training.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(folder.resolve("tuned.json").toFile());
    JsonNode best = json.path("trials").get(json.path("best").asInt() - 1);
    assertThat(Model.manifest(model)
            .epochs()
            .get(best.path("bestEpoch").asInt() - 1)
            .validation())
        .containsEntry("MRR@20", best.at("/validation/MRR@20").asDouble());
  }

  @Test
  void aRepeatedSearchTrainsNothingAndALargerOneContinues() {
    Outcome again = tune(tuned, "--trials", TRIALS);
    assertThat(again.out()).isEqualTo(search.out());
    assertThat(again.err())
        .contains("resuming a search of 4 trials, best MRR@20 ")
        .doesNotContain("trial 1, ");

    Outcome larger = tune(tuned, "--trials", TRIALS + 1);
    assertThat(larger.err()).contains("trial 5, 1 epoch: ").doesNotContain("trial 4, ");
    assertThat(larger.out().lines()).hasSize(1 + TRIALS + 1 + 1);
  }

  @Test
  void aJournalOfOtherDataOrSettingsIsRejected() throws IOException {
    Path out = folder.resolve("other");
    assertThat(tune(out, "--trials", 1).exitCode()).isZero();
    Path journal = out.resolve("journal.json");
    byte[] before = Files.readAllBytes(journal);

    Outcome filtered = tune(out, "--trials", 1, "--holdout", "2d");
    assertThat(filtered.exitCode()).isEqualTo(1);
    assertThat(filtered.err())
        .contains("attune: " + journal + ": ", "another log, or with another");
    Outcome otherwise = tune(out, "--trials", 1, "--set", "learningRate=0.01");
    assertThat(otherwise.exitCode()).isEqualTo(1);
    assertThat(otherwise.err()).contains("a search in another space");
    assertThat(journal).hasBinaryContent(before);
  }

  @Test
  void wrongUsageIsReportedBeforeTheLogIsRead() {
    assertThat(tune(tuned, "--trials", 0).err())
        .contains("--trials must be from 1 to 10000, not 0");
    assertThat(tune(tuned, "--trials", 1, "--budget", "1m").err())
        .contains("--budget and --trials cannot be combined");
    assertThat(tune(tuned, "--set", "nothing=1").err()).contains("there is no key 'nothing'");
    assertThat(tune(log).err()).contains("is the same file as LOG").doesNotContain("read 960");
    assertThat(tune(tuned, "--set", "validation=0").exitCode()).isEqualTo(2);
    assertThat(Runs.attune("tune", log).err()).contains("--out=DIR is missing");
  }
}
