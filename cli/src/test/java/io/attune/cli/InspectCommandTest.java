package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  @TempDir
  private Path folder;

  @Test
  void showsCountsTimesLengthsAndWhatFiltersWouldDrop() throws IOException {
    Path log = write("s,i,t\n1,a,100\n1,b,101\n1,a,102\n2,a,200\n3,a,300\n3,c,86700\n");

    Outcome outcome = Runs.attune(
        "inspect",
        log,
        "--session-column",
        "s",
        "--item-column",
        "i",
        "--time-column",
        "t",
        "--min-item-support",
        2);

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .contains(log + ": csv, 6 clicks in 7 lines")
        .contains("sessions            3, by session\n")
        .contains("1970-01-01T00:01:40Z to 1970-01-02T00:05:00Z, 1.0 days")
        .contains("min 1, median 2, mean 2.00, p90 3, p99 3, max 3")
        .contains("repeats             16.67 %")
        .contains("most clicked items  a: 4, 66.67 %")
        .containsPattern("sessions of fewer than 2 clicks +1 +1 +0 +2 +5 +3\n")
        .containsPattern("items of fewer than 2 clicks +0 +2 +2 +2 +3 +1\n");
    assertThat(outcome.err()).contains("warning: ", "before 1971");
  }

  @Test
  void writesTheSameAsJson() throws IOException {
    Path log = SmallLog.write(folder.resolve("log.csv"));
    Path json = folder.resolve("new/figures.json");

    assertThat(Runs.attune("inspect", log, "--json", json, "--speed").exitCode())
        .isZero();

    JsonNode tree = new ObjectMapper().readTree(json.toFile());
    assertThat(tree.path("clicks").asInt()).isEqualTo(SmallLog.SESSIONS * SmallLog.CLICKS);
    assertThat(tree.path("items").asInt()).isEqualTo(SmallLog.ITEMS);
    assertThat(tree.path("lengths").path("max").asInt()).isEqualTo(SmallLog.CLICKS);
    assertThat(tree.path("first").asText()).isEqualTo(SmallLog.FIRST.toString());
    assertThat(tree.path("filters")).hasSize(3);
    assertThat(tree.path("speed").path("clicks").asInt())
        .isEqualTo(tree.path("clicks").asInt());
  }

  @Test
  void aMalformedLineFailsWithItsPlace() throws IOException {
    Path log = write("session_id,item_id,timestamp\n1,a,100\n1,b,noon\n");

    Outcome outcome = Runs.attune("inspect", log);

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("attune: " + log + ":3: ").hasLineCount(1);
  }

  @Test
  void skippedLinesAreCountedAndShown() throws IOException {
    Path log = write("session_id,item_id,timestamp\n1,a,100\n1,b,noon\n1,c,101\n");

    Outcome outcome = Runs.attune("inspect", log, "--bad-lines", "skip");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("malformed lines skipped: 1\n    " + log + ":3: ");
  }

  @Test
  void aMissingLogAndAMissingArgumentAreTold() {
    assertThat(Runs.attune("inspect", folder.resolve("none.csv")))
        .isEqualTo(new Outcome(
            1, "", "attune: " + folder.resolve("none.csv") + ": there is no such file\n"));
    Outcome without = Runs.attune("inspect");
    assertThat(without.exitCode()).isEqualTo(2);
    assertThat(without.err().lines())
        .containsExactly(
            "attune: a LOG is missing: name the logs right after the command",
            "Try 'attune inspect --help'.");
  }

  @Test
  void badValuesOfOptionsAreWrongUsage() {
    assertThat(Runs.attune("inspect", "x", "--min-item-support", 0).exitCode()).isEqualTo(2);
    assertThat(Runs.attune("inspect", "x", "--format", "xml").err())
        .contains("'--format'", "a log format must be one of", "but is 'xml'");
    assertThat(Runs.attune("inspect", "x", "--session-gap", "half").err())
        .contains("'--session-gap'", "such as 45s, 30m, 12h or 1d, but is 'half'");
    assertThat(Runs.attune("inspect", "x", "--delimiter", "--").err()).contains("delimiter");
    assertThat(Runs.attune("inspect", "x", "--time-unit", "min").err())
        .contains("must be s, ms, us or ns, but is 'min'");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("log.csv"), text);
  }
}
