package io.attune.batch;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * Writes a Parquet file of one row group, with Parquet's encoders and without Hadoop: primitive
 * columns, dictionary encoding where Parquet chooses it, no compression.
 *
 * <p>Internal: shared by batch recommendation and exported ranks.
 */
public final class ParquetTable implements Closeable {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** The type of a column. */
  public enum Kind {
    /** A {@link String}. */
    STRING(PrimitiveTypeName.BINARY),
    /** An {@link Integer}. */
    INT32(PrimitiveTypeName.INT32),
    /** A {@link Float}. */
    FLOAT(PrimitiveTypeName.FLOAT),
    /** A {@link Boolean}. */
    BOOLEAN(PrimitiveTypeName.BOOLEAN);

    private final PrimitiveTypeName type;

    Kind(PrimitiveTypeName type) {
      this.type = type;
    }
  }

  /**
   * A column.
   *
   * @param optional whether values may be null
   */
  public record Column(String name, Kind kind, boolean optional) {
    /** A column without nulls. */
    public Column(String name, Kind kind) {
      this(name, kind, false);
    }

    private PrimitiveType type() {
      LogicalTypeAnnotation meaning =
          kind == Kind.STRING ? LogicalTypeAnnotation.stringType() : null;
      return Types.primitive(kind.type, optional ? Repetition.OPTIONAL : Repetition.REQUIRED)
          .as(meaning)
          .named(name);
    }
  }

  private final Path file;
  private final MessageType schema;
  private final Map<ColumnDescriptor, Pages> pages = new LinkedHashMap<>();
  private final ColumnWriteStore store;
  private final List<ColumnWriter> writers = new ArrayList<>();
  private long rows;

  /**
   * Creates a table. It is held in memory and written to the file when it is closed.
   *
   * @param name the name of the schema
   */
  public ParquetTable(Path file, String name, List<Column> columns) {
    this.file = file;
    this.schema = new MessageType(name, columns.stream().<Type>map(Column::type).toList());
    for (ColumnDescriptor column : schema.getColumns()) {
      pages.put(column, new Pages());
    }
    this.store = ParquetProperties.builder().build().newColumnWriteStore(schema, pages::get);
    for (ColumnDescriptor column : schema.getColumns()) {
      writers.add(store.getColumnWriter(column));
    }
  }

  /**
   * Adds a row.
   *
   * @param values one value per column, of the column's type; null only in optional columns
   */
  public void addRow(@Nullable Object... values) {
    for (int i = 0; i < values.length; i++) {
      ColumnWriter writer = writers.get(i);
      int level = schema.getColumns().get(i).getMaxDefinitionLevel();
      switch (values[i]) {
        case null -> writer.writeNull(0, 0);
        case String text -> writer.write(Binary.fromString(text), 0, level);
        case Integer number -> writer.write(number.intValue(), 0, level);
        case Float number -> writer.write(number.floatValue(), 0, level);
        case Boolean flag -> writer.write(flag.booleanValue(), 0, level);
        default ->
          throw new IllegalArgumentException("a column cannot hold a " + values[i].getClass());
      }
    }
    store.endRecord();
    rows++;
  }

  @Override
  public void close() throws IOException {
    store.flush();
    store.close();
    try (FileChannel channel = FileConcatenation.create(file)) {
      OutputStream out = Channels.newOutputStream(channel);
      out.write(MAGIC);
      List<ColumnChunk> chunks = new ArrayList<>();
      long size = 0;
      for (Map.Entry<ColumnDescriptor, Pages> column : pages.entrySet()) {
        chunks.add(column.getValue().chunk(column.getKey(), channel.position()));
        size += column.getValue().size();
        column.getValue().writeTo(out);
      }
      List<RowGroup> groups = rows == 0 ? List.of() : List.of(new RowGroup(chunks, size, rows));
      end(channel, new FileMetaData(1, elements(schema), rows, groups));
    }
  }

  /** Joins files written by this class with the same schema: their row groups, in this order. */
  static void join(List<Path> files, Path whole) throws IOException {
    try (FileChannel out = FileConcatenation.create(whole)) {
      FileConcatenation.write(ByteBuffer.wrap(MAGIC), out);
      List<RowGroup> groups = new ArrayList<>();
      List<SchemaElement> elements = List.of();
      long rows = 0;
      for (Path file : files) {
        try (FileChannel in = FileChannel.open(file)) {
          int length = footerLength(in);
          FileMetaData part = footer(in, length);
          long shift = out.position() - MAGIC.length;
          for (RowGroup group : part.getRow_groups()) {
            groups.add(shifted(group, shift));
          }
          elements = part.getSchema();
          rows += part.getNum_rows();
          FileConcatenation.append(in, MAGIC.length, in.size() - 8 - length, out);
        }
      }
      end(out, new FileMetaData(1, elements, rows, groups));
    }
  }

