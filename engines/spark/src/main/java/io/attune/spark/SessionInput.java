package io.attune.spark;

import io.attune.log.ClickRows;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.SessionStream;
import io.attune.session.SessionStream.KeyedClick;
import io.attune.session.SingleSession;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of a table: as they stand in it, or made of its clicks by the rules of session-loader.
 * Clicks of a key come together in one partition, those of one time in the order of the log, so
 * that the sessions are those that {@code ClickLog} makes of the same files in the order of their
 * names.
 */
public final class SessionInput {
  private final LogOptions options;
  private final int partitions;
  private final JobCounts counts;

  /**
   * How a table is read.
   *
   * @param options columns, and what makes a session
   * @param partitions into how many parts clicks are dealt by their keys; sessions stay where they
   *     are
   */
  public SessionInput(SparkSession spark, LogOptions options, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException("there must be 1 partition or more, not " + partitions);
    }
    this.options = options;
    this.partitions = partitions;
    this.counts = JobCounts.in(spark);
  }

  /** What was read, once it was. */
  JobCounts counts() {
    return counts;
  }

  /**
   * The sessions of Parquet files. A file that cannot be read is an error that names it, when the
   * result is asked for.
   *
   * @param paths files and folders
   * @return {@code session_id} string, {@code items} array of strings, {@code times} array of
   *     milliseconds or null
   * @throws LogFormatException when columns are missing
   */
  public Dataset<Row> read(SparkSession spark, List<String> paths) throws LogFormatException {
    return read(CorruptFiles.strict(spark, paths), String.join(" ", paths));
  }

  /**
   * The same of all files that can be read to their end, which is tried now.
   *
   * @param skipped is told the files that are left out
   */
  public Dataset<Row> readWhatIsWhole(
      SparkSession spark, List<String> paths, Consumer<List<String>> skipped)
      throws LogFormatException {
    String source = String.join(" ", paths);
    Dataset<Row> lenient = CorruptFiles.lenient(spark, paths);
    InputColumns columns = InputColumns.of(lenient.schema(), options, source);
    CorruptFiles.Divided divided =
        CorruptFiles.divide(spark, CorruptFiles.list(spark, paths), lenient, columns.selected());
    skipped.accept(divided.corrupt().stream().map(TakeRows::shown).toList());
    if (divided.good().isEmpty()) {
      throw new LogFormatException(
          source,
          "expected Parquet files, but none of " + divided.corrupt().size() + " can be read");
    }
    return read(CorruptFiles.strict(spark, divided.good()), source);
  }

  private Dataset<Row> read(Dataset<Row> table, String source) throws LogFormatException {
    String[] files =
        Arrays.stream(table.inputFiles()).map(TakeRows::shown).sorted().toArray(String[]::new);
    return sessions(
        table,
        source,
        files,
        functions.col("_metadata.file_path"),
        functions.col("_metadata.row_index"));
  }

  /**
   * The sessions of any table, whose order is that of its rows.
   *
   * @param table clicks or sessions, with columns as a log has them
   * @return as {@link #read}
   * @throws LogFormatException when columns are missing
   */
  public Dataset<Row> of(Dataset<Row> table) throws LogFormatException {
    return sessions(
        table,
        "the table",
        new String[] {"the table"},
        functions.lit("the table"),
        functions.monotonically_increasing_id());
  }

  private Dataset<Row> sessions(
      Dataset<Row> table, String source, String[] files, Column file, Column row)
      throws LogFormatException {
    InputColumns columns = InputColumns.of(table.schema(), options, source);
    Column[] selected = Arrays.copyOf(columns.selected(), 6);
    selected[4] = file.as("file");
    selected[5] = row.as("row");
    TakeRows take = new TakeRows(columns, files, counts);
    Dataset<Row> taken = table.select(selected).mapPartitions(take, take.encoder());
    if (columns.lists()) {
      return taken;
    }
    ClickRows found = columns.rows();
    MakeSessions make =
        new MakeSessions(found.sessionsBy() == SessionsBy.INACTIVITY ? options.inactivity() : null);
    return taken
        .repartition(partitions, functions.col("key"))
        .sortWithinPartitions("key", "file", "row")
        .mapPartitions(make, SessionTable.encoder());
  }

  /** Makes sessions of a partition's clicks, which stand key by key. */
  private record MakeSessions(@Nullable Duration inactivity)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> clicks) {
      Iterator<SingleSession> sessions = SessionStream.ofClicks(
          Iterators.map(
              clicks,
              row -> new KeyedClick(
                  row.getString(0), row.getString(1), row.isNullAt(2) ? null : row.getLong(2))),
          inactivity);
      return Iterators.map(sessions, SessionTable::row);
    }
  }
}
