package io.attune.log;

import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import io.attune.session.Counts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads Parquet files whose rows are clicks, or sessions with a list of items.
 *
 * <p>Hardwood decodes pages in its own threads, which end when this is closed; the calling thread
 * extracts the clicks.
 */
final class ParquetLog implements AutoCloseable {
  private static final int MAX_THREADS = 4;
  private static final int MAGIC = 4;

  private final Path path;
  private final HardwoodContext context;
  private final ParquetBytes bytes;
  private final ParquetFileReader file;
  private final List<ParquetColumn> columns;

  private ParquetLog(
      Path path, HardwoodContext context, ParquetBytes bytes, ParquetFileReader file) {
    this.path = path;
    this.context = context;
    this.bytes = bytes;
    this.file = file;
    this.columns = ParquetColumn.of(file.getFileSchema());
  }

  static ParquetLog open(Path path) throws LogFormatException {
    ParquetBytes bytes;
    try {
      bytes = new ParquetBytes(path);
    } catch (IOException e) {
      throw LogFile.explain(path, 0, e);
    }
    HardwoodContext context =
        HardwoodContext.create(Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
    try {
      checkEnds(bytes);
      ParquetFileReader file = ParquetFileReader.open(bytes, context);
      checkCounts(file.getFileMetaData());
      return new ParquetLog(path, context, bytes, file);
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      context.close();
      try {
        bytes.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw corrupt(path, 0, null, e);
    }
  }

  private static void checkEnds(ParquetBytes bytes) throws IOException {
    long size = bytes.length();
    if (size < 3 * MAGIC) {
      throw new IOException("it is too short: is it truncated?");
    }
    String begin = ascii(bytes.readRange(0, MAGIC));
    String end = ascii(bytes.readRange(size - MAGIC, MAGIC));
    if (begin.equals("PARE") || end.equals("PARE")) {
      throw new IOException("it is encrypted, which is not supported: decrypt it");
    }
    if (!end.equals("PAR1")) {
      throw new IOException("it does not end with PAR1: is it truncated?");
    }
  }

  private static String ascii(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes).toString();
  }

  private static void checkCounts(FileMetaData data) throws IOException {
    long rows = 0;
    for (RowGroup group : data.rowGroups()) {
      rows += group.numRows();
      if (group.numRows() < 0) {
        throw new IOException("a row group has " + group.numRows() + " rows");
      }
    }
    if (rows != data.numRows()) {
      throw new IOException("its row groups have " + Counts.of(rows, "row")
          + ", but the file claims " + data.numRows());
    }
  }

  /** The columns in the order of the file. */
  List<TableColumn> columns() {
    return columns.stream().map(ParquetColumn::toTableColumn).toList();
  }

  /** Reads all rows. */
  void read(TableSchema schema, SessionKey sessionKey, ClickSink sink, Progress progress)
      throws LogFormatException {
    Columns found = schema.columns();
    Set<String> actions = sink.actions(Set.of());
    boolean hasActions = found.action() >= 0 && !actions.isEmpty();
    List<ParquetColumn> chosen = new ArrayList<>();
    chosen.add(columns.get(sessionKey.session() ? found.session() : found.user()));
    chosen.add(columns.get(found.item()));
    if (found.time() >= 0) {
      chosen.add(columns.get(found.time()));
    }
    if (hasActions) {
      chosen.add(columns.get(found.action()));
    }
    Position position = new Position();
    try (ParquetBatches batches = ParquetBatches.of(file, bytes, chosen, position)) {
      ParquetValues time = found.time() < 0 ? null : batches.values(2);
      ParquetValues action = hasActions ? batches.values(chosen.size() - 1) : null;
      ParquetRows rows =
          new ParquetRows(batches.values(0), batches.values(1), time, action, sessionKey, sink);
      while (batches.next(position)) {
        if (schema.sessionRows()) {
          rows.sessions(position, batches.rows());
        } else {
          rows.clicks(position, batches.rows());
        }
        progress.reached(position.row, file.getFileMetaData().numRows());
      }
      position.column = null;
      long all = file.getFileMetaData().numRows();
      if (position.row != all) {
        // Hardwood ends early, without an error, if its caller is interrupted.
        throw new IOException("only " + position.row + " of " + all + " rows were read");
      }
    } catch (LogFormatException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw corrupt(path, position.row, position.column, e);
    }
  }

  /** A listener for progress. */
  @FunctionalInterface
  interface Progress {
    void reached(long row, long rows);
  }

  /** The row that was read last, from 1, and the column that is being decoded. */
  static final class Position {
    long row;

    @Nullable
    String column;
  }

  /**
   * An exception for a corrupt file, which makes decoders fail in many ways: also with errors, if
   * it claims huge sizes.
   */
  private static LogFormatException corrupt(
      Path path, long row, @Nullable String column, Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof UnsupportedOperationException)) {
      cause = cause.getCause();
    }
    String reason = cause instanceof OutOfMemoryError
        ? "not enough memory: is it corrupt?"
        : cause.getMessage() == null || isMeaningless(cause)
            ? "it is corrupt (" + cause.getClass().getSimpleName() + ")"
            : cause.getMessage();
    String first = reason.lines().findFirst().orElse("").replace("[" + path + "] ", "");
    String where = column == null ? "" : "in the column '" + column + "': ";
    return new LogFormatException(
        path, row, "the Parquet file cannot be read: " + where + first, e);
  }

  /** Whether the message of a decoder's failure would mean nothing to a user. */
  private static boolean isMeaningless(Throwable cause) {
    return cause instanceof NullPointerException
        || cause instanceof IndexOutOfBoundsException
        || cause instanceof ClassCastException
        || cause instanceof NegativeArraySizeException
        || cause instanceof Error;
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      context.close();
    }
  }
}
