package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.model.ModelHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateCommandTest {
  @TempDir
  private static Path shared;

  private static Path log;
  private static Path trained;

  @TempDir
  private Path folder;

  private Path model;
  private String first;

  @BeforeAll
  static void trainOnce() throws IOException {
    log = SmallLog.write(shared.resolve("log.csv"));
    trained = shared.resolve("trained");
    // The first seven days; the last three are new.
    assertThat(SmallLog.trainNarm(log, trained, "--holdout", "3d").exitCode()).isZero();
  }

  @BeforeEach
  void copyModel() throws IOException {
    model = folder.resolve("model");
    Model.load(trained).save(model);
    first = Model.manifest(model).files().get("weights.safetensors");
  }

  @Test
  void aModelThatIsNotWorseComesIntoUseAndTheOneBeforeIsKept() throws IOException {
    Path page = folder.resolve("night.html");
    Path json = folder.resolve("night.json");

    Outcome outcome = update("--report", page, "--json", json);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    String second = Model.load(model).version();
    assertThat(second).isNotEqualTo(first);
    // 289 clicks are new, and a fifth of them is tested: 14 whole sessions of four clicks.
    assertThat(outcome.out())
        .startsWith("42 predictions in 14 sessions\n")
        .containsPattern("HR@20: candidate 100.00, present 100.00, difference 0.00 to 0.00: not "
            + "worse by 2.00 % or more\n")
        .endsWith("replaced: " + model + " is version " + second.substring(0, 12) + "; version "
            + first.substring(0, 12) + " is in " + model + ".versions\n");
    assertThat(Files.readString(page)).contains("decision: replaced", "HR@20: candidate");
    assertThat(Files.readString(json)).contains("\"decision\" : \"replaced\"");
    assertThat(folder.resolve("model.candidate")).doesNotExist();
    assertThat(new ModelHistory(model).versions()).hasSize(1);
    // All clicks are trained, those of the test after it.
    assertThat(Model.manifest(model).provenance().clicks()).isEqualTo(960);
    assertThat(Model.manifest(model).provenance().growth().from()).isEqualTo(first);

    Outcome back = Runs.attune("update", "--model", model, "--rollback");
    assertThat(back.exitCode()).as(back.err()).isZero();
    assertThat(back.out())
        .isEqualTo("model " + model + " is version " + first.substring(0, 12) + " again\n");
    assertThat(Model.load(model).version()).isEqualTo(first);
    assertFailure(
        "there is no earlier version of it in model.versions",
        "update",
        "--model",
        model,
        "--rollback");
  }

  @Test
  void theModelThatWasTestedCanBePutInPlaceAsItIs() throws IOException {
    Outcome outcome = update("--as-tested", "--holdout", "12h");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(Model.manifest(model).provenance().holdout()).isEqualTo("12h");
  }

  @Test
  void aModelThatMayBeWorseDoesNotComeIntoUse() throws IOException {
    Path json = folder.resolve("night.json");
    Outcome outcome = update("--set", "learningRate=1", "--set", "stepTargets=8", "--json", json);

    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.out())
        .contains("may be worse by 2.00 % or more")
        .endsWith("kept: " + model + " is version " + first.substring(0, 12)
            + " as before; the candidate is " + model + ".candidate\n");
    assertThat(Files.readString(json)).contains("\"decision\" : \"kept\"");
    assertThat(Model.load(model).version()).isEqualTo(first);
    assertThat(new ModelHistory(model).versions()).isEmpty();
    assertThat(Model.load(folder.resolve("model.candidate")).version()).isNotEqualTo(first);
    assertThat(update().exitCode()).isZero(); // the next night replaces the candidate
  }

  @Test
  void theBlendOfWordsAndSessionGoesOnAndItIsSaid() throws IOException {
    LearnedBlend blend = new LearnedBlend(
        Map.of("rank", 0.5), new LearnedBlend.Origin("1", "0", "2025-01-01", 1, 2, Map.of()));
    Model.saveBlend(model, first, blend);

    Outcome outcome = update();

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("its blend of words and session is that of the version");
    assertThat(Model.open(model).blend()).isEqualTo(blend);
    assertThat(Runs.attune("update", "--model", model, "--rollback").exitCode()).isZero();
    assertThat(Model.open(model).blend()).isEqualTo(blend);
  }

  @Test
  void whatCannotBeUpdatedIsAFailureAndTheModelStaysAsItIs() throws IOException {
    assertUsage("a LOG is missing", "update", "--model", model);
    assertUsage("--rollback needs no LOG", "update", log, "--model", model, "--rollback");
    assertUsage(
        "--holdout must be a time here",
        "update",
        log,
        "--model",
        model,
        "--holdout",
        "last-click");
    assertUsage("--margin must be from 0 to 100", "update", log, "--model", model, "--margin", 101);
    assertUsage("contradicts --from", "update", log, "--model", model, "--encoder", "gru");
    assertFailure(
        "--holdout=7d tests clicks from 2025-03-03T23:03:00Z on, but " + model
            + " knows those until 2025-03-07T23:02:00Z; choose a shorter time",
        "update",
        log,
        "--model",
        model,
        "--holdout",
        "7d");
    assertFailure("no such model", "update", log, "--model", folder.resolve("none"));
    Path untimed = Files.writeString(
        folder.resolve("untimed.csv"), "session_id,item_id\na,i1\na,i2\nb,i2\nb,i3\n");
    assertFailure("these clicks have none", "update", untimed, "--model", model);
    assertThat(Model.load(model).version()).isEqualTo(first);
    assertThat(update().exitCode()).isZero();
    assertFailure(
        "there is nothing new to test on: no two clicks after", "update", log, "--model", model);
  }

  private Outcome update(Object... more) {
    Object[] args = new Object[more.length + 6];
    System.arraycopy(
        new Object[] {"update", log, "--model", model, "--device", "cpu"}, 0, args, 0, 6);
    System.arraycopy(more, 0, args, 6, more.length);
    return Runs.attune(args);
  }
}
