package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.evaluation.RankCounts;
import io.attune.evaluation.Ranks;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the jobs in two threads with the libraries in one process, on the same files. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobsTest {
  private static final int ITEMS = 300;
  private static final int CLICKS = 6000;
  private static final BatchOptions OPTIONS = new BatchOptions(7, false, null, Fallback.POPULAR);

  private final SparkSession spark = TestSpark.local();
  private Path model;
  private Path clicks;

  @BeforeAll
  void write(@TempDir Path folder) throws Exception {
    model = RandomModel.save(folder.resolve("model"), ITEMS, 1);
    clicks = Logs.write(Logs.clicks(spark, CLICKS, ITEMS), folder.resolve("a log"), 3);
  }

  static Stream<LogOptions> options() {
    return Stream.of(
        LogOptions.standard(),
        LogOptions.builder().actions(Set.of("view")).build(),
        LogOptions.builder().inactivity(Duration.ofMinutes(5)).build(),
        LogOptions.builder().sessionsBy(SessionsBy.USER).build());
  }

  @ParameterizedTest
  @MethodSource("options")
  void sessionsAreThoseOfTheLoader(LogOptions options) throws Exception {
    SessionInput input = new SessionInput(spark, options, 5);
    List<String> made = lines(input.read(spark, List.of(clicks.toString())));
    assertSame(made, SingleMachine.sessions(load(options)));
    assertThat(input.counts().of(Count.ROWS)).isEqualTo(CLICKS);
    assertThat(input.counts().of(Count.OTHER_ACTIONS))
        .isEqualTo(options.actions().isEmpty() ? 0 : (CLICKS + 6) / 7);
  }

  @Test
  void recommendationsAreThoseOfASingleMachine(@TempDir Path folder) throws Exception {
    Path own = RandomModel.save(folder.resolve("model"), ITEMS, 2); // Not in the cache yet.
    RecommendJob job = new RecommendJob(spark, ModelFiles.of(spark, own.toString()), OPTIONS, null);
    Dataset<Row> made = job.of(
        new SessionInput(spark, LogOptions.standard(), 5).read(spark, List.of(clicks.toString())));
    Sessions sessions = load(LogOptions.standard());
    List<String> rows = rows(made);
    assertThat(rows).hasSize(7 * sessions.size());
    assertSame(rows, SingleMachine.recommend(own, sessions, OPTIONS));
    assertThat(made.schema()).isEqualTo(RecommendJob.SCHEMA);
    assertThat(job.counts().of(Count.MODELS_OPENED)).isEqualTo(1);
    assertThat(job.counts().of(Count.SESSIONS)).isEqualTo(sessions.size());
    assertThat(job.counts().of(Count.ITEMS)).isEqualTo(7L * sessions.size());
    assertThat(job.counts().of(Count.FALLBACKS)).isPositive();
    assertThat(job.counts().of(Count.UNKNOWN_CLICKS)).isPositive();
  }

  @Test
  void aTableInMemoryIsTakenInItsOrder(@TempDir Path folder) throws Exception {
    Dataset<Row> table = Logs.clicks(spark, 2000, ITEMS);
    table.coalesce(1).write().parquet(folder.resolve("one").toString());
    Sessions expected =
        ClickLog.load(Logs.files(folder.resolve("one")), LogOptions.standard()).sessions();
    assertSame(
        lines(new SessionInput(spark, LogOptions.standard(), 3).of(table)),
        SingleMachine.sessions(expected));
  }

  @Test
  void aTableOfSessionsGetsWhatItsClicksGet(@TempDir Path folder) throws Exception {
    SessionInput input = new SessionInput(spark, LogOptions.standard(), 4);
    Path sessions = folder.resolve("sessions");
    input.read(spark, List.of(clicks.toString())).write().parquet(sessions.toString());
    List<String> expected = lines(input.read(spark, List.of(clicks.toString())));
    assertSame(lines(input.read(spark, List.of(sessions.toString()))), expected);
    // Columns with other names, times in seconds as text, and an irrelevant column.
    Dataset<Row> other = spark
        .read()
        .parquet(sessions.toString())
        .select(
            functions.lit(3).as("shop"),
            functions.col("session_id").as("visit"),
            functions.col("items").as("wanted"),
            functions.expr("transform(times, t -> cast(t / 1000 as string))").as("at"));
    LogOptions named = LogOptions.builder()
        .sessionColumn("visit")
        .itemColumn("wanted")
        .timeColumn("at")
        .build();
    assertSame(lines(new SessionInput(spark, named, 4).of(other)), expected);
  }

  @Test
  void aBaselineRecommendsAsWell(@TempDir Path folder) throws Exception {
    Sessions sessions = load(LogOptions.standard());
    BaselineModel.of(Baseline.parse("v-sknn:k=20,sample=50"), sessions).save(folder.resolve("knn"));
    RecommendJob job = new RecommendJob(
        spark, ModelFiles.of(spark, folder.resolve("knn").toUri().toString()), OPTIONS, null);
    Dataset<Row> made = job.of(
        new SessionInput(spark, LogOptions.standard(), 3).read(spark, List.of(clicks.toString())));
    assertSame(rows(made), SingleMachine.recommend(folder.resolve("knn"), sessions, OPTIONS));
  }

  @Test
  void theOrderOfTheOutputIsTheSameEachTime() throws Exception {
    List<List<Row>> runs = Stream.of(1, 2)
        .map(run -> {
          try {
            return new SessionInput(spark, LogOptions.standard(), 4)
                .read(spark, List.of(clicks.toString()))
                .select("session_id")
                .collectAsList();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        })
        .toList();
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }

  @Test
  void onlyCandidatesAreRecommended() throws Exception {
    RecommendJob job = new RecommendJob(
        spark, ModelFiles.of(spark, model.toString()), OPTIONS, List.of("i3", "i5", "nobody's"));
    List<Row> made = job.of(new SessionInput(spark, LogOptions.standard(), 2)
            .read(spark, List.of(clicks.toString())))
        .select("item_id")
        .distinct()
        .orderBy("item_id")
        .collectAsList();
    assertThat(made).extracting(row -> row.getString(0)).containsExactly("i3", "i5");
  }

  static Stream<EvaluateJob.Protocol> protocols() {
    return Stream.of(
        protocol(new Holdout.None(), UnknownItems.MISS, Ties.CONSERVATIVE, false),
        protocol(new Holdout.None(), UnknownItems.DROP, Ties.MEDIAN, true),
        protocol(new Holdout.LastClick(), UnknownItems.MISS, Ties.OPTIMISTIC, false),
        protocol(new Holdout.LastClick(), UnknownItems.DROP, Ties.CONSERVATIVE, false),
        protocol(
            new Holdout.Last(Duration.ofMinutes(80)), UnknownItems.MISS, Ties.CONSERVATIVE, false));
  }

  private static EvaluateJob.Protocol protocol(
      Holdout holdout, UnknownItems unknown, Ties ties, boolean excludeClicked) {
    return new EvaluateJob.Protocol(holdout, 20, 3, unknown, ties, excludeClicked, false);
  }

  @Test
  void ofHistoriesTheNewestClicksAreRanked() throws Exception {
    EvaluateJob.Protocol protocol = protocol(
        new Holdout.Last(Duration.ofMinutes(80)), UnknownItems.MISS, Ties.CONSERVATIVE, false);
    LogOptions users = LogOptions.builder().sessionsBy(SessionsBy.USER).build();
    SessionInput input = new SessionInput(spark, users, 4);
    Dataset<Row> histories = input.read(spark, List.of(clicks.toString()));
    assertThat(input.areHistories()).isTrue();
    RankCounts counts = new EvaluateJob(
            spark, ModelFiles.of(spark, model.toString()), protocol.ofHistories(true))
        .of(histories);
    Ranks ranks = SingleMachine.evaluate(model, load(users), protocol);
    assertThat(counts)
        .usingRecursiveComparison()
        .isEqualTo(RankCounts.of(ranks, 20, protocol.ties()));
    SessionInput visits = new SessionInput(spark, LogOptions.standard(), 4);
    visits.read(spark, List.of(clicks.toString()));
    assertThat(visits.areHistories()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void ranksAreThoseOfASingleMachine(EvaluateJob.Protocol protocol) throws Exception {
    EvaluateJob job = new EvaluateJob(spark, ModelFiles.of(spark, model.toString()), protocol);
    RankCounts counts = job.of(
        new SessionInput(spark, LogOptions.standard(), 4).read(spark, List.of(clicks.toString())));
    Ranks ranks = SingleMachine.evaluate(model, load(LogOptions.standard()), protocol);
    assertThat(counts)
        .usingRecursiveComparison()
        .isEqualTo(RankCounts.of(ranks, 20, protocol.ties()));
    assertThat(counts.predictions()).isGreaterThan(100);
    for (Measure measure : List.of(Measure.HR, Measure.MRR, Measure.NDCG)) {
      Metric metric = new Metric(measure, 10);
      assertThat(counts.mean(metric))
          .isPositive()
          .isEqualTo(ranks.mean(metric, protocol.ties()), within(1e-12));
    }
  }

  /** Compares row by row, so that a failure shows only the rows that differ. */
  private static void assertSame(List<String> made, List<String> expected) {
    for (int i = 0; i < Math.min(made.size(), expected.size()); i++) {
      assertThat(made.get(i)).isEqualTo(expected.get(i));
    }
    assertThat(made).hasSameSizeAs(expected).isNotEmpty();
  }

  private Sessions load(LogOptions options) throws Exception {
    return ClickLog.load(Logs.files(clicks), options).sessions();
  }

  private static List<String> rows(Dataset<Row> table) {
    return table.collectAsList().stream().map(Row::toString).sorted().toList();
  }

  private static List<String> lines(Dataset<Row> sessions) {
    return sessions.collectAsList().stream()
        .map(row -> {
          StringBuilder line = new StringBuilder(row.getString(0));
          for (int i = 0; i < row.getList(1).size(); i++) {
            line.append(' ').append(row.getList(1).get(i));
            line.append('@').append(row.getList(2).get(i));
          }
          return line.toString();
        })
        .sorted()
        .toList();
  }
}
