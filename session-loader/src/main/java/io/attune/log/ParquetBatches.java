package io.attune.log;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import io.attune.session.Counts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads some columns of a Parquet file in batches of rows. */
final class ParquetBatches implements AutoCloseable {
  /** Few enough even if rows are long lists, and enough to make the cost per batch negligible. */
  private static final int ROWS_PER_BATCH = 8_192;

  private final ColumnReaders readers;
  private final List<ParquetValues> values = new ArrayList<>();
  private final Map<ColumnReader, ParquetValues> byReader = new HashMap<>();
  private int rows;

  private ParquetBatches(ColumnReaders readers, List<ParquetColumn> columns) throws IOException {
    this.readers = readers;
    for (ParquetColumn column : columns) {
      ColumnReader reader = reader(column);
      if (reader == null) {
        readers.close();
        throw new IOException("the column " + column.name() + " is ambiguous");
      }
      ParquetValues its = byReader.computeIfAbsent(reader, key -> new ParquetValues(column, key));
      values.add(its);
    }
  }

  /**
   * Checks the columns and starts decoding them.
   *
   * @param columns the columns to read, each with a schema
   * @param position is set to the column that is being checked
   */
  static ParquetBatches of(
      ParquetFileReader file,
      ParquetBytes bytes,
      List<ParquetColumn> columns,
      ParquetLog.Position position)
      throws IOException {
    ColumnProjection projection = projection(file, columns);
    Set<Integer> wanted = new HashSet<>();
    for (ParquetColumn column : columns) {
      if (column.schema() != null) {
        wanted.add(column.schema().columnIndex());
      }
    }
    SnappyPages snappy = new SnappyPages(bytes);
    for (ColumnSchema column : file.getFileSchema().getColumns()) {
      if (projection.projectsAll() || wanted.contains(column.columnIndex())) {
        position.column = column.fieldPath().toString();
        for (RowGroup group : file.getFileMetaData().rowGroups()) {
          snappy.check(chunk(group, column));
        }
      }
    }
    position.column = null;
    return new ParquetBatches(
        file.buildColumnReaders(projection).batchSize(ROWS_PER_BATCH).build(), columns);
  }

  /** Checks the number of values, since columns of different lengths would not be noticed. */
  private static ColumnChunk chunk(RowGroup group, ColumnSchema column) throws IOException {
    if (column.columnIndex() >= group.columns().size()) {
      throw new IOException("a row group does not have it");
    }
    ColumnChunk chunk = group.columns().get(column.columnIndex());
    long values = chunk.metaData().numValues();
    if (column.maxRepetitionLevel() == 0 && values != group.numRows()) {
      throw new IOException("a row group has " + Counts.of(group.numRows(), "row") + ", but "
          + Counts.of(values, "value"));
    }
    return chunk;
  }

  /**
   * Hardwood selects columns by their last name, of which it takes the first, or by a path without
   * dots in its parts. If neither is unambiguous, all columns are read.
   */
  private static ColumnProjection projection(ParquetFileReader file, List<ParquetColumn> columns) {
    Map<String, Integer> names = new HashMap<>();
    for (ColumnSchema schema : file.getFileSchema().getColumns()) {
      names.merge(schema.name(), 1, Integer::sum);
    }
    List<String> chosen = new ArrayList<>();
    for (ParquetColumn column : columns) {
      ColumnSchema schema = column.schema();
      if (schema == null) {
        return ColumnProjection.all();
      }
      List<String> path = schema.fieldPath().elements();
      boolean isAlone = path.size() > 1 || names.getOrDefault(schema.name(), 0) == 1;
      if (!isAlone || path.stream().anyMatch(part -> part.contains("."))) {
        return ColumnProjection.all();
      }
      chosen.add(schema.fieldPath().toString());
    }
    return ColumnProjection.columns(chosen.toArray(String[]::new));
  }

  private @Nullable ColumnReader reader(ParquetColumn column) {
    ColumnSchema wanted = column.schema();
    for (int i = 0; wanted != null && i < readers.getColumnCount(); i++) {
      ColumnReader reader = readers.getColumnReader(i);
      if (reader.getColumnSchema().columnIndex() == wanted.columnIndex()) {
        return reader;
      }
    }
    return null;
  }

  /** The values of a column, by its index among the requested columns. */
  ParquetValues values(int column) {
    return values.get(column);
  }

  /** The number of rows in the current batch. */
  int rows() {
    return rows;
  }

  /**
   * Advances to the next batch.
   *
   * @param position is set to the column that is being decoded
   * @return false at the end
   */
  boolean next(ParquetLog.Position position) throws IOException {
    int ended = 0;
    for (int i = 0; i < readers.getColumnCount(); i++) {
      ColumnReader reader = readers.getColumnReader(i);
      ParquetValues its = byReader.get(reader);
      position.column = its == null ? null : its.name();
      if (!reader.nextBatch()) {
        ended++;
      } else if (i > 0 && reader.getRecordCount() != rows) {
        throw new IOException("the columns have different numbers of rows");
      } else {
        rows = reader.getRecordCount();
        if (its != null) {
          its.next();
        }
      }
    }
    if (ended > 0 && ended < readers.getColumnCount()) {
      throw new IOException("the columns have different numbers of rows");
    }
    position.column = null;
    return ended == 0 && readers.getColumnCount() > 0;
  }

  @Override
  public void close() {
    readers.close();
  }
}
