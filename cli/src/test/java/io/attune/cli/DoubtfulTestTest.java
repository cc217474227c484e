package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What evaluate reports about tests whose metrics say little. */
class DoubtfulTestTest {
  @TempDir
  private static Path folder;

  private static Path log;

  /** The same log with ids written as decimal numbers. */
  private static Path decimals;

  @BeforeAll
  static void writeLogs() throws IOException {
    StringBuilder whole = new StringBuilder("session_id,item_id,timestamp\n");
    for (int click = 0; click < 900; click++) {
      whole.append(String.format(
          Locale.ROOT,
          "s%d,%d,%d\n",
          click / 3,
          100 + click * 7 % 20,
          1_600_000_000L + click * 60L));
    }
    log = Files.writeString(folder.resolve("log.csv"), whole);
    decimals = Files.writeString(
        folder.resolve("decimals.csv"), whole.toString().replaceAll(",(1..),", ",$1.0,"));
  }

  @Test
  void unknownItemsAreReportedFirstAndNoMetricIsNan() throws IOException {
    Path json = folder.resolve("unknown.json");
    Path page = folder.resolve("unknown.html");
    Outcome outcome = Runs.attune(
        "evaluate",
        decimals,
        "--train",
        log,
        "--baseline",
        "pop,v-sknn",
        "--slices",
        "--json",
        json,
        "--report",
        page);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith(
            "Warning: no target item of 600 predictions is known to the baselines, so all are"
                + " misses: ids in the log are 107.0, 114.0, 108.0, …; known ids are 100, 107, 114,"
                + " …\n")
        .doesNotContain("NaN");
    assertThat(outcome.err()).contains("warning: no target item of 600 predictions");
    assertThat(Files.readString(page)).contains("is known to the baselines").doesNotContain("NaN");
    assertThat(Files.readString(json)).doesNotContain("NaN");
    JsonNode found = new ObjectMapper().readTree(json.toFile());
    assertThat(found.path("headlines").path(0).asText()).startsWith("no target item");
    assertThat(found.path("details").path("v-sknn").path("lists").path("gini").isNull())
        .isTrue();
    assertThat(found.path("models").path("pop").path("HR@20").asDouble(-1)).isZero();
  }

  @Test
  void aTestWithoutKnownItemsIsRejectedWithExamples() {
    Runs.assertFailure(
        "nothing to predict: no target item of 600 predictions is known to the baselines, so all"
            + " are misses: ids in the log are 107.0,",
        "evaluate",
        decimals,
        "--train",
        log,
        "--baseline",
        "pop",
        "--unknown-items",
        "drop");
  }

  @Test
  void excludedTargetsAreCountedBeforeTheMetrics() throws IOException {
    // Every other session returns to its first item in the end.
    StringBuilder text = new StringBuilder("session_id,item_id,timestamp\n");
    for (int session = 0; session < 200; session++) {
      for (int click = 0; click < 4; click++) {
        int item = session % 2 == 0 && click == 3 ? session % 50 : (session + click) % 50;
        text.append(String.format(
            Locale.ROOT, "s%d,i%d,%d\n", session, item, 1_600_000_000L + session * 500L + click));
      }
    }
    Path back = Files.writeString(folder.resolve("back.csv"), text);
    Outcome outcome = Runs.attune(
        "evaluate", back, "--baseline", "pop,sr", "--holdout", "last-click", "--exclude-clicked");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    String said = "100 of 200 targets were clicked earlier in their session and cannot be hit";
    assertThat(outcome.out().indexOf(said)).isBetween(0, outcome.out().indexOf("HR@20"));
  }

  @Test
  void aSessionOfABotIsNamedBeforeTheMetrics() throws IOException {
    StringBuilder text = new StringBuilder(Files.readString(log));
    for (int click = 0; click < 3000; click++) {
      text.append(
          String.format(Locale.ROOT, "bot,%d,%d\n", 100 + click % 20, 1_600_054_000L + click / 10));
    }
    Path bot = Files.writeString(folder.resolve("bot.csv"), text);
    Outcome outcome = Runs.attune("evaluate", bot, "--train", log, "--baseline", "sr");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("Caution: session bot alone has 2,999 of 3,599 predictions (83 %) and may be a"
            + " bot's");
  }

  @Test
  void everyRecommenderUsesItsOwnVocabulary() throws IOException {
    // The baseline is trained on items 100 to 119; the model knows only other items.
    Path other = folder.resolve("other.csv");
    Files.writeString(other, Files.readString(log).replaceAll(",1(..),", ",9$1,"));
    Path model = folder.resolve("other");
    assertThat(Runs.attune("train", other, "--baseline", "pop", "--out", model).exitCode())
        .isZero();
    Path json = folder.resolve("own.json");
    Outcome outcome = Runs.attune(
        "evaluate", log, "--model", model, "--train", log, "--baseline", "sr", "--json", json);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    JsonNode found = new ObjectMapper().readTree(json.toFile());
    assertThat(found.path("details").path("sr").path("unknownTargets").asInt(-1))
        .isZero();
    assertThat(found.path("details").path("pop").path("unknownTargets").asInt(-1))
        .isEqualTo(600);
    assertThat(found.path("headlines")).hasSize(1);
  }
}
