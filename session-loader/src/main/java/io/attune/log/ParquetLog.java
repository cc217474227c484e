package io.attune.log;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.VersionParser.VersionParseException;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.jspecify.annotations.Nullable;

/**
 * Reads clicks from Parquet, one row a click, with Parquet's own decoders and without Hadoop.
 *
 * <p>Columns of lists and maps are passed over. Known compressions: none, Snappy, gzip, zstd.
 */
final class ParquetLog implements AutoCloseable {
  private static final int MAX_METADATA = 1 << 26;

  private final Path path;
  private final FileChannel file;
  private final FileMetaData metadata;
  private final List<ParquetColumn> columns;

  private ParquetLog(
      Path path, FileChannel file, FileMetaData metadata, List<ParquetColumn> columns) {
    this.path = path;
    this.file = file;
    this.metadata = metadata;
    this.columns = columns;
  }

  static ParquetLog open(Path path) throws LogFormatException {
    FileChannel file;
    try {
      file = FileChannel.open(path);
    } catch (IOException e) {
      throw LogFile.explain(path, 0, e);
    }
    try {
      FileMetaData metadata = footer(file);
      return new ParquetLog(path, file, metadata, ParquetColumn.of(metadata.getSchema()));
    } catch (IOException | RuntimeException e) {
      try {
        file.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw damaged(path, 0, e);
    }
  }

  private static FileMetaData footer(FileChannel file) throws IOException {
    long size = file.size();
    ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    if (size < 12 || file.read(end, size - 8) < 8) {
      throw new IOException("the file is too short: is it truncated?");
    }
    String magic = new String(end.array(), 4, 4, StandardCharsets.ISO_8859_1);
    if (magic.equals("PARE")) {
      throw new IOException("the file is encrypted");
    }
    int length = end.getInt(0);
    if (!magic.equals("PAR1") || length < 0 || length > size - 12 || length > MAX_METADATA) {
      throw new IOException("the file does not end as Parquet does: is it truncated?");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    if (file.read(bytes, size - 8 - length) < length) {
      throw new EOFException();
    }
    return Util.readFileMetaData(new ByteArrayInputStream(bytes.array()));
  }

  /** The names of the columns with one value a row. */
  List<String> names() {
    return columns.stream().map(ParquetColumn::name).toList();
  }

  /** Reads all rows; bad ones are numbered from 1. */
  void read(Columns found, Keys keys, ClickSink sink, Reached reached) throws LogFormatException {
    ParquetColumn key = columns.get(keys.session() ? found.session() : found.user());
    ParquetColumn item = columns.get(found.item());
    ParquetColumn time = found.time() < 0 ? null : columns.get(found.time());
    Set<String> actions = sink.actions(Set.of());
    ParquetColumn action =
        found.action() < 0 || actions.isEmpty() ? null : columns.get(found.action());
    Rows rows = new Rows(key, item, time, action, actions, keys, sink);
    try {
      for (RowGroup group : metadata.getRow_groups()) {
        rows.read(group);
        reached.at(rows.row, metadata.getNum_rows());
      }
    } catch (LogFormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged(path, rows.row, e);
    }
  }

  /** Is told of rows read, of all rows. */
  @FunctionalInterface
  interface Reached {
    void at(long row, long rows);
  }

  /** A damaged file makes Parquet's decoders fail in many ways; all mean the same to the user. */
  private static LogFormatException damaged(Path path, long row, Exception e) {
    Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
    String message =
        cause instanceof EOFException ? "it ends too early" : String.valueOf(cause.getMessage());
    String first = message.lines().findFirst().orElse("");
    return new LogFormatException(path, row, "the Parquet file cannot be read: " + first, e);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class Rows {
    private final ParquetColumn keyColumn;
    private final ParquetColumn itemColumn;
    private final @Nullable ParquetColumn timeColumn;
    private final @Nullable ParquetColumn actionColumn;
    private final Set<String> actions;
    private final Keys keys;
    private final ClickSink sink;
    private final Field key = new Field();
    private final Field item = new Field();
    private final Field time = new Field();
    private final Field action = new Field();
    private long row;

    Rows(
        ParquetColumn keyColumn,
        ParquetColumn itemColumn,
        @Nullable ParquetColumn timeColumn,
        @Nullable ParquetColumn actionColumn,
        Set<String> actions,
        Keys keys,
        ClickSink sink) {
      this.keyColumn = keyColumn;
      this.itemColumn = itemColumn;
      this.timeColumn = timeColumn;
      this.actionColumn = actionColumn;
      this.actions = actions;
      this.keys = keys;
      this.sink = sink;
    }

    void read(RowGroup group) throws IOException {
      long count = group.getNum_rows();
      if (count == 0) {
        return;
      }
      ColumnReader keyReader = reader(group, keyColumn, count);
      ColumnReader itemReader = reader(group, itemColumn, count);
      ColumnReader timeReader = timeColumn == null ? null : reader(group, timeColumn, count);
      ColumnReader actionReader = actionColumn == null ? null : reader(group, actionColumn, count);
      for (long i = 0; i < count; i++) {
        row++;
        sink.line();
        keyColumn.text(keyReader, key);
        itemColumn.text(itemReader, item);
        long millis = timeColumn == null || timeReader == null
            ? Times.NONE
            : timeColumn.time(timeReader, sink.times(), time);
        if (actionColumn != null && actionReader != null) {
          actionColumn.text(actionReader, action);
        }
        take(millis);
        keyReader.consume();
        itemReader.consume();
        if (timeReader != null) {
          timeReader.consume();
        }
        if (actionReader != null) {
          actionReader.consume();
        }
      }
    }

    private void take(long millis) throws LogFormatException {
      if (actionColumn != null && !actions.contains(action.toString())) {
        sink.otherAction(action.toString());
      } else if (timeColumn == null) {
        sink.click(row, key, keys.name(), item, null);
      } else if (millis == Times.NONE) {
        sink.bad(row, "expected a time in the column " + timeColumn.name());
      } else {
        sink.click(row, key, keys.name(), item, millis);
      }
    }

    private ColumnReader reader(RowGroup group, ParquetColumn column, long count)
        throws IOException {
      if (column.index() >= group.getColumns().size()) {
        throw new IOException("a row group lacks the column " + column.name());
      }
      ColumnMetaData data = group.getColumns().get(column.index()).getMeta_data();
      if (data == null || data.getNum_values() != count) {
        throw new IOException(
            "a row group has another number of values in the column " + column.name());
      }
      ParquetPages pages = new ParquetPages(file, data, column.descriptor().getPrimitiveType());
      return new ColumnReaderImpl(
          column.descriptor(), pages, new PrimitiveConverter() {}, version());
    }

    private @Nullable ParsedVersion version() {
      try {
        return metadata.getCreated_by() == null
            ? null
            : VersionParser.parse(metadata.getCreated_by());
      } catch (VersionParseException e) {
        return null;
      }
    }
  }
}
