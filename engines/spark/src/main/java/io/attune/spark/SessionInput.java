package io.attune.spark;

import io.attune.log.ActionCounts;
import io.attune.log.ClickRows;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.SessionStream;
import io.attune.session.SessionStream.KeyedClick;
import io.attune.session.SingleSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
   * result is asked for; where some actions are chosen, their column is read now, and one that
   * never occurs is an error.
   *
   * @param paths files and folders
   * @return {@code session_id} string, {@code items} array of strings, {@code times} array of
   *     milliseconds or null
   * @throws LogFormatException when columns are missing, or an action never occurs
   */
  public Dataset<Row> read(SparkSession spark, List<String> paths) throws LogFormatException {
    String source = String.join(" ", paths);
    List<List<String>> groups = ParquetSchemas.group(spark, CorruptFiles.list(spark, paths));
    List<Part> parts = new ArrayList<>();
    if (groups.size() == 1) {
      parts.add(new Part(CorruptFiles.strict(spark, paths), source));
    } else {
      for (List<String> files : groups) {
        parts.add(new Part(strict(spark, paths, files), ParseRows.shown(files.getFirst())));
      }
    }
    return sessionsOfFiles(parts);
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
    List<Part> parts = new ArrayList<>();
    List<String> corrupt = new ArrayList<>();
    List<List<String>> groups = ParquetSchemas.group(spark, CorruptFiles.list(spark, paths));
    for (List<String> files : groups) {
      String name = groups.size() == 1 ? source : ParseRows.shown(files.getFirst());
      Dataset<Row> lenient = CorruptFiles.lenient(spark, files);
      InputColumns columns = InputColumns.of(lenient.schema(), options, name);
      CorruptFiles.Divided divided =
          CorruptFiles.divide(spark, files.toArray(String[]::new), lenient, columns.selected());
      corrupt.addAll(divided.corrupt());
      if (!divided.good().isEmpty()) {
        parts.add(new Part(strict(spark, paths, divided.good()), name));
      }
    }
    skipped.accept(corrupt.stream().map(ParseRows::shown).toList());
    if (parts.isEmpty()) {
      throw new LogFormatException(
          source, "expected Parquet files, but none of " + corrupt.size() + " can be read");
    }
    return sessionsOfFiles(parts);
  }

  /** Some files of the paths; folders whose names are values of columns stay columns. */
  private static Dataset<Row> strict(SparkSession spark, List<String> paths, List<String> files) {
    String below = ParseRows.shown(paths.getFirst()) + "/";
    boolean isFolder = paths.size() == 1
        && files.stream().allMatch(file -> ParseRows.shown(file).startsWith(below));
    return isFolder
        ? CorruptFiles.strict(spark, files, paths.getFirst())
        : CorruptFiles.strict(spark, files);
  }

  /** Files of one schema. */
  private record Part(Dataset<Row> table, String source) {}

  private Dataset<Row> sessionsOfFiles(List<Part> parts) throws LogFormatException {
    String[] files = parts.stream()
        .flatMap(part -> Arrays.stream(part.table.inputFiles()))
        .map(ParseRows::shown)
        .sorted()
        .toArray(String[]::new);
    requireActions(parts, files);
    Column file = functions.col("_metadata.file_path");
    Column row = functions.col("_metadata.row_index");
    Taken all = null;
    for (Part part : parts) {
      Taken its = taken(part.table, part.source, files, file, row);
      all = all == null ? its : all.and(its);
    }
    if (all == null) {
      throw new IllegalArgumentException("at least one table must be read");
    }
    return sessions(all);
  }

  /** An action that never occurs is found before anything is written. */
  private void requireActions(List<Part> parts, String[] files) throws LogFormatException {
    Map<String, Long> occurring = new TreeMap<>();
    for (Part part : parts) {
      Column action = InputColumns.of(part.table.schema(), options, part.source).action();
      if (action != null) {
        CountActions.of(part.table, action, options.actions())
            .forEach((name, count) -> occurring.merge(name, count, Long::sum));
      }
    }
    if (files.length > 0) {
      ActionCounts.requireEach(options.actions(), occurring, files[0]);
    }
  }

  /**
   * The sessions of any table, whose order is that of its rows.
   *
   * @param table clicks or sessions, with columns as a log has them
   * @return as {@link #read}
   * @throws LogFormatException when columns are missing
   */
  public Dataset<Row> of(Dataset<Row> table) throws LogFormatException {
    return sessions(taken(
        table,
        "the table",
        new String[] {"the table"},
        functions.lit("the table"),
        functions.monotonically_increasing_id()));
  }

  /** Rows as {@link ParseRows} takes them, and what they are. */
  private record Taken(Dataset<Row> rows, ClickRows as, String source) {
    /** With those of other files, which must be the same kind of log. */
    Taken and(Taken other) throws LogFormatException {
      if (as.lists() != other.as.lists()) {
        throw new LogFormatException(
            other.source,
            "expected " + (as.lists() ? "lists of items" : "one item a row") + " as in " + source
                + ": load them apart");
      }
      boolean timed = as.timeColumn() >= 0;
      if (timed != other.as.timeColumn() >= 0) {
        throw new LogFormatException(
            other.source,
            "expected " + (timed ? "times" : "no times") + " as in " + source
                + ": load them apart");
      }
      if (as.sessionsBy() != other.as.sessionsBy()) {
        throw new LogFormatException(
            other.source,
            "its sessions are by " + other.as.sessionsBy() + ", but those of " + source + " by "
                + as.sessionsBy() + ": load them apart");
      }
      return new Taken(rows.union(other.rows), as, source);
    }
  }

  private Taken taken(Dataset<Row> table, String source, String[] files, Column file, Column row)
      throws LogFormatException {
    InputColumns columns = InputColumns.of(table.schema(), options, source);
    Column[] selected = Arrays.copyOf(columns.selected(), 6);
    selected[4] = file.as("file");
    selected[5] = row.as("row");
    ParseRows take = new ParseRows(columns, files, counts);
    return new Taken(
        table.select(selected).mapPartitions(take, take.encoder()), columns.rows(), source);
  }

  private Dataset<Row> sessions(Taken taken) {
    if (taken.as.lists()) {
      return taken.rows;
    }
    MakeSessions make = new MakeSessions(
        taken.as.sessionsBy() == SessionsBy.INACTIVITY ? options.inactivity() : null);
    return taken
        .rows
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
