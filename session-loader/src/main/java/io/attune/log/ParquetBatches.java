package io.attune.log;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Batches of rows of a few columns of a Parquet file. */
final class ParquetBatches implements AutoCloseable {
  /** Few enough for a batch of lists, enough that handing over a batch costs nothing. */
  private static final int ROWS = 8_192;

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
        throw new IOException("the column " + column.name() + " cannot be told from others");
      }
      ParquetValues its = byReader.computeIfAbsent(reader, key -> new ParquetValues(column, key));
      values.add(its);
    }
  }

  /**
   * Looks at the columns, and starts to decode them.
   *
   * @param columns those to read, each with values
   * @param place is told the column that is looked at
   */
  static ParquetBatches of(
      ParquetFileReader file,
      ParquetBytes bytes,
      List<ParquetColumn> columns,
      ParquetLog.Place place)
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
        place.column = column.fieldPath().toString();
        for (RowGroup group : file.getFileMetaData().rowGroups()) {
          snappy.check(chunk(group, column));
        }
      }
    }
    place.column = null;
    return new ParquetBatches(
        file.buildColumnReaders(projection).batchSize(ROWS).build(), columns);
  }

  /** Columns of different lengths would be read side by side without a word. */
  private static ColumnChunk chunk(RowGroup group, ColumnSchema column) throws IOException {
    if (column.columnIndex() >= group.columns().size()) {
      throw new IOException("a row group lacks it");
    }
    ColumnChunk chunk = group.columns().get(column.columnIndex());
    long values = chunk.metaData().numValues();
    if (column.maxRepetitionLevel() == 0 && values != group.numRows()) {
      throw new IOException(
          "a row group has " + group.numRows() + " rows, but " + values + " values");
    }
    return chunk;
  }

  /**
   * Hardwood chooses columns by name: by the last part of it, of which it takes the first, or by a
   * path of parts without dots. Where that is not enough all columns are read, but few are used.
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

  /** The values of a column, by its place among those that were asked for. */
  ParquetValues values(int column) {
    return values.get(column);
  }

  /** The number of rows in this batch. */
  int rows() {
    return rows;
  }

  /**
   * Goes on to the next batch.
   *
   * @param place is told the column that is waited for
   * @return false when there is none
   */
  boolean next(ParquetLog.Place place) throws IOException {
    int ended = 0;
    for (int i = 0; i < readers.getColumnCount(); i++) {
      ColumnReader reader = readers.getColumnReader(i);
      ParquetValues its = byReader.get(reader);
      place.column = its == null ? null : its.name();
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
    place.column = null;
    return ended == 0 && readers.getColumnCount() > 0;
  }

  @Override
  public void close() {
    readers.close();
  }
}
