package io.attune.spark;

import io.attune.log.ActionCounts;
import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.log.RowParser;
import io.attune.session.Counts;
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
 * Reads sessions from a table of sessions or of clicks. The clicks of a key are brought together in
 * one partition, where clicks with the same time keep the order of the log, so that the sessions
 * are the same as {@code ClickLog} makes of the same files in name order.
 */
public final class SessionInput {
  private final LogOptions options;
  private final int partitions;
  private final JobCounts counts;
  private boolean histories;

  /**
   * Creates an input.
   *
   * @param options the columns, and what makes a session
   * @param partitions the number of partitions of clicks by key; tables of sessions keep theirs
   */
  public SessionInput(SparkSession spark, LogOptions options, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException("there must be at least 1 partition, not " + partitions);
    }
    this.options = options;
    this.partitions = partitions;
    this.counts = JobCounts.in(spark);
  }

  /** The metrics of reading, complete once the sessions were read. */
  JobCounts counts() {
    return counts;
  }

  /** Whether the sessions that were read last are whole histories of users, one a user. */
  public boolean areHistories() {
    return histories;
  }

  /**
   * Reads the sessions of Parquet files, lazily; a file that cannot be read is an error. If the
   * options choose actions, their column is read immediately, and an action that never occurs is an
   * error.
   *
   * @param paths files and folders
   * @return a table with the columns {@code session_id} (string), {@code items} (array of strings)
   *     and {@code times} (array of milliseconds, or null)
   * @throws LogFormatException if a column is missing, or an action never occurs
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
   * Reads the sessions of all files that are not corrupt, for which all files are read immediately.
   *
   * @param skipped is called with the corrupt files
   */
  public Dataset<Row> readSkippingCorrupt(
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
          source,
          "expected Parquet files, but " + Counts.of(corrupt.size(), "file is", "files are")
              + " corrupt and there are no others");
    }
    return sessionsOfFiles(parts);
  }

  /** A table of some files of the paths, in which partition columns are kept. */
  private static Dataset<Row> strict(SparkSession spark, List<String> paths, List<String> files) {
    String below = ParseRows.shown(paths.getFirst()) + "/";
    boolean isFolder = paths.size() == 1
        && files.stream().allMatch(file -> ParseRows.shown(file).startsWith(below));
    return isFolder
        ? CorruptFiles.strict(spark, files, paths.getFirst())
        : CorruptFiles.strict(spark, files);
  }

  /** A table of files with the same schema. */
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
    Parsed all = null;
    for (Part part : parts) {
      Parsed its = parse(part.table, part.source, files, file, row);
      all = all == null ? its : all.and(its);
    }
    if (all == null) {
      throw new IllegalArgumentException("at least one table is needed");
    }
    return sessions(all);
  }

  /** Fails if an action never occurs, before anything is written. */
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
   * Reads the sessions of any table, in the order of its rows.
   *
   * @param table clicks or sessions, with the columns of a log
   * @return a table as in {@link #read}
   * @throws LogFormatException if a column is missing
   */
  public Dataset<Row> of(Dataset<Row> table) throws LogFormatException {
    return sessions(parse(
        table,
        "the table",
        new String[] {"the table"},
        functions.lit("the table"),
        functions.monotonically_increasing_id()));
  }

  /** The result of {@link ParseRows}, and the parser that describes it. */
  private record Parsed(Dataset<Row> rows, RowParser parser, String source) {
    /** Adds the rows of other files, which must be the same kind of log. */
    Parsed and(Parsed other) throws LogFormatException {
      if (parser.sessionRows() != other.parser.sessionRows()) {
        throw other.unlike(parser.sessionRows() ? "lists of items" : "one item per row", source);
      }
      boolean timed = parser.timeColumn() >= 0;
      if (timed != other.parser.timeColumn() >= 0) {
        throw other.unlike(timed ? "times" : "no times", source);
      }
      if (parser.sessionsBy() != other.parser.sessionsBy()) {
        throw other.unlike("sessions by " + parser.sessionsBy().label(), source);
      }
      return new Parsed(rows.union(other.rows), parser, source);
    }

    private LogFormatException unlike(String expected, String first) {
      return new LogFormatException(
          source, "expected " + expected + " as in " + first + ": load the files separately");
    }
  }

  private Parsed parse(Dataset<Row> table, String source, String[] files, Column file, Column row)
      throws LogFormatException {
    InputColumns columns = InputColumns.of(table.schema(), options, source);
    RowParser parser = columns.parser();
    Column[] selected = Arrays.copyOf(columns.selected(), 6);
    selected[4] = file.as("file");
    selected[5] = row.as("row");
    ParseRows parse =
        new ParseRows(table.schema(), options, source, parser.sessionRows(), files, counts);
    return new Parsed(table.select(selected).mapPartitions(parse, parse.encoder()), parser, source);
  }

  private Dataset<Row> sessions(Parsed parsed) {
    histories = parsed.parser.sessionsBy() == SessionsBy.USER;
    if (parsed.parser.sessionRows()) {
      return parsed.rows;
    }
    MakeSessions make = new MakeSessions(
        parsed.parser.sessionsBy() == SessionsBy.INACTIVITY ? options.inactivity() : null);
    return parsed
        .rows
        .repartition(partitions, functions.col("key"))
        .sortWithinPartitions("key", "file", "row")
        .mapPartitions(make, SessionTable.encoder());
  }

  /** Builds sessions from the clicks of a partition, which are sorted by key. */
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
