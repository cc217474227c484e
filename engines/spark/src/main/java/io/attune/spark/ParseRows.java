package io.attune.spark;

import io.attune.log.LogFormatException;
import io.attune.log.LogOptions;
import io.attune.log.RowParser;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Parses the rows of a partition into clicks with valid ids and times, or into sessions. A row
 * consists of {@link InputColumns#selected}, the file's name, and the row's index in the file.
 */
final class ParseRows implements MapPartitionsFunction<Row, Row> {
  @Serial
  private static final long serialVersionUID = 1;

  /** Clicks with their position in the log. */
  private static final StructType CLICKS = new StructType()
      .add("key", DataTypes.StringType, false)
      .add("item", DataTypes.StringType, false)
      .add("time", DataTypes.LongType, true)
      .add("file", DataTypes.IntegerType, false)
      .add("row", DataTypes.LongType, false);

  private final StructType schema;
  private final SerializableRecord<LogOptions> options;
  private final String source;
  private final boolean sessionRows;
  private final String[] files;
  private final JobCounts counts;

  /**
   * Created by the driver.
   *
   * @param schema the table's columns
   * @param source the table's name, for messages
   * @param sessionRows whether a row is a session
   * @param files the {@link #shown} names of the files, sorted; clicks with the same time are in
   *     the order of their files
   */
  ParseRows(
      StructType schema,
      LogOptions options,
      String source,
      boolean sessionRows,
      String[] files,
      JobCounts counts) {
    this.schema = schema;
    this.options = new SerializableRecord<>(options);
    this.source = source;
    this.sessionRows = sessionRows;
    this.files = files.clone();
    this.counts = counts;
  }

  /** The encoder of the result. */
  Encoder<Row> encoder() {
    return sessionRows ? SessionTable.encoder() : Encoders.row(CLICKS);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws LogFormatException {
    return new Parsed(
        rows, InputColumns.of(schema, options.get(), source).parser(), counts.tally());
  }

  private final class Parsed implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final RowParser parser;
    private final JobCounts.Tally tally;
    private @Nullable Row next;
    private String address = "";
    private String file = "";
    private int number;

    Parsed(Iterator<Row> rows, RowParser parser, JobCounts.Tally tally) {
      this.rows = rows;
      this.parser = parser;
      this.tally = tally;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null && rows.hasNext()) {
          tally.add(Count.ROWS, 1);
          next = parse(rows.next());
          if (next == null && !rows.hasNext()) {
            tally.done();
          }
        }
      } catch (LogFormatException e) {
        throw new UncheckedIOException(e);
      }
      return next != null;
    }

    @Override
    public Row next() {
      Row row = hasNext() ? next : null;
      if (row == null) {
        throw new NoSuchElementException();
      }
      next = null;
      if (!rows.hasNext()) {
        tally.done();
      }
      return row;
    }

    private @Nullable Row parse(Row row) throws LogFormatException {
      if (!row.getString(4).equals(address)) {
        address = row.getString(4);
        file = shown(address);
        number = Arrays.binarySearch(files, file);
        if (number < 0) {
          throw new IllegalStateException(file + " is not a file of the input");
        }
      }
      return sessionRows ? session(row) : click(row);
    }

    private @Nullable Row click(Row row) throws LogFormatException {
      RowParser.Outcome outcome =
          parser.parse(file, row.getLong(5) + 1, row.get(0), row.get(1), row.get(2), row.get(3));
      switch (outcome) {
        case PARSED -> {
          Long time = parser.timeColumn() < 0 ? null : (Long) parser.time();
          return RowFactory.create(parser.key(), parser.item(), time, number, row.getLong(5));
        }
        case MALFORMED -> tally.add(Count.BAD_ROWS, 1);
        case OTHER_ACTION -> tally.add(Count.OTHER_ACTIONS, 1);
      }
      return null;
    }

    private @Nullable Row session(Row row) throws LogFormatException {
      RowParser.Outcome outcome = parser.parseSession(
          file,
          row.getLong(5) + 1,
          row.get(0),
          row.isNullAt(1) ? null : row.getList(1),
          row.isNullAt(2) ? null : row.getList(2));
      if (outcome != RowParser.Outcome.PARSED) {
        tally.add(Count.BAD_ROWS, 1);
        return null;
      }
      return SessionTable.row(parser.session());
    }
  }

  /** A file's plain name, since Spark writes the address of a file in several ways. */
  static String shown(String address) {
    try {
      URI uri = URI.create(address);
      return "file".equals(uri.getScheme()) ? uri.getPath() : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
