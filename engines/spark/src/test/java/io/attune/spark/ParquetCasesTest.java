package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog;
import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.BadLines;
import io.attune.session.SingleSession;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Date;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the test files of session-loader with Spark, with the same ids, times and errors. */
class ParquetCasesTest {
  private static final Path FILES = Path.of("../../session-loader/src/test/resources/io/attune/log")
      .toAbsolutePath()
      .normalize();

  private final SparkSession spark = nanosToo(TestSpark.local());

  private static SparkSession nanosToo(SparkSession spark) {
    spark.conf().set("spark.sql.legacy.parquet.nanosAsLong", true);
    return spark;
  }

  private static Path file(String name) {
    return FILES.resolve(name + ".parquet");
  }

  private static LogOptions skipping() {
    return LogOptions.builder().badLines(BadLines.SKIP).build();
  }

  private List<String> bySpark(LogOptions options, Path path) throws LogFormatException {
    List<String> words = new ArrayList<>();
    SessionInput input = new SessionInput(spark, options, 2);
    for (Row row : input.read(spark, List.of(path.toString())).collectAsList()) {
      SingleSession session = SessionTable.session(row);
      if (session.items().length > 0) {
        words.add(
            session.id() + Arrays.toString(session.items()) + Arrays.toString(session.times()));
      }
    }
    words.sort(null);
    return words;
  }

  private static List<String> onOneMachine(LogOptions options, Path... paths)
      throws LogFormatException {
    Loaded loaded = ClickLog.load(List.of(paths), options);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < loaded.sessions().size(); i++) {
      int[] rows = loaded.sessions().items(i);
      String[] items = new String[rows.length];
      long[] times = new long[loaded.sessions().hasTimes() ? rows.length : 0];
      for (int k = 0; k < rows.length; k++) {
        items[k] = loaded.sessions().vocabulary().id(rows[k]);
        if (times.length > 0) {
          times[k] = loaded.sessions().time(loaded.sessions().start(i) + k);
        }
      }
      words.add(loaded.sessions().id(i) + Arrays.toString(items) + Arrays.toString(times));
    }
    words.sort(null);
    return words;
  }

  /** All files except those with brotli, which Spark does not support. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ids/decimal38",
        "ids/decimal9_2_as_int",
        "ids/decimal9_as_int",
        "ids/double_with_nulls",
        "ids/int64",
        "ids/lists",
        "ids/nested_struct",
        "ids/string_gzip",
        "ids/string_lz4",
        "ids/string_snappy",
        "ids/string_zstd",
        "ids/uint32",
        "ids/uint64",
        "times/date32",
        "times/decimal",
        "times/double",
        "times/int96",
        "times/micros_tokyo",
        "times/micros_utc",
        "times/millis",
        "times/nanos",
        "times/seconds_int32",
        "times/sentinel_9999_and_null",
        "times/text"
      })
  void sparkReadsTheSameIdsAndTimes(String name) throws LogFormatException {
    assertThat(bySpark(skipping(), file(name)))
        .isNotEmpty()
        .isEqualTo(onOneMachine(skipping(), file(name)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ids/double_with_nulls", "ids/lists", "times/sentinel_9999_and_null"})
  void sparkRefusesWhatOneMachineRefuses(String name) {
    LogOptions options = LogOptions.standard();
    String told = refusal(() -> onOneMachine(options, file(name)));
    assertThatThrownBy(() -> bySpark(options, file(name)))
        .satisfies(e -> assertThat(JobFailures.describe(e)).isEqualTo(told));
  }

  private static String refusal(org.junit.jupiter.api.function.Executable reading) {
    try {
      reading.execute();
    } catch (Throwable e) {
      return String.valueOf(e.getMessage());
    }
    return "nothing";
  }

  @Test
  void partsOfOneLogMayHaveColumnsOfOtherTypes() throws IOException {
    List<String> sessions = onOneMachine(
        LogOptions.standard(),
        file("parts/part-00000"),
        file("parts/part-00001"),
        file("parts/part-00002"));
    assertThat(sessions).hasSize(6);
    assertThat(bySpark(LogOptions.standard(), FILES.resolve("parts"))).isEqualTo(sessions);
  }

  /** A log with times as text in a custom format, and actions in a column of an unusual name. */
  private Path ownColumns(Path to) throws IOException {
    spark
        .createDataFrame(
            List.of(
                RowFactory.create("a", "x", "12/1/2010 8:26", "look", Date.valueOf("2010-12-01")),
                RowFactory.create("a", "y", "12/1/2010 8:34", "buy", Date.valueOf("2010-12-01")),
                RowFactory.create("a", "z", "2/11/2010 10:02", "look", Date.valueOf("2010-02-11"))),
            new StructType()
                .add("session_id", DataTypes.StringType)
                .add("item_id", DataTypes.StringType)
                .add("timestamp", DataTypes.StringType)
                .add("what", DataTypes.StringType)
                .add("day", DataTypes.DateType))
        .coalesce(1)
        .write()
        .parquet(to.toString());
    return Logs.files(to).getFirst();
  }

  @Test
  void ownPatternsOfTimesAndColumnsOfActionsAreReadAsOnOneMachine(@TempDir Path folder)
      throws IOException {
    Path log = ownColumns(folder.resolve("log"));
    LogOptions.Builder builder = LogOptions.builder()
        .timeFormat("M/d/yyyy H:mm")
        .actionColumn("what")
        .actions(List.of("look"));
    LogOptions options = builder.build();
    assertThat(bySpark(options, log))
        .containsExactly("a[z, x][1265882520000, 1291191960000]")
        .isEqualTo(onOneMachine(options, log));
    LogOptions days = builder.timeColumn("day").build();
    assertThat(bySpark(days, log))
        .containsExactly("a[z, x][1265846400000, 1291161600000]")
        .isEqualTo(onOneMachine(days, log));
  }

  @Test
  void anActionThatNeverOccursIsRefusedInTheWordsOfOneMachine(@TempDir Path folder)
      throws IOException {
    Path log = ownColumns(folder.resolve("log"));
    LogOptions options = LogOptions.builder()
        .timeFormat("M/d/yyyy H:mm")
        .actionColumn("what")
        .actions(List.of("look", "clik"))
        .build();
    String told = refusal(() -> onOneMachine(options, log));
    assertThat(told)
        .endsWith("no event has the action 'clik' of --actions; the actions are buy (1), look (2)");
    // Before any session is computed, and so before anything is written.
    assertThatThrownBy(() -> new SessionInput(spark, options, 2)
            .read(spark, List.of(folder.resolve("log").toString())))
        .isInstanceOf(LogFormatException.class)
        .hasMessage(told);
  }
}