  private static void end(FileChannel channel, FileMetaData metadata) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Util.writeFileMetaData(metadata.setCreated_by("attune"), bytes);
    ByteBuffer end = ByteBuffer.allocate(bytes.size() + 8).order(ByteOrder.LITTLE_ENDIAN);
    end.put(bytes.toByteArray()).putInt(bytes.size()).put(MAGIC).flip();
    FileConcatenation.write(end, channel);
  }

  private static int footerLength(FileChannel file) throws IOException {
    return read(file, file.size() - 8, 4).getInt();
  }

  private static FileMetaData footer(FileChannel file, int length) throws IOException {
    byte[] bytes = read(file, file.size() - 8 - length, length).array();
    return Util.readFileMetaData(new ByteArrayInputStream(bytes));
  }

  private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, from + bytes.position()) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }

  private static RowGroup shifted(RowGroup group, long shift) {
    for (ColumnChunk chunk : group.getColumns()) {
      ColumnMetaData data = chunk.getMeta_data();
      chunk.setFile_offset(chunk.getFile_offset() + shift);
      data.setData_page_offset(data.getData_page_offset() + shift);
      if (data.isSetDictionary_page_offset()) {
        data.setDictionary_page_offset(data.getDictionary_page_offset() + shift);
      }
    }
    return group;
  }

  private static List<SchemaElement> elements(MessageType schema) {
    List<SchemaElement> elements = new ArrayList<>();
    elements.add(new SchemaElement(schema.getName()).setNum_children(schema.getFieldCount()));
    for (ColumnDescriptor column : schema.getColumns()) {
      PrimitiveType type = column.getPrimitiveType();
      SchemaElement element = new SchemaElement(type.getName())
          .setType(type(type))
          .setRepetition_type(FieldRepetitionType.valueOf(type.getRepetition().name()));
      if (LogicalTypeAnnotation.stringType().equals(type.getLogicalTypeAnnotation())) {
        element
            .setConverted_type(ConvertedType.UTF8)
            .setLogicalType(LogicalType.STRING(new StringType()));
      }
      elements.add(element);
    }
    return elements;
  }

  private static org.apache.parquet.format.Type type(PrimitiveType type) {
    return switch (type.getPrimitiveTypeName()) {
      case BINARY -> org.apache.parquet.format.Type.BYTE_ARRAY;
      default ->
        org.apache.parquet.format.Type.valueOf(type.getPrimitiveTypeName().name());
    };
  }

  /** The pages of a column, as written to the file. */
  private static final class Pages implements PageWriter {
    private final ByteArrayOutputStream dictionary = new ByteArrayOutputStream(); // passed last
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final Set<Encoding> encodings = EnumSet.noneOf(Encoding.class);
    private long values;

    long size() {
      return (long) dictionary.size() + data.size();
    }

    void writeTo(OutputStream out) throws IOException {
      dictionary.writeTo(out);
      data.writeTo(out);
    }

    ColumnChunk chunk(ColumnDescriptor column, long at) {
      ColumnMetaData metadata = new ColumnMetaData(
          type(column.getPrimitiveType()),
          List.copyOf(encodings),
          List.of(column.getPath()),
          CompressionCodec.UNCOMPRESSED,
          values,
          size(),
          size(),
          at + dictionary.size());
      if (dictionary.size() > 0) {
        metadata.setDictionary_page_offset(at);
      }
      return new ColumnChunk(at).setMeta_data(metadata);
    }

    @Override
    public void writePage(
        BytesInput page,
        int valueCount,
        int rowCount,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      int size = Math.toIntExact(page.size());
      DataPageHeader header =
          new DataPageHeader(valueCount, named(encoding), named(definition), named(repetition));
      Util.writePageHeader(
          new PageHeader(PageType.DATA_PAGE, size, size).setData_page_header(header), data);
      page.writeAllTo(data);
      values += valueCount;
    }

    @Override
    public void writePage(
        BytesInput page,
        int valueCount,
        int rowCount,
        Statistics<?> statistics,
        SizeStatistics sizes,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      writePage(page, valueCount, rowCount, statistics, repetition, definition, encoding);
    }

    @Override
    public void writeDictionaryPage(DictionaryPage page) throws IOException {
      int size = page.getUncompressedSize();
      DictionaryPageHeader header =
          new DictionaryPageHeader(page.getDictionarySize(), named(page.getEncoding()));
      Util.writePageHeader(
          new PageHeader(PageType.DICTIONARY_PAGE, size, size).setDictionary_page_header(header),
          dictionary);
      page.getBytes().writeAllTo(dictionary);
    }

    private Encoding named(org.apache.parquet.column.Encoding encoding) {
      Encoding same = Encoding.valueOf(encoding.name());
      encodings.add(same);
      return same;
    }

    @Override
    @Deprecated
    public void writePage(
        BytesInput page,
        int valueCount,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding) {
      throw new UnsupportedOperationException("pages are written with their row counts");
    }

    @Override
    public void writePageV2(
        int rowCount,
        int nullCount,
        int valueCount,
        BytesInput repetition,
        BytesInput definition,
        org.apache.parquet.column.Encoding encoding,
        BytesInput page,
        Statistics<?> statistics) {
      throw new UnsupportedOperationException("pages of version 2 are not written");
    }

    @Override
    public long getMemSize() {
      return size();
    }

    @Override
    public long allocatedSize() {
      return size();
    }

    @Override
    public String memUsageString(String prefix) {
      return prefix + " " + size() + " bytes";
    }
  }
}
