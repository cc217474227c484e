package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import io.attune.evaluation.Figures;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluation of baselines, and exchange with other tools. */
class EvaluateCommandTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path exported;
  private static JsonNode figures;

  @BeforeAll
  static void evaluateOnce() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    exported = folder.resolve("exported");
    Path json = folder.resolve("figures.json");
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--baseline",
        "pop,v-sknn,sr",
        "--cutoffs",
        "3,5",
        "--export",
        exported,
        "--json",
        json);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    figures = new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void anExportedRunHasTheSameMetricsWhenEvaluatedAsARun() throws IOException {
    Path json = folder.resolve("runs.json");
    for (String qrels : List.of("next", "rest")) {
      Outcome outcome = Runs.attune(
          "evaluate",
          "--run",
          exported.resolve("v-sknn.run"),
          exported.resolve("pop.run"),
          "--qrels",
          exported.resolve(qrels + ".qrels"),
          "--cutoffs",
          "3,5",
          "--json",
          json);
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).startsWith("216 predictions in 72 sessions");
      assertThat(outcome.err()).doesNotContain("ties");
      JsonNode found = new ObjectMapper().readTree(json.toFile());
      List<String> metrics = qrels.equals("next")
          ? List.of("HR@3", "HR@5", "MRR@5", "NDCG@3", "NDCG@5")
          : List.of("MAP@3", "MAP@5", "P@5", "R@5");
      for (String name : List.of("v-sknn", "pop")) {
        for (String metric : metrics) {
          assertThat(found.path("models").path(name + ".run").path(metric).asDouble())
              .as("%s of %s", metric, name)
              .isCloseTo(
                  figures.path("models").path(name).path(metric).asDouble(-1), within(1e-12));
        }
      }
    }
  }

  @Test
  void ranksAreExportedWithALinePerPrediction() throws IOException {
    List<String> lines = Files.readAllLines(exported.resolve("ranks.csv"));
    assertThat(lines).hasSize(217);
    assertThat(lines.getFirst()).isEqualTo("session,clicks_before,item,pop,v-sknn,sr");
    long hits = lines.stream()
        .skip(1)
        .map(line -> line.split(",", -1)[4])
        .filter(rank -> !rank.isEmpty() && Integer.parseInt(rank) <= 5)
        .count();
    assertThat(hits / 216.0)
        .isCloseTo(figures.path("models").path("v-sknn").path("HR@5").asDouble(), within(1e-12));
  }

  @Test
  void ranksInParquetEqualThoseInCsv() throws IOException {
    Path columns = folder.resolve("columns");
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--baseline",
        "pop,v-sknn,sr",
        "--cutoffs",
        "3,5",
        "--export",
        columns,
        "--export-ranks",
        "parquet");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(columns.resolve("ranks.csv")).doesNotExist();
    for (String column : List.of("item", "clicks_before", "pop", "v-sknn", "sr")) {
      List<String> found = sessions(columns.resolve("ranks.parquet"), column);
      assertThat(found).hasSize(72).isEqualTo(sessions(exported.resolve("ranks.csv"), column));
    }
  }

  /** The values of a column in each session, without empty ones. */
  private static List<String> sessions(Path table, String column) throws IOException {
    LogOptions options = LogOptions.builder()
        .sessionColumn("session")
        .itemColumn(column)
        .badLines(LogOptions.BadLines.SKIP)
        .build();
    Sessions read = ClickLog.load(List.of(table), options).sessions();
    return IntStream.range(0, read.size())
        .mapToObj(session -> read.id(session) + ":"
            + IntStream.of(read.items(session))
                .mapToObj(read.vocabulary()::id)
                .collect(Collectors.joining(",")))
        .toList();
  }

  @Test
  void malformedRunsAndQrelsAreRejectedWithFileAndLine() throws IOException {
    Path qrels = write("q.qrels", "q1 0 a 1\nq2 0 b 1\n");
    Path good = write("good.run", "q1 Q0 a 1 2.0 t\nq1 Q0 b 2 1.0 t\n");
    assertFails(
        "twice.run:2: query q1 has document a twice",
        "--run",
        write("twice.run", "q1 Q0 a 1 2 t\nq1 Q0 a 2 1 t\n"),
        "--qrels",
        qrels);
    assertFails(
        "no query of unknown.run has judgements: the run has q7, the qrels have q1, q2",
        "--run",
        write("unknown.run", "q7 Q0 a 1 2 t\n"),
        "--qrels",
        qrels);
    assertFails(
        "short.run:1: expected 'query Q0 document rank score tag', found 3 fields",
        "--run",
        write("short.run", "q1 a 2\n"),
        "--qrels",
        qrels);
    assertFails(
        "word.qrels:1: expected 'query 0 document relevance', found 1 field",
        "--run",
        good,
        "--qrels",
        write("word.qrels", "q1\n"));
    assertFails(
        "nan.run:1: the score 'high' is not a number",
        "--run",
        write("nan.run", "q1 Q0 a 1 high t\n"),
        "--qrels",
        qrels);
    assertFails("empty.run: the file is empty", "--run", write("empty.run", ""), "--qrels", qrels);
    assertFails(
        "none.qrels: no document is relevant",
        "--run",
        good,
        "--qrels",
        write("none.qrels", "q1 0 a 0\n"));
    Outcome alone = Runs.attune("evaluate", "--run", good);
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("--run=FILE and --qrels=FILE must be used together");
  }

  @Test
  void unjudgedQueriesAreNamedAndTheOthersEvaluated() throws IOException {
    Path qrels = write("some.qrels", "q1 0 b 1\nq2 0 a 1\nq4 0 a 0\n");
    Path run = write("some.run", "q1 Q0 a 1 3 x\nq1 Q0 b 2 2 x\nq3 Q0 c 1 9 x\n");
    Outcome outcome = Runs.attune("evaluate", "--run", run, "--qrels", qrels, "--cutoffs", 5);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("some.run has results for 1 query without judgements, ignored: q3")
        .contains("1 query has no relevant document in the qrels, ignored: q4");
    // The mean of a reciprocal rank of 1 / 2 and a miss for q2.
    assertThat(outcome.out())
        .contains("2 predictions in 2 sessions", "has no results for 1 of 2 queries")
        .containsPattern("some\\.run +50\\.00 ± \\S+ +25\\.00 ± ");
  }

  @Test
  void gradedJudgementsAreUsed() throws IOException {
    Path qrels = write("graded.qrels", "q 0 a 3\nq 0 b 2\nq 0 c 1\nq 0 d 0\nq 0 e -2\n");
    Path run = write(
        "graded.run", "q Q0 e 1 5 x\nq Q0 d 2 4 x\nq Q0 c 3 3 x\nq Q0 b 4 2 x\nq Q0 a 5 1 x\n");
    Path json = folder.resolve("graded.json");
    Runs.attune("evaluate", "--run", run, "--qrels", qrels, "--cutoffs", 5, "--json", json);
    assertThat(new ObjectMapper()
            .readTree(json.toFile())
            .path("models")
            .path("graded.run")
            .path("NDCG@5")
            .asDouble())
        .isCloseTo(0.5296, within(5e-5));
  }

  @Test
  void resultsDoNotDependOnTheOrderOfQueries() throws IOException {
    List<String> lines = Files.readAllLines(exported.resolve("next.qrels"));
    Path dealt = folder.resolve("dealt.qrels");
    // 216 = 3 in each of 72 sessions: every third line, three times.
    Files.write(
        dealt,
        IntStream.range(0, 216).mapToObj(i -> lines.get(i % 72 * 3 + i / 72)).toList());
    JsonNode together = evaluate(exported.resolve("next.qrels"));
    JsonNode apart = evaluate(dealt);
    for (String figure : List.of("models", "overSessions")) {
      assertThat(apart.path(figure).path("sr.run").path("MRR@5").asDouble())
          .isPositive()
          .isCloseTo(together.path(figure).path("sr.run").path("MRR@5").asDouble(), within(1e-12));
    }
    assertThat(apart.path("intervals")).isEqualTo(together.path("intervals"));
  }

  private static JsonNode evaluate(Path qrels) throws IOException {
    Path json = folder.resolve("dealt.json");
    Outcome outcome = Runs.attune(
        "evaluate", "--run", exported.resolve("sr.run"), "--qrels", qrels, "--json", json);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void tiesInARunCountAgainstItByDefault() throws IOException {
    Path qrels = write("t.qrels", "q1 0 c 1\nq2 0 b 1\n");
    Path run = write("t.run", "q1 Q0 a 1 1 t\nq1 Q0 b 2 1 t\nq1 Q0 c 3 1 t\n");
    Outcome conservative = Runs.attune("evaluate", "--run", run, "--qrels", qrels, "--cutoffs", 1);
    Outcome optimistic = Runs.attune(
        "evaluate", "--run", run, "--qrels", qrels, "--cutoffs", 1, "--ties", "optimistic");
    assertThat(conservative.out())
        .contains("Caution: t.run has no results for 1 of 2 queries, which count as misses")
        .contains("ties relevant documents with others in 1 query (--ties conservative)")
        .containsPattern("t\\.run +0\\.00 ");
    assertThat(optimistic.out()).containsPattern("t\\.run +50\\.00 ");
  }

  @Test
  void onlyCandidatesAreRankedAndTheirOrderIsEvaluatedToo() {
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--baseline",
        "v-sknn",
        "--cutoffs",
        "3",
        "--candidates",
        exported.resolve("pop.run"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(
            outcome.out().lines().filter(line -> line.startsWith("first pass")).findFirst())
        .hasValueSatisfying(line -> assertThat(line)
            .contains(
                Figures.percent(figures.path("models").path("pop").path("HR@3").asDouble())));
    assertThat(outcome.out()).containsPattern("v-sknn +[0-9]");
    Outcome missing = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--baseline",
        "v-sknn",
        "--candidates",
        exported.resolve("next.qrels"));
    assertThat(missing.err()).contains("next.qrels:1: expected", "found 4 fields");
  }

  @Test
  void baselinesAreTrainedOnThePartThatIsNotHeldOut() {
    Outcome own = Runs.attune("evaluate", log, "--holdout", "3d", "--baseline", "sr", "--slices");
    assertThat(own.err()).doesNotContain("warning");
    assertThat(own.out())
        .contains("\nclicks before  predictions  sr HR@20  sr MRR@20\n", "\nnew ")
        .doesNotContain("Caution");
    Outcome leaking =
        Runs.attune("evaluate", log, "--holdout", "3d", "--train", log, "--baseline", "sr");
    assertThat(leaking.out())
        .contains("Caution: 72 of 72 test sessions begin in the training data")
        .contains(" test clicks are older than ");
  }

  @Test
  void aSavedBaselineIsEvaluatedLikeAModel() throws IOException {
    Path kept = folder.resolve("kept");
    Outcome trained =
        Runs.attune("train", log, "--holdout", "3d", "--baseline", "v-sknn", "--out", kept);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out()).isEqualTo("model " + kept + ": v-sknn\n");
    Path json = folder.resolve("kept.json");
    Outcome outcome = Runs.attune(
        "evaluate", log, "--holdout", "3d", "--model", kept, "--cutoffs", "3,5", "--json", json);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(new ObjectMapper().readTree(json.toFile()).path("models").path("v-sknn"))
        .isEqualTo(figures.path("models").path("v-sknn"));
    assertThat(Runs.attune("train", log, "--baseline", "pop,sr", "--out", kept).err())
        .contains("--baseline keeps one baseline, not 'pop,sr'");
  }

  @Test
  void theTestIsDividedIntoWindows() {
    Outcome outcome = Runs.attune(
        "evaluate", log, "--holdout", "3d", "--baseline", "pop", "--slices", "--windows", "3");
    assertThat(outcome.out()).contains("\nwindow ", "\nfrom 2025-03-");
  }

  @Test
  void everythingIsRetrainedBeforeEachWindow() throws IOException {
    Path model = folder.resolve("gru");
    Path json = folder.resolve("retrained.json");
    assertThat(Runs.attune(
                "train",
                log,
                "--holdout",
                "3d",
                "--encoder",
                "gru",
                "--set",
                "dimension=8",
                "--set",
                "epochs=1",
                "--out",
                model)
            .exitCode())
        .isZero();
    Outcome outcome = Runs.attune(
        "evaluate",
        log,
        "--holdout",
        "3d",
        "--windows",
        "2",
        "--retrain",
        "--model",
        model,
        "--baseline",
        "v-sknn",
        "--slices",
        "--json",
        json);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("216 predictions in 72 sessions", "\nwindow ");
    assertThat(outcome.err())
        .contains("gru: window 1 of 2, from ", "gru: window 2 of 2, from ")
        .contains("v-sknn: window 2 of 2, from ");
    JsonNode found = new ObjectMapper().readTree(json.toFile());
    assertThat(found.path("retrained").asBoolean()).isTrue();
    // In the second window the neighbours are newer than without retraining.
    assertThat(found.path("models").path("v-sknn").path("MRR@5"))
        .isNotEqualTo(figures.path("models").path("v-sknn").path("MRR@5"));
    assertThat(Runs.attune("evaluate", log, "--baseline", "pop", "--windows", "2", "--retrain")
            .err())
        .contains("--retrain needs --windows=N of 2 or more and a --holdout by time, such as 7d");
  }

  private static Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static void assertFails(String message, Object... args) {
    Object[] all = new Object[args.length + 1];
    all[0] = "evaluate";
    System.arraycopy(args, 0, all, 1, args.length);
    Runs.assertFailure(message, all);
  }
}
