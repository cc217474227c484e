package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocalTest {
  private static final int ITEMS = 400;
  private static final BatchOptions OPTIONS = new BatchOptions(7, true, null, Fallback.POPULAR);

  private Path folder;
  private SparkSession spark;
  private Path model;
  private Path clicks;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    folder = directory;
    spark = SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 3)
        .getOrCreate();
    model = RandomModel.save(folder.resolve("model"), ITEMS, 1);
    clicks = Logs.write(Logs.clicks(spark, 20_000, ITEMS), folder.resolve("a log"), 3);
  }

  @AfterAll
  void stop() {
    spark.stop();
  }

  @Test
  void clicksGetTheRecommendationsOfASingleMachine() throws Exception {
    SessionInput input = new SessionInput(spark, LogOptions.standard(), 5);
    RecommendJob job =
        new RecommendJob(spark, ModelFiles.of(spark, model.toString()), OPTIONS, null);
    Dataset<Row> made = job.of(input.read(spark, List.of(clicks.toString())));
    List<String> rows =
        made.collectAsList().stream().map(Row::toString).sorted().toList();
    List<String> expected = SingleMachine.recommend(
        model, ClickLog.load(Logs.files(clicks), LogOptions.standard()).sessions(), OPTIONS);
    assertThat(rows)
        .hasSizeGreaterThan(10_000)
        .isEqualTo(expected.stream().sorted().toList());
    assertThat(job.counts().of(Count.MODELS_OPENED)).isEqualTo(1);
    assertThat(input.counts().of(Count.ROWS)).isEqualTo(20_000);
  }
}
