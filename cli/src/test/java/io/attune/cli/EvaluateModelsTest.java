package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluation of a trained model with baselines and ensembles. */
class EvaluateModelsTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;

  @BeforeAll
  static void trainOnce() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    model = folder.resolve("narm");
    Outcome training = SmallLog.trainNarm(log, model, "--holdout", "3d", "--seed", 7);
    assertThat(training.exitCode()).as(training.err()).isZero();
  }

  @Test
  void evaluatePrintsATableAndWritesTheSameAsJson() throws IOException {
    Path json = folder.resolve("figures.json");

    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--model",
        model,
        "--baseline",
        "pop",
        "--cutoffs",
        "1,20",
        "--json",
        json);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    List<String> lines = outcome.out().lines().toList();
    // All 12 items are within the first 20, so hit rates cannot differ.
    assertThat(lines.getFirst())
        .isEqualTo("No model significantly beats the best baseline: no significant difference"
            + " between pop and narm at HR@20");
    assertThat(lines.get(1)).startsWith("216 predictions in 72 sessions; metrics in percent");
    assertThat(lines.get(3).split(" {2,}"))
        .containsExactly("model", "HR@20", "MRR@20", "NDCG@20", "MAP@20", "P@20", "R@20");
    assertThat(lines.get(4)).startsWith("narm").contains("100.00 ± 0.00");
    assertThat(lines.get(5)).startsWith("pop");
    assertThat(lines.get(7).split(" {2,}")).containsExactly("model", "HR@1", "MRR@1", "NDCG@1");
    assertThat(lines.get(11)).contains("coverage@20", "unknown clicks", "p99 ms");
    assertThat(lines.getLast()).startsWith("narm beats pop at MRR@20 by ").endsWith("p < 0.001");
    assertThat(outcome.err()).doesNotContain("warning").contains("predictions in ", "/s\n");
    JsonNode tree = new ObjectMapper().readTree(json.toFile());
    assertThat(tree.path("details").path("narm").path("requestsBy").asText())
        .isEqualTo("plain Java");
    assertThat(
            tree.path("details").path("narm").path("milliseconds").path("p50").asDouble())
        .isPositive();
    assertThat(tree.path("predictions").asInt()).isEqualTo(216);
    assertThat(tree.path("models").properties().stream().map(e -> e.getKey()))
        .containsExactly("narm", "pop");
    assertThat(tree.path("models").path("narm").properties().stream().map(e -> e.getKey()))
        .contains("HR@1", "HR@20", "MRR@1", "MRR@20", "NDCG@1", "NDCG@20", "MAP@20", "P@1", "R@1");
    JsonNode interval = tree.path("intervals").path("narm").path("MRR@20");
    assertThat(tree.path("models").path("narm").path("MRR@20").asDouble())
        .isBetween(interval.path(0).asDouble(), interval.path(1).asDouble());
    assertThat(tree.path("comparisons")).hasSize(2);
    assertThat(tree.path("slices").path(0).path("by").asText()).isEqualTo("clicks before");
    assertThat(tree.path("findings")).isEmpty();
    // All 12 items are within the first 20.
    assertThat(tree.path("models").path("narm").path("HR@20").asDouble()).isEqualTo(1.0);
    assertThat(tree.path("models").path("narm").path("MRR@20").asDouble())
        .isGreaterThan(tree.path("models").path("pop").path("MRR@20").asDouble());
    assertThat(tree.path("holdout").asText()).isEqualTo("3d");
  }

  @Test
  void theRestOfSessionsIsForetoldByAListAndBySequences() throws IOException {
    Path json = folder.resolve("continued.json");
    Path page = folder.resolve("continued.html");

    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--model",
        model,
        "--steps",
        2,
        "--beam",
        3,
        "--json",
        json,
        "--report",
        page);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    // 72 sessions of four clicks, each with two places before at least two clicks.
    assertThat(outcome.out())
        .contains("narm, the rest of a session in 144 places", "the 2 best items", "beam 3");
    assertThat(Files.readString(page)).contains("Continued sessions", "sequence, beam 3");
    JsonNode continued =
        new ObjectMapper().readTree(json.toFile()).path("continued").path(0);
    assertThat(continued.path("places").asInt()).isEqualTo(144);
    JsonNode list = continued.path("rows").path(0);
    JsonNode sequence = continued.path("rows").path(2);
    // Every item has one successor, so the sequence is known, and the list knows its first alone.
    assertThat(sequence.path("P in order").asDouble()).isGreaterThan(0.9);
    assertThat(list.path("P in order").asDouble())
        .isLessThan(sequence.path("P in order").asDouble());
    assertThat(sequence.path("toTheList").path("P in order").path("difference").asDouble())
        .isCloseTo(
            sequence.path("P in order").asDouble() - list.path("P in order").asDouble(),
            within(1e-9));
  }

  @Test
  void testingOnTrainingDataIsReported() {
    assertThat(Runs.attune("evaluate", log, "--model", model).err())
        .contains("warning: narm was trained on this log and nothing is held out");
    assertThat(Runs.attune("evaluate", log, "--model", model, "--holdout", "5d").err())
        .contains(
            " of 360 test clicks are older than 2025-03-07T23:02:00Z, the newest training click of narm");
  }

  @Test
  void unknownItemsAreMissesOrDropped() throws IOException {
    Path other = folder.resolve("other.csv");
    Files.writeString(other, """
        session_id,item_id,timestamp
        1,i1,1744000000
        1,new,1744000001
        1,i2,1744000002
        2,new,1744000003
        2,i3,1744000004
        """);

    Outcome miss = Runs.attune("evaluate", other, "--model", model, "--cutoffs", 20);
    Outcome drop = Runs.attune(
        "evaluate", other, "--model", model, "--cutoffs", 20, "--unknown-items", "drop");

    assertThat(miss.out())
        .contains("3 predictions in 2 sessions")
        .containsPattern("narm +33\\.33 ")
        .containsPattern(
            "narm +[0-9.]+ % .* 1 +1 +plain Java +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9,]+/s\n");
    assertThat(drop.out())
        .contains("1 prediction in 1 session;")
        .containsPattern("narm +100\\.00 ")
        .containsPattern(
            "narm +[0-9.]+ % .* 0 +0 +plain Java +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9,]+/s\n");
  }

  @Test
  void leaveOneOutTestsTheLastClicks() {
    Path left = folder.resolve("left");

    Outcome trained =
        SmallLog.trainNarm(log, left, "--holdout", "last-click", "--set", "refit=false");
    Outcome tested =
        Runs.attune("evaluate", log, "--holdout", "last-click", "--model", left, "--cutoffs", 20);

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err())
        .contains("training on 480 clicks in 240 sessions", "validating on 240 sessions");
    assertThat(tested.err()).doesNotContain("warning");
    assertThat(tested.out())
        .contains("240 predictions in 240 sessions")
        .containsPattern("left +100\\.00 ");
  }

  @Test
  void severalModelsAreInOneTable() throws IOException {
    Path same = folder.resolve("other/narm");
    Model.load(model).save(same);

    Outcome outcome = Runs.attune("evaluate", log, "--holdout", "3d", "--model", model, same);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    List<String> lines = outcome.out().lines().toList();
    assertThat(lines.get(4)).startsWith(Path.of("other/narm").toString());
    assertThat(figures(lines.get(3))).isEqualTo(figures(lines.get(4)));
    assertThat(outcome.out()).contains("no significant difference between ");
  }

  @Test
  void evaluateNeedsAModelOrABaseline() {
    assertUsage("either --model=MODEL or --baseline=NAME is required", "evaluate", log);
    assertUsage("needs training sessions: --train=LOG", "evaluate", log, "--baseline", "pop");
    assertUsage("--train needs a --baseline", "evaluate", log, "--model", model, "--train", log);
    assertUsage("given twice", "evaluate", log, "--model", model, model);
    assertUsage(
        "--cutoffs must be from 1 to 10000, not 0",
        "evaluate",
        log,
        "--model",
        model,
        "--cutoffs",
        "0");
    assertUsage("a holdout must be", "evaluate", log, "--model", model, "--holdout", "soon");
    assertFailure("no such model", "evaluate", log, "--model", folder.resolve("none"));
  }

  @Test
  void popularityIsTrainedOnItsOwnLog() {
    Outcome outcome = Runs.attune("evaluate", log, "--baseline", "pop", "--train", log);

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("\npop ");
    assertThat(outcome.err()).contains("the newest training click of the baselines");
  }

  @Test
  void everyBaselineHasARow() {
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--train",
        log,
        "--baseline",
        "pop,recent-pop:days=2,s-pop,item-knn,ar,sr,markov",
        "v-sknn:k=50,sample=200,vmis-knn,stan");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(recommenders(outcome))
        .containsExactly(
            "pop",
            "recent-pop:days=2",
            "s-pop",
            "item-knn",
            "ar",
            "sr",
            "markov",
            "v-sknn:k=50,sample=200",
            "vmis-knn",
            "stan");
  }

  @Test
  void invalidBaselinesAreWrongUsage() {
    assertUsage("a baseline must be one of pop,", "evaluate", log, "--baseline", "knn");
    assertUsage("not a SETTING=VALUE", "evaluate", log, "--train", log, "--baseline", "sr:k=3");
    assertUsage(
        "--baseline stan needs training sessions",
        "evaluate",
        log,
        "--model",
        model,
        "--baseline",
        "stan");
  }

  @Test
  void anEnsembleIsEvaluatedInAdditionToItsModel() {
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--model",
        model,
        "--train",
        log,
        "--ensemble",
        "v-sknn:k=50",
        "--ensemble-validation",
        log);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(recommenders(outcome)).containsExactly("narm", "narm+v-sknn:k=50");
    assertThat(outcome.err()).containsPattern("narm\\+v-sknn:k=50: weight [0-9.]+\n");
    assertUsage(
        "--ensemble needs one baseline", "evaluate", log, "--model", model, "--ensemble", "v-sknn");
    assertFailure(
        "an ensemble needs a rule-based or nearest-neighbour baseline",
        "evaluate",
        log,
        "--model",
        model,
        "--train",
        log,
        "--ensemble",
        "pop");
  }

  private static String figures(String line) {
    return line.substring(line.indexOf(' ')).strip();
  }

  /** The first column of the first table. */
  private static List<String> recommenders(Outcome outcome) {
    return outcome
        .out()
        .lines()
        .dropWhile(line -> !line.startsWith("model "))
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }
}
