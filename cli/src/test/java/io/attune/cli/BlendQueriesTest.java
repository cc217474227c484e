package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real queries: visitors walk around the circle, and search what comes next on it. */
class BlendQueriesTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;
  private static Path items;
  private static Path shown;

  @BeforeAll
  static void make() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    model = folder.resolve("model");
    Outcome trained = SmallLog.trainNarm(
        log, model, "--holdout", "5d", "--set", "epochs=8", "--set", "refit=false");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    items = folder.resolve("items.tsv");
    Files.writeString(
        items,
        IntStream.range(0, SmallLog.ITEMS)
            .mapToObj(i -> "i" + i + "\tshoe number" + i)
            .collect(Collectors.joining("\n", "id\ttitle\n", "\n")));
    shown = Files.writeString(folder.resolve("shown.tsv"), queries(true));
  }

  /** Each visitor searches just before the last click, and is shown five items in drawn order. */
  private static String queries(boolean withTime) {
    Random random = new Random(4);
    StringBuilder text =
        new StringBuilder("session_id\tquery\tshown\tclicked" + (withTime ? "\ttime\n" : "\n"));
    for (int session = 0; session < SmallLog.SESSIONS; session++) {
      Instant time = SmallLog.FIRST.plus(Duration.ofHours(session)).plusSeconds(150);
      int next = (session * 5 + SmallLog.CLICKS - 1) % SmallLog.ITEMS;
      List<String> list = new ArrayList<>();
      for (int other = 0; other < 5; other++) {
        list.add("i" + (next + other * 2) % SmallLog.ITEMS);
      }
      Collections.shuffle(list, random);
      text.append("s" + session + "\tshoe\t" + String.join("|", list) + "\ti" + next);
      text.append(withTime ? "\t" + time + "\n" : "\n");
    }
    return text.toString();
  }

  private static Outcome blend(Object... more) {
    List<Object> words = new ArrayList<>(List.of("blend", log, "--model", model));
    words.addAll(List.of(more));
    return Runs.attune(words.toArray());
  }

  @Test
  void shownListsAreRankedBySessionAndTheBlendIsKept() throws IOException {
    Path json = folder.resolve("figures.json");
    Outcome outcome = blend("--queries", shown, "--json", json, "--baseline", "pop,sr");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("left out 120 queries from before the end of what the model was trained on")
        .contains("wrote the blend")
        .doesNotContain("positions are not corrected");
    assertThat(outcome.out())
        .contains("among those shown, in percent", "learned from 60 queries", "as shown", "pop ")
        .contains("all, corrected for positions", "Positions are looked at by 1.00 ");
    JsonNode all = new ObjectMapper().readTree(json.toFile()).path("1 word");
    // In a drawn order of five the mean reciprocal rank is 137/300.
    assertThat(all.path("shown").asDouble()).isBetween(0.35, 0.57);
    assertThat(all.path("learned").asDouble()).isGreaterThan(all.path("shown").asDouble() + 0.2);
    assertThat(all.path("sr").asDouble()).isEqualTo(1);
    assertThat(Model.open(model).blend()).isNotNull();
  }

  @Test
  void wordsOfShownItemsAreScoredByTheIndexAndWordsAloneAreSearched() throws IOException {
    Outcome scored = blend("--queries", shown, "--items", items, "--dry-run");
    assertThat(scored.exitCode()).as(scored.err()).isZero();
    assertThat(scored.out()).contains("as shown", "1 word");
    Path searched = folder.resolve("searched.csv");
    Files.writeString(
        searched,
        Files.readString(shown)
            .lines()
            .map(line -> line.split("\t", -1))
            .map(cells -> String.join(",", cells[0], cells[1], cells[3], cells[4]))
            .collect(Collectors.joining("\n")));
    Outcome found = blend("--queries", searched, "--items", items, "--dry-run");
    assertThat(found.exitCode()).as(found.err()).isZero();
    assertThat(found.out()).contains("within 1,000 hits among 12 items", "words");
  }

  @Test
  void clicksMayComeFromUbiEvents() throws IOException {
    StringBuilder events = new StringBuilder();
    StringBuilder queries = new StringBuilder();
    List<String> lines = Files.readString(shown).lines().skip(1).toList();
    List<String> clicks = Files.readString(log).lines().skip(1).toList();
    for (String line : clicks) {
      String[] cells = line.split(",", -1);
      int session = Integer.parseInt(cells[0].substring(1));
      boolean last = cells[1].equals(lines.get(session).split("\t", -1)[3]);
      events.append(
          "{\"action_name\":\"click\",\"session_id\":\"" + cells[0] + "\",\"client_id\":\"c"
              + "\",\"timestamp\":\"" + cells[2] + "\","
              + (last ? "\"query_id\":\"q" + session + "\"," : "")
              + "\"event_attributes\":{\"object\":{\"object_id\":\"" + cells[1] + "\"}}}\n");
    }
    for (int session = 0; session < lines.size(); session++) {
      String[] cells = lines.get(session).split("\t", -1);
      queries.append(
          "{\"query_id\":\"q" + session + "\",\"client_id\":\"c\",\"user_query\":\"shoe\","
              + "\"query_response_hit_ids\":[\"" + cells[2].replace("|", "\",\"")
              + "\"],\"timestamp\":\"" + cells[4] + "\"}\n");
    }
    Path ubi = Files.writeString(folder.resolve("ubi_events.jsonl"), events.toString());
    Path asked = Files.writeString(folder.resolve("ubi_queries.jsonl"), queries.toString());
    Outcome ofEvents = Runs.attune("blend", ubi, "--model", model, "--queries", asked, "--dry-run");
    assertThat(ofEvents.exitCode()).as(ofEvents.err()).isZero();
    String table = blend("--queries", shown, "--dry-run").out();
    assertThat(ofEvents.out().replace(asked.toString(), ""))
        .isEqualTo(table.replace(shown.toString(), ""));
  }

  @Test
  void withFewListsPositionsAreNotCorrectedFor() throws IOException {
    List<String> lines = Files.readString(shown).lines().toList();
    Path few = folder.resolve("few.tsv");
    Files.writeString(
        few, lines.getFirst() + "\n" + String.join("\n", lines.subList(201, lines.size())) + "\n");
    Outcome outcome = blend("--queries", few, "--dry-run");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("positions are not corrected for: only ", "expected 100 or more");
    assertThat(outcome.out()).doesNotContain("corrected for positions");
  }

  @Test
  void withoutTimesItIsSaidWhatThatMeans() throws IOException {
    Path untimed = Files.writeString(folder.resolve("untimed.tsv"), queries(false));
    Outcome outcome = blend("--queries", untimed, "--dry-run");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("queries have no time: a session's clicks before a query are those before its"
            + " first click on the clicked item");
  }

  @Test
  void wrongInputGetsOneClearLine() throws IOException {
    Path strangers = Files.writeString(
        folder.resolve("strangers.csv"),
        "session,query,shown,clicked,time\nx1,shoe,i1 i2,i1,2025-03-09\nx2,shoe,i1 i2,i1,2025-03-09\n");
    assertFailure(
        "expected two queries or more, one to learn from and one to test on, but 0 of 2 queries can"
            + " be used: 2 queries of sessions"
            + " that are not in the log (first: line 2, session 'x1')",
        "blend",
        log,
        "--model",
        model,
        "--queries",
        strangers);
    Path columns = Files.writeString(folder.resolve("columns.csv"), "session,list,item\ns,a,b\n");
    assertFailure(
        "expected a column of words, such as query or user_query, or of shown items",
        "blend",
        log,
        "--model",
        model,
        "--queries",
        columns);
    Path unsearched = Files.writeString(
        folder.resolve("unsearched.csv"),
        "session,query,clicked,time\ns200,shoe,i1,2025-03-10\ns201,shoe,i1,2025-03-10\n");
    assertFailure(
        "2 queries without shown items", "blend", log, "--model", model, "--queries", unsearched);
    Path all = folder.resolve("all");
    assertThat(SmallLog.trainNarm(log, all, "--set", "refit=false").exitCode()).isZero();
    assertFailure(
        "from before the end of what the model was trained on, 2025-03-10T23:03:00Z; train it with a"
            + " --holdout in time",
        "blend",
        log,
        "--model",
        all,
        "--queries",
        shown);
    assertUsage("--items=ITEMS is missing", "blend", log, "--model", model);
    assertUsage(
        "--words is about words of titles",
        "blend",
        log,
        "--model",
        model,
        "--queries",
        shown,
        "--words",
        "1");
    assertUsage(
        "--baseline needs --queries",
        "blend",
        log,
        "--model",
        model,
        "--items",
        items,
        "--baseline",
        "pop");
    assertUsage(
        "baseline", "blend", log, "--model", model, "--queries", shown, "--baseline", "nobody");
  }
}
