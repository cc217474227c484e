package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
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
    assertThat(outcome.out()).contains("  skipped 1 malformed line:\n    " + log + ":3: ");
  }

  @Test
  void aMissingLogAndAMissingArgumentAreTold() {
    assertThat(Runs.attune("inspect", folder.resolve("none.csv")))
        .isEqualTo(
            new Outcome(1, "", "attune: " + folder.resolve("none.csv") + ": no such file\n"));
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
        .contains("'--time-unit'", "must be s, ms, us or ns, but is 'min'");
    assertThat(Runs.attune("inspect", "x", "--sessions-by", "day").err())
        .contains("'--sessions-by'", "must be one of auto, session, inactivity, user");
    assertThat(Runs.attune("inspect", "x", "--item-column", "a", "--item-column", "b")
            .err())
        .contains("option '--item-column'", "should be specified only once");
  }

  @Test
  void actionsAreListedOrRepeated() throws IOException {
    Path log = write("session_id,item_id,event\n1,a,view\n1,b,buy\n1,c,cart\n");

    for (Object[] actions :
        new Object[][] {{"--actions", "view,buy"}, {"--actions", "view", "--actions=buy"}}) {
      assertThat(Runs.attune(with(new Object[] {"inspect", log}, actions)).err())
          .contains("read 2 clicks", "skipped events of other actions: cart (1)");
    }
  }

  @Test
  void duplicatesAndSuspectedBotsAreReported() throws IOException {
    StringBuilder text = new StringBuilder("session_id,item_id,timestamp\n");
    for (int session = 0; session < 30; session++) {
      for (int i = 0; i < 3; i++) {
        text.append(
            String.format(Locale.ROOT, "s%d,i%d,%d\n", session, i, 1_700_000_000 + 100 * session));
      }
    }
    String once = text.toString();
    for (int i = 0; i < 800; i++) {
      text.append(String.format(Locale.ROOT, "bot,i%d,%d\n", i % 3, 1_700_000_000 + 10 * i));
    }
    Path log = write(text + once.substring(once.indexOf('\n') + 1));
    Path json = folder.resolve("figures.json");

    Outcome outcome = Runs.attune("inspect", log, "--json", json);

    assertThat(outcome.out())
        .contains("duplicates          90 clicks in the same session (same item and time)")
        .contains("suspected bots      bot: 800 clicks, 90 % of the sessions have at most 6")
        .contains("leave out long sessions with --max-session-length");
    assertThat(outcome.err()).contains("90 of 980 clicks are duplicates");
    JsonNode tree = new ObjectMapper().readTree(json.toFile());
    assertThat(tree.path("duplicates").path("clicks").asInt()).isEqualTo(90);
    assertThat(tree.path("bots").path("sessions").path(0).path("id").asText()).isEqualTo("bot");
    Outcome without = Runs.attune("inspect", log, "--max-session-length", 100);
    assertThat(without.out()).contains("max 6").doesNotContain("bot");
    assertThat(without.err()).contains("left out 1 session of more than 100 clicks, with 800");
  }

  @Test
  void aFolderAndAPatternAreLogs() throws IOException {
    Path parts = Files.createDirectory(folder.resolve("parts"));
    Files.writeString(parts.resolve("a.csv"), "session_id,item_id,timestamp\n1,a,1700000000\n");
    Files.writeString(parts.resolve("b.csv"), "item_id,timestamp,session_id\nb,1700000001,1\n");
    Files.createFile(parts.resolve("_SUCCESS"));

    for (Object logs : new Object[] {parts, parts + "/*.csv"}) {
      assertThat(Runs.attune("inspect", logs, "--speed").out())
          .contains("clicks              2\n", "sessions            1, by session\n");
    }
    Runs.assertFailure("no file matches this pattern", "inspect", parts + "/*.tsv");
  }

  @Test
  void whatIsRefusedNamesTheOptionThatMendsIt() throws IOException {
    Path log = write("who,what,did,when\n1,a,view,12/1/2010 8:26\n1,b,buy,12/1/2010 8:27\n");
    Object[] columns = {"inspect", log, "--user-column", "who", "--item-column", "what"};

    Runs.assertFailure(
        "name it with --item-column; the columns are who, what, did, when", "inspect", log);
    Runs.assertFailure("the column 'wat' of --item-column", "inspect", log, "--item-column", "wat");
    Runs.assertFailure("--time-format 'M/d/yyyy H:mm'", with(columns, "--time-column", "when"));
    Runs.assertFailure("name it with --action-column", with(columns, "--actions", "view"));
    Object[] all = with(
        columns,
        "--time-column",
        "when",
        "--time-format",
        "d/M/yyyy H:mm",
        "--action-column",
        "did",
        "--actions");
    assertThat(Runs.attune(with(all, "view,buy")).out())
        .contains("2010-01-12T08:26:00Z to 2010-01-12T08:27:00Z");
    Runs.assertFailure(
        "no event has the action 'bye' of --actions; the actions are", with(all, "bye"));
    Runs.assertUsage("a time format must have a year", with(columns, "--time-format", "H:mm"));
    Runs.assertUsage(
        "--max-session-length must be 1 or more", with(columns, "--max-session-length", 0));
  }

  private static Object[] with(Object[] some, Object... more) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("log.csv"), text);
  }
}
