package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.cli.Runs.Outcome;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecommendCommandTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;
  private static Path baseline;
  private static Path items;

  @BeforeAll
  static void make() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    model = folder.resolve("model");
    Outcome trained = SmallLog.trainNarm(log, model, "--set", "refit=false");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    baseline = folder.resolve("baseline");
    BaselineModel.of(
            Baseline.parse("sr"),
            ClickLog.load(List.of(log), LogOptions.standard()).sessions())
        .save(baseline);
    items = folder.resolve("items.csv");
    Files.writeString(
        items,
        IntStream.range(0, SmallLog.ITEMS)
            .mapToObj(i -> String.format(
                Locale.ROOT, "i%d,%s,%s", i, i % 2 == 0 ? "even" : "odd", "c" + i % 3))
            .collect(Collectors.joining("\n", "id,parity,colour\n", "\nnew,even,c0\n")));
  }

  @Test
  void everySessionGetsItsBestItems() throws IOException {
    Outcome outcome = recommend("next.csv", "--top", 3, "--exclude-clicked");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("next.csv: 720 recommendations for 240 sessions")
        .doesNotContain("popular");
    List<String> lines = Files.readAllLines(folder.resolve("next.csv"));
    assertThat(lines).hasSize(721);
    for (int session = 0; session < SmallLog.SESSIONS; session++) {
      int first = session * 5;
      List<String> clicked = IntStream.range(0, SmallLog.CLICKS)
          .mapToObj(click -> "i" + (first + click) % SmallLog.ITEMS)
          .toList();
      for (int rank = 1; rank <= 3; rank++) {
        String line = lines.get(3 * session + rank);
        assertThat(line)
            .startsWith(String.format(Locale.ROOT, "s%d,%d,", session, rank))
            .endsWith(",false");
        assertThat(clicked).doesNotContain(line.split(",", -1)[2]);
      }
    }
  }

  @Test
  void aSessionIsContinuedInOrder() throws IOException {
    Outcome outcome = recommend("continued.csv", "--steps", 3, "--beam", 2, "--exclude-clicked");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("continued.csv: 720 recommendations for 240 sessions");
    List<String> lines = Files.readAllLines(folder.resolve("continued.csv"));
    int followed = 0;
    for (int session = 0; session < SmallLog.SESSIONS; session++) {
      int next = session * 5 + SmallLog.CLICKS;
      for (int step = 1; step <= 3; step++) {
        String[] cells = lines.get(3 * session + step).split(",", -1);
        assertThat(Double.parseDouble(cells[3])).isBetween(0.0, 1.0);
        followed += cells[2].equals("i" + (next + step - 1) % SmallLog.ITEMS) ? 1 : 0;
      }
    }
    assertThat(followed).isGreaterThan(600); // of 720
  }

  @Test
  void whatDoesNotGoWithStepsIsWrongUsage() {
    assertThat(recommend("x.csv", "--beam", 2))
        .returns(2, Outcome::exitCode)
        .satisfies(each -> assertThat(each.err()).contains("--beam needs --steps"));
    assertThat(recommend("x.csv", "--steps", 2, "--top", 3))
        .returns(2, Outcome::exitCode)
        .satisfies(
            each -> assertThat(each.err()).contains("--steps cannot be combined with --top"));
    assertThat(recommend("x.trec", "--steps", 2))
        .returns(2, Outcome::exitCode)
        .satisfies(each -> assertThat(each.err()).contains("ordered by score"));
    Outcome saved = Runs.attune(
        "recommend", log, "--model", baseline, "--out", folder.resolve("x.csv"), "--steps", 2);
    assertThat(saved.exitCode()).isEqualTo(1);
    assertThat(saved.err()).contains("--steps: ", "an encoder of one step per click");
  }

  @Test
  void baselinesAndAllFormatsWork() throws IOException {
    for (String format : List.of("csv", "jsonl", "parquet", "trec")) {
      Path out = folder.resolve("sr." + format);
      Outcome outcome =
          Runs.attune("recommend", log, "--model", baseline, "--top", "1", "--out", out);
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("240 recommendations");
      // i6 follows i2 i3 i4 i5.
      if (format.equals("trec")) {
        assertThat(Files.readString(out)).startsWith("s0 Q0 i4 1 ").contains("\ns1 Q0 i9 1 ");
      } else if (format.equals("jsonl")) {
        assertThat(Files.readString(out)).contains("\"items\":[{\"item_id\":\"i4\",\"score\":");
      } else if (format.equals("parquet")) {
        assertThat(Runs.attune("inspect", out).out()).contains("parquet");
      }
    }
  }

  @Test
  void onlyMatchingCandidatesAreRecommended() throws IOException {
    Path some = Files.writeString(folder.resolve("some.txt"), "i1\n\ni2\ni3\n i4 \nunheard\nnew\n");
    Outcome outcome = recommend("some.csv", "--candidates", some);
    assertThat(outcome.err())
        .contains("candidates: 4 of 12 items; 2 candidates unknown to the model");
    assertThat(recommended("some.csv")).containsExactlyInAnyOrder("i1", "i2", "i3", "i4");

    outcome = recommend("where.csv", "--items", items, "--filter", "parity=even");
    assertThat(outcome.err())
        .contains("candidates: 6 of 12 items; 1 candidate unknown to the model");
    assertThat(recommended("where.csv"))
        .containsExactlyInAnyOrder("i0", "i2", "i4", "i6", "i8", "i10");

    recommend(
        "both.csv",
        "--items",
        items,
        "--filter",
        "parity=even",
        "--filter",
        "colour=c0",
        "--filter",
        "colour=c1",
        "--candidates",
        some);
    assertThat(recommended("both.csv")).containsExactly("i4");

    assertFailure(
        1,
        "no item has the field 'price'; the fields are colour, parity",
        recommend("x.csv", "--items", items, "--filter", "price=1"));
    assertFailure(
        1,
        "nothing to recommend: the model knows none of the candidates",
        recommend("x.csv", "--items", items, "--filter", "parity=neither"));
    assertFailure(2, "--filter needs --items", recommend("x.csv", "--filter", "parity=even"));
    assertFailure(1, "trained without texts", recommend("x.csv", "--items", items));
    assertFailure(
        2, "must be FIELD=VALUE", recommend("x.csv", "--items", items, "--filter", "parity"));
  }

  @Test
  void sessionsWithoutKnownItemsGetPopularItemsOrNone() throws IOException {
    Path strangers = Files.writeString(
        folder.resolve("strangers.csv"),
        "session_id,item_id\ns1,what\ns1,is\ns2,i1\ns2,this\ns3,i1\n");
    Outcome outcome = Runs.attune(
        "recommend", strangers, "--model", model, "--top", 2, "--out", folder.resolve("f.csv"));
    assertThat(outcome.err()).contains("skipped: 3 of 5 clicks");
    assertThat(outcome.out())
        .contains("6 recommendations for 3 sessions; 1 with popular items as fallback");
    List<String> lines = Files.readAllLines(folder.resolve("f.csv"));
    assertThat(lines.get(1)).startsWith("s1,1,").endsWith(",80.0,true");
    assertThat(lines.get(3)).startsWith("s2,1,").endsWith(",false");
    // Unknown items make no difference.
    assertThat(lines.get(3).substring(2)).isEqualTo(lines.get(5).substring(2));

    outcome = Runs.attune(
        "recommend",
        strangers,
        "--model",
        model,
        "--fallback",
        "none",
        "--min-score",
        "-100",
        "--out",
        folder.resolve("g.jsonl"));
    assertThat(outcome.out()).contains("24 recommendations for 3 sessions; 1 without any");
    assertThat(Files.readAllLines(folder.resolve("g.jsonl")).getFirst())
        .isEqualTo("{\"session_id\":\"s1\",\"fallback\":false,\"items\":[]}");
  }

  @Test
  void sessionsWithTheSameIdAreKeptApartExceptInTrecRuns() throws IOException {
    Path twice = Files.writeString(folder.resolve("twice.tsv"), "1\ti1 i2\n2\ti3\n1\ti5\n");
    Outcome outcome = Runs.attune(
        "recommend", twice, "--model", model, "--top", 1, "--out", folder.resolve("d.csv"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("3 recommendations for 3 sessions");
    assertThat(Files.readAllLines(folder.resolve("d.csv")).stream()
            .map(line -> line.split(",", -1)[0]))
        .containsExactly("session_id", "1", "2", "1");
    assertFailure(
        1,
        "1 session has the id of an earlier session",
        Runs.attune("recommend", twice, "--model", model, "--out", folder.resolve("d.trec")));
  }

  @Test
  void aSessionOfTenThousandClicksGetsRecommendations() throws IOException {
    String clicks = IntStream.range(0, 10_000)
        .mapToObj(i -> "long,i" + i % SmallLog.ITEMS)
        .collect(Collectors.joining("\n", "session_id,item_id\n", "\n"));
    Path longest = Files.writeString(folder.resolve("long.csv"), clicks);
    Outcome outcome = Runs.attune(
        "recommend", longest, "--model", model, "--top", 5, "--out", folder.resolve("l.csv"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("5 recommendations for 1 session");
  }

  @Test
  void anInterruptedRunIsResumedByTheSameCommandOnly() throws IOException {
    recommend("whole.csv", "--part-sessions", 50);
    Path parts = folder.resolve("stopped.csv.parts");
    Path other = Files.writeString(folder.resolve("other.txt"), "i1\n");
    stopAtTheFourthPart(parts);
    assertFailure(
        1,
        "holds partial results of a different run: --top was 20 and is now 7",
        recommend("stopped.csv", "--part-sessions", 50, "--top", 7));
    assertFailure(
        1,
        "candidates was ",
        recommend("stopped.csv", "--part-sessions", 50, "--candidates", other));
    assertFailure(
        1,
        "model was ",
        Runs.attune(
            "recommend",
            log,
            "--model",
            baseline,
            "--part-sessions",
            50,
            "--out",
            folder.resolve("stopped.csv")));
    Outcome outcome = recommend("stopped.csv", "--part-sessions", 50);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("resuming: 150 of 240 sessions were done before");
    assertThat(folder.resolve("stopped.csv")).hasSameBinaryContentAs(folder.resolve("whole.csv"));
    assertThat(parts).doesNotExist();

    Files.delete(folder.resolve("stopped.csv"));
    stopAtTheFourthPart(parts);
    outcome = recommend("stopped.csv", "--part-sessions", 50, "--restart");
    assertThat(outcome.err()).doesNotContain("resuming");
    assertThat(folder.resolve("stopped.csv")).hasSameBinaryContentAs(folder.resolve("whole.csv"));
  }

  /** Leaves three of five parts: a directory has the name of the fourth. */
  private static void stopAtTheFourthPart(Path parts) throws IOException {
    Path inTheWay = Files.createDirectories(parts.resolve("part-00003/x"));
    Files.writeString(
        parts.resolve("manifest.json"), "{\"format\": 1, \"madeFrom\": {}, \"parts\": []}");
    Outcome outcome = recommend("stopped.csv", "--part-sessions", 50, "--restart");
    assertFailure(1, "part-00003", outcome);
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    assertThat(folder.resolve("stopped.csv")).doesNotExist();
  }

  @Test
  void aRestartAlsoChecksTheManifestOfParts() throws IOException {
    Path parts = Files.createDirectories(folder.resolve("mine.csv.parts"));
    Path app = Files.writeString(parts.resolve("manifest.json"), "{\"name\": \"a web app\"}");
    assertFailure(
        1, "its manifest is not one of partial results", recommend("mine.csv", "--restart"));
    Files.writeString(app, "{\"format\": 1, \"madeFrom\": {}, \"parts\": []}");
    Path notes = Files.writeString(parts.resolve("notes.txt"), "mine");
    assertFailure(
        1, "holds 'notes.txt', which is not a partial result", recommend("mine.csv", "--restart"));
    assertThat(notes).hasContent("mine");
    assertThat(folder.resolve("mine.csv")).doesNotExist();
  }

  @Test
  void aSymbolicLinkIsKept() throws IOException {
    Path real = Files.createDirectories(folder.resolve("real")).resolve("real.csv");
    Path link = Files.createSymbolicLink(folder.resolve("link.csv"), real);
    assertThat(recommend("link.csv").exitCode()).isZero();
    assertThat(link).isSymbolicLink();
    assertThat(real).isRegularFile();
    assertThat(real.resolveSibling("real.csv.parts")).doesNotExist();
  }

  @Test
  void mistakesAreReportedInOneLine() throws IOException {
    assertFailure(2, ".csv, .jsonl, .parquet, .trec", recommend("next.xlsx"));
    assertFailure(2, "--top must be from 1 to 10000, not 0", recommend("x.csv", "--top", 0));
    assertFailure(2, "--threads must be from 1 to 1024, not 0", recommend("x.csv", "--threads", 0));
    assertFailure(2, "--part-sessions must be", recommend("x.csv", "--part-sessions", -1));
    assertFailure(
        2,
        "a LOG is missing",
        Runs.attune("recommend", "--model", model, "--out", folder.resolve("x.csv")));
    assertFailure(
        1,
        "no such model",
        Runs.attune("recommend", log, "--model", folder.resolve("no"), "--out", "x.csv"));
    Path empty = Files.writeString(folder.resolve("empty.csv"), "");
    assertFailure(
        1,
        "the file is empty",
        Runs.attune("recommend", empty, "--model", model, "--out", folder.resolve("x.csv")));
    assertThat(folder.resolve("x.csv")).doesNotExist();
    assertThat(folder.resolve("x.csv.parts")).doesNotExist();
  }

  private static Outcome recommend(String out, Object... more) {
    return Runs.attune(arguments(out, more).toArray());
  }

  private static List<Object> arguments(String out, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of(
        "recommend", log, "--model", model, "--device", "cpu", "--out", folder.resolve(out)));
    arguments.addAll(Arrays.asList(more));
    return arguments;
  }

  private static List<String> recommended(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out)).stream()
        .skip(1)
        .map(line -> line.split(",", -1)[2])
        .distinct()
        .toList();
  }

  private static void assertFailure(int exitCode, String message, Outcome outcome) {
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(exitCode);
    assertThat(outcome.err()).contains(message);
  }
}
