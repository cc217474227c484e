package io.attune.spark;

import io.attune.log.ClickRows;
import io.attune.log.LogFormatException;
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
 * Takes the rows of a partition: clicks with checked ids and times, or sessions. A row is what
 * {@link InputColumns#selected} selects, then the file's name and the row's number in it, from 0.
 */
final class ParseRows implements MapPartitionsFunction<Row, Row> {
  @Serial
  private static final long serialVersionUID = 1;

  /** Clicks on their way to their sessions; file and row say how they stood in the log. */
  private static final StructType CLICKS = new StructType()
      .add("key", DataTypes.StringType, false)
      .add("item", DataTypes.StringType, false)
      .add("time", DataTypes.LongType, true)
      .add("file", DataTypes.IntegerType, false)
      .add("row", DataTypes.LongType, false);

  private final InputColumns columns;
  private final boolean lists;
  private final String[] files;
  private final JobCounts counts;

  /**
   * Made by the driver.
   *
   * @param files {@link #shown} names of the files in order, by which clicks of one time are
   *     ordered
   */
  ParseRows(InputColumns columns, String[] files, JobCounts counts) throws LogFormatException {
    this.columns = columns;
    this.lists = columns.rows().lists();
    this.files = files.clone();
    this.counts = counts;
  }

  /** Of what comes out. */
  Encoder<Row> encoder() {
    return lists ? SessionTable.encoder() : Encoders.row(CLICKS);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws LogFormatException {
    return new Taken(rows, columns.rows(), counts.tally());
  }

  private final class Taken implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final ClickRows taker;
    private final JobCounts.Tally tally;
    private @Nullable Row next;
    private String address = "";
    private String file = "";
    private int number;

    Taken(Iterator<Row> rows, ClickRows taker, JobCounts.Tally tally) {
      this.rows = rows;
      this.taker = taker;
      this.tally = tally;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null && rows.hasNext()) {
          tally.add(Count.ROWS, 1);
          next = take(rows.next());
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

    private @Nullable Row take(Row row) throws LogFormatException {
      if (!row.getString(4).equals(address)) {
        address = row.getString(4);
        file = shown(address);
        number = Arrays.binarySearch(files, file);
        if (number < 0) {
          throw new IllegalStateException(file + " is none of the input's files");
        }
      }
      return lists ? session(row) : click(row);
    }

    private @Nullable Row click(Row row) throws LogFormatException {
      ClickRows.Taken taken =
          taker.take(file, row.getLong(5) + 1, row.get(0), row.get(1), row.get(2), row.get(3));
      switch (taken) {
        case CLICK -> {}
        case BAD -> tally.add(Count.BAD_ROWS, 1);
        case OTHER_ACTION -> tally.add(Count.OTHER_ACTIONS, 1);
      }
      if (taken != ClickRows.Taken.CLICK) {
        return null;
      }
      Long time = taker.timeColumn() < 0 ? null : (Long) taker.time();
      return RowFactory.create(taker.key(), taker.item(), time, number, row.getLong(5));
    }

    private @Nullable Row session(Row row) throws LogFormatException {
      ClickRows.Taken taken = taker.takeSession(
          file,
          row.getLong(5) + 1,
          row.get(0),
          row.isNullAt(1) ? null : row.getList(1),
          row.isNullAt(2) ? null : row.getList(2));
      if (taken != ClickRows.Taken.CLICK) {
        tally.add(Count.BAD_ROWS, 1);
        return null;
      }
      return SessionTable.row(taker.session());
    }
  }

  /** A file's name as people write it; Spark writes the same file's address in several ways. */
  static String shown(String address) {
    try {
      URI uri = URI.create(address);
      return "file".equals(uri.getScheme()) ? uri.getPath() : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
