package io.attune.log;

import dev.hardwood.HardwoodContext;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads clicks from Parquet: a row is a click, or a session with a list of items.
 *
 * <p>Pages are decoded by Hardwood on threads of its own while the calling thread takes the clicks;
 * they end when this is closed.
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
      throw damaged(path, 0, null, e);
    }
  }

  private static void checkEnds(ParquetBytes bytes) throws IOException {
    long size = bytes.length();
    if (size < 3 * MAGIC) {
      throw new IOException("the file is too short: is it truncated?");
    }
    String begin = ascii(bytes.readRange(0, MAGIC));
    String end = ascii(bytes.readRange(size - MAGIC, MAGIC));
    if (begin.equals("PARE") || end.equals("PARE")) {
      throw new IOException("the file is encrypted, which is not supported: decrypt it");
    }
    if (!end.equals("PAR1")) {
      throw new IOException("the file does not end as Parquet does: is it truncated?");
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
      throw new IOException(
          "its row groups have " + rows + " rows, but the file " + data.numRows());
    }
  }

  /** The columns of the file, in its order. */
  List<TableColumn> columns() {
    return columns.stream().map(ParquetColumn::inTable).toList();
  }

  /** Reads all rows; bad ones are numbered from 1. */
  void read(TableChoice choice, Keys keys, ClickSink sink, Reached reached)
      throws LogFormatException {
    Columns found = choice.columns();
    Set<String> actions = sink.actions(Set.of());
    boolean hasActions = found.action() >= 0 && !actions.isEmpty();
    List<ParquetColumn> chosen = new ArrayList<>();
    chosen.add(columns.get(keys.session() ? found.session() : found.user()));
    chosen.add(columns.get(found.item()));
    if (found.time() >= 0) {
      chosen.add(columns.get(found.time()));
    }
    if (hasActions) {
      chosen.add(columns.get(found.action()));
    }
    Place place = new Place();
    try (ParquetBatches batches = ParquetBatches.of(file, bytes, chosen, place)) {
      ParquetValues time = found.time() < 0 ? null : batches.values(2);
      ParquetValues action = hasActions ? batches.values(chosen.size() - 1) : null;
      ParquetRows rows =
          new ParquetRows(batches.values(0), batches.values(1), time, action, keys, sink);
      while (batches.next(place)) {
        if (choice.lists()) {
          rows.sessions(place, batches.rows());
        } else {
          rows.clicks(place, batches.rows());
        }
        reached.at(place.row, file.getFileMetaData().numRows());
      }
      place.column = null;
      long all = file.getFileMetaData().numRows();
      if (place.row != all) {
        // Hardwood ends early, without an error, when its caller is interrupted.
        throw new IOException("only " + place.row + " of " + all + " rows were read");
      }
    } catch (LogFormatException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw damaged(path, place.row, place.column, e);
    }
  }

  /** Is told of rows read, of all rows. */
  @FunctionalInterface
  interface Reached {
    void at(long row, long rows);
  }

  /** How far reading has come: the row, from 1, and the column that is being decoded. */
  static final class Place {
    long row;

    @Nullable
    String column;
  }

  /**
   * A damaged file makes decoders fail in many ways, also by claiming sizes that nobody has; all
   * mean the same to the user.
   */
  private static LogFormatException damaged(
      Path path, long row, @Nullable String column, Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof UnsupportedOperationException)) {
      cause = cause.getCause();
    }
    String told = cause instanceof OutOfMemoryError
        ? "it needs more memory than there is: is it damaged?"
        : cause.getMessage() == null || isBlunder(cause)
            ? "it is damaged (" + cause.getClass().getSimpleName() + ")"
            : cause.getMessage();
    String first = told.lines().findFirst().orElse("").replace("[" + path + "] ", "");
    String where = column == null ? "" : "in the column '" + column + "': ";
    return new LogFormatException(
        path, row, "the Parquet file cannot be read: " + where + first, e);
  }

  /** What a decoder stumbles over says nothing to a user. */
  private static boolean isBlunder(Throwable cause) {
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
