package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.evaluation.RankCounts;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.metric.Ties;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Runs the job's jar in two executor processes that have only the jars of Spark. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final int ITEMS = 300;
  private static final int PARTITIONS = 12;
  private static final BatchOptions OPTIONS = new BatchOptions(7, true, null, Fallback.POPULAR);
  private static final Path JAR = Path.of(System.getProperty("attune.spark.jar"));

  private Path model = Path.of("");
  private Path clicks = Path.of("");
  private SparkSession spark;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    SparkHome.make(Path.of(System.getenv("SPARK_HOME")));
    spark = SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", false)
        .config("spark.jars", JAR.toString())
        // Both executors take part from the first task.
        .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .config("spark.locality.wait", "0s")
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .getOrCreate();
    model = RandomModel.save(folder.resolve("model"), ITEMS, 1);
    clicks = Logs.write(Logs.clicks(spark, 20_000, ITEMS), folder.resolve("log"), 3);
  }

  @AfterAll
  void stop() {
    spark.stop();
  }

  @Test
  @Order(1)
  void twoExecutorsRecommendAsASingleMachineAndOpenTheModelOnceEach() throws Exception {
    RecommendJob job =
        new RecommendJob(spark, ModelFiles.of(spark, model.toString()), OPTIONS, null);
    Sessions sessions = sessions();
    assertSameAsASingleMachine(rows(job), sessions);
    assertThat(job.counts().of(Count.MODELS_OPENED)).isEqualTo(2);
    assertThat(job.counts().of(Count.SESSIONS)).isEqualTo(sessions.size());
  }

  @Test
  @Order(2)
  void twoExecutorsFindTheRanksOfASingleMachine() throws Exception {
    EvaluateJob.Protocol protocol = new EvaluateJob.Protocol(
        new Holdout.LastClick(), 20, 2, UnknownItems.MISS, Ties.CONSERVATIVE, false, false);
    RankCounts counts = new EvaluateJob(spark, ModelFiles.of(spark, model.toString()), protocol)
        .of(input().read(spark, List.of(clicks.toString())));
    assertThat(counts)
        .usingRecursiveComparison()
        .isEqualTo(RankCounts.of(
            SingleMachine.evaluate(model, sessions(), protocol), 20, protocol.ties()));
  }

  @Test
  @Order(3)
  void anExecutorThatIsKilledChangesNothing(@TempDir Path folder) throws Exception {
    Killer killer = new Killer();
    spark.sparkContext().addSparkListener(killer);
    RecommendJob job =
        new RecommendJob(spark, ModelFiles.of(spark, model.toString()), OPTIONS, null);
    SessionInput input = input();
    Path out = folder.resolve("out");
    job.of(input.read(spark, List.of(clicks.toString()))).write().parquet(out.toString());
    assertThat(killer.killed.get()).isNotNull();
    assertThat(killer.killed.get().isAlive()).isFalse();
    Sessions sessions = sessions();
    assertSameAsASingleMachine(rows(spark.read().parquet(out.toString())), sessions);
    // Nothing is counted twice, although some of the work was done twice.
    assertThat(input.counts().of(Count.ROWS)).isEqualTo(20_000);
    assertThat(job.counts().of(Count.SESSIONS)).isEqualTo(sessions.size());
  }

  /** Kills an executor during the last stage, as an operator or a lack of memory may do. */
  private static final class Killer extends SparkListener {
    private final AtomicReference<@Nullable ProcessHandle> killed = new AtomicReference<>();
    private int done;

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (!(end.reason() instanceof TaskFailedReason)
          && end.taskType().equals("ResultTask")
          && ++done == 2) {
        ProcessHandle victim = ProcessHandle.current()
            .descendants()
            .filter(process ->
                process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
            .findFirst()
            .orElseThrow();
        victim.destroyForcibly();
        victim.onExit().join();
        killed.set(victim);
      }
    }
  }

  @Test
  void theJarHoldsWhatSparkLacksAndNothingElse() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      assertThat(jar.stream().map(JarEntry::getName).filter(name -> name.endsWith(".class")))
          .isNotEmpty()
          .allMatch(name -> name.startsWith("io/attune/") || name.startsWith("picocli/"));
      assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
          .isEqualTo(AttuneSpark.class.getName());
    }
  }

  private SessionInput input() {
    return new SessionInput(spark, LogOptions.standard(), PARTITIONS);
  }

  private List<String> rows(RecommendJob job) throws IOException {
    return rows(job.of(input().read(spark, List.of(clicks.toString()))));
  }

  private static List<String> rows(Dataset<Row> table) {
    return table.collectAsList().stream().map(Row::toString).sorted().toList();
  }

  private void assertSameAsASingleMachine(List<String> rows, Sessions sessions) throws IOException {
    List<String> expected = SingleMachine.recommend(model, sessions, OPTIONS);
    assertThat(rows).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).isEqualTo(expected.get(i));
    }
  }

  private Sessions sessions() throws IOException {
    return ClickLog.load(Logs.files(clicks), LogOptions.standard()).sessions();
  }
}
