package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  private static final int CLICKS = 900;

  @TempDir
  private Path folder;

  private final SparkSession spark = TestSpark.local();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String log = "";
  private String model = "";

  @BeforeEach
  void write() throws IOException {
    model = RandomModel.save(folder.resolve("model"), 50, 1).toString();
    log = Logs.write(Logs.clicks(spark, CLICKS, 50), folder.resolve("log"), 4).toString();
  }

  @Test
  void recommendWritesFilesAndSaysHowMany() {
    assertThat(recommend("--top", "3")).isEqualTo(0);
    long rows = spark.read().parquet(folder.resolve("out").toString()).count();
    assertThat(rows).isPositive();
    assertThat(out.toString())
        .contains(String.format(
            Locale.ROOT, "out: %,d recommendations for %,d sessions", rows, rows / 3));
    assertThat(err.toString()).contains("read 900 rows").contains("that the model does not know");
  }

  @Test
  void anOutputThatExistsIsKeptUnlessItMayBeReplaced() throws IOException {
    Files.createDirectory(folder.resolve("out"));
    assertThat(recommend()).isEqualTo(0);
    List<Path> before = Logs.files(folder.resolve("out"));
    assertThat(recommend()).isEqualTo(1);
    assertThat(err.toString()).contains("out: exists and is not empty");
    assertThat(Logs.files(folder.resolve("out"))).isEqualTo(before);
    assertThat(recommend("--overwrite")).isEqualTo(0);
    assertThat(Logs.files(folder.resolve("out"))).isNotEmpty().doesNotContainAnyElementsOf(before);
  }

  @Test
  void evaluateTakesTheSessionsThatSessionsWrites() throws IOException {
    String sessions = folder.resolve("sessions").toString();
    assertThat(run("sessions", "--sessions", log, "--out", sessions)).isEqualTo(0);
    assertThat(evaluate(log, "a")).isEqualTo(evaluate(sessions, "b"));
    assertThat(out.toString()).contains("HR@20").contains("NDCG@5");
  }

  @Test
  void evaluateWarnsFirstIfNoItemIsKnownOrTargetsAreExcluded() throws IOException {
    assertThat(run("evaluate", "--sessions", log, "--model", model, "--exclude-clicked"))
        .isEqualTo(0);
    assertThat(out.toString())
        .containsPattern("^Warning: [0-9]+ of [0-9]+ targets were clicked earlier in the session")
        .doesNotContain("knows none");
    String decimals = Logs.write(
            Logs.clicks(spark, CLICKS, 50)
                .withColumn(
                    "item_id", functions.concat(functions.col("item_id"), functions.lit(".0"))),
            folder.resolve("decimals"),
            2)
        .toString();
    out.getBuffer().setLength(0);
    assertThat(run("evaluate", "--sessions", decimals, "--model", model)).isEqualTo(0);
    assertThat(out.toString())
        .containsPattern("^Warning: the model knows none of the items of [0-9]+ targets, so that"
            + " all are misses: the log has i[0-9]+\\.0, .*, the model i");
    assertThat(run("evaluate", "--sessions", decimals, "--model", model, "--unknown-items", "drop"))
        .isEqualTo(1);
    assertThat(err.toString())
        .containsPattern("on known items; the log has i[0-9]+\\.0, .*, the model i");
  }

  private JsonNode evaluate(String table, String name) throws IOException {
    Path json = folder.resolve(name + ".json");
    assertThat(run("evaluate", "--sessions", table, "--model", model, "--json", json.toString()))
        .isEqualTo(0);
    JsonNode tree = JsonMapper.builder().build().readTree(json.toFile());
    assertThat(tree.at("/predictions").asInt()).isPositive();
    assertThat(tree.at("/models/model/MRR@10").asDouble()).isBetween(0.01, 0.99);
    return tree;
  }

  @Test
  void aFileCutShortIsAnErrorThatNamesItOrSkippedAndCounted() throws IOException {
    Path victim = Logs.files(Path.of(log)).get(1);
    byte[] bytes = Files.readAllBytes(victim);
    assertSkipped(victim, Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void aFileWithDamagedPagesIsAnErrorThatNamesItOrSkippedAndCounted() throws IOException {
    Path victim = Logs.files(Path.of(log)).get(2);
    byte[] bytes = Files.readAllBytes(victim);
    Arrays.fill(bytes, 4, 400, (byte) -1);
    assertSkipped(victim, bytes);
  }

  private void assertSkipped(Path victim, byte[] damaged) throws IOException {
    Files.deleteIfExists(victim.resolveSibling("." + victim.getFileName() + ".crc"));
    Files.write(victim, damaged);
    assertThat(recommend()).isEqualTo(1);
    assertThat(err.toString())
        .contains(victim + ": the Parquet file cannot be read")
        .contains("--corrupt-files=skip")
        .doesNotContain("\tat ");
    assertThat(recommend("--corrupt-files", "skip", "--overwrite")).isEqualTo(0);
    assertThat(err.toString())
        .contains("skipped the corrupt file " + victim)
        .contains("skipped 1 corrupt file\n");
    List<Path> others = new ArrayList<>(Logs.files(Path.of(log)));
    others.remove(victim);
    long rows = spark
        .read()
        .parquet(others.stream().map(Path::toString).toArray(String[]::new))
        .count();
    assertThat(rows).isBetween(1L, CLICKS - 1L);
    assertThat(err.toString()).contains("read " + rows + " rows");
  }

  @Test
  void aMalformedRowIsAnErrorThatNamesItOrSkippedAndCounted() {
    Path bad = folder.resolve("bad");
    spark
        .createDataFrame(
            List.of(RowFactory.create("s", "i1"), RowFactory.create("s", " ")),
            new StructType()
                .add("session_id", DataTypes.StringType)
                .add("item_id", DataTypes.StringType))
        .coalesce(1)
        .write()
        .parquet(bad.toString());
    log = bad.toString();
    assertThat(recommend()).isEqualTo(1);
    assertThat(err.toString()).containsPattern("bad/part-[^ ]*parquet:2: the item id is empty");
    assertThat(recommend("--bad-rows", "skip", "--overwrite")).isEqualTo(0);
    assertThat(err.toString()).contains("skipped 1 malformed row\n");
  }

  @Test
  void errorsAreReportedInOneLine() {
    String nothing = folder.resolve("nothing").toString();
    String target = folder.resolve("out").toString();
    assertThat(run("recommend", "--sessions", nothing, "--model", model, "--out", target))
        .isEqualTo(1);
    assertThat(err.toString()).contains("attune-spark: " + nothing + ": no such file");
    assertThat(run("recommend", "--sessions", log, "--model", nothing, "--out", target))
        .isEqualTo(1);
    assertThat(err.toString()).contains(nothing + ": no such model");
    assertThat(recommend("--item-column", "sku")).isEqualTo(1);
    assertThat(err.toString()).contains("log: expected the column 'sku'");
    assertThat(run("evaluate", "--sessions", log, "--model", model, "--min-session-length", "500"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("nothing to predict").doesNotContain("\tat ");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void theColumnOfActionsCanBeNamed() {
    assertThat(recommend("--action-column", "event", "--actions", "clik")).isEqualTo(1);
    assertThat(err.toString())
        .contains("no event has the action 'clik' of --actions; the actions are buy (129),"
            + " view (771)");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(recommend("--action-column", "event", "--actions", "buy")).isEqualTo(0);
    assertThat(err.toString()).contains("skipped 771 rows of other actions");
  }

  @Test
  void wrongUsageIsReported() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("recommend", "--sessions", log)).isEqualTo(2);
    assertThat(recommend("--top", "0")).isEqualTo(2);
    assertThat(recommend("--partitions", "0")).isEqualTo(2);
    assertThat(recommend("--session-gap", "soon")).isEqualTo(2);
    assertThat(recommend("--time-format", "yyyy-bb")).isEqualTo(2);
    assertThat(recommend("--time-format", "yyyy-MM-dd", "--time-unit", "s")).isEqualTo(2);
    assertThat(err.toString())
        .contains("a command is missing")
        .contains("--model")
        .contains("top must be from 1 to 10000, not 0")
        .contains("--partitions must be 1 or more, not 0")
        .contains("such as 45s, 30m")
        .contains("yyyy-bb")
        .contains("a time format and a time unit exclude each other");
    assertThat(run("recommend", "--help")).isEqualTo(0);
    assertThat(out.toString()).contains("spark-submit ... attune-spark.jar recommend");
  }

  private int recommend(String... more) {
    List<String> args = new ArrayList<>(List.of("recommend", "--sessions", log));
    args.addAll(List.of("--model", model));
    args.addAll(List.of("--out", folder.resolve("out").toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private int run(String... args) {
    return AttuneSpark.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }
}
