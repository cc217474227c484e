package io.attune.log;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** The pages of one column of one row group, read one after the other from the file. */
final class ParquetPages implements PageReader {
  private static final int MAX_PAGE = 1 << 28;

  private final InputStream in;
  private final CompressionCodec codec;
  private final long values;
  private final Statistics<?> noStatistics;
  private long valuesRead;
  private @Nullable PageHeader waiting;

  ParquetPages(FileChannel file, ColumnMetaData column, PrimitiveType type) throws IOException {
    long start = column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0
        ? Math.min(column.getDictionary_page_offset(), column.getData_page_offset())
        : column.getData_page_offset();
    long length = column.getTotal_compressed_size();
    if (start < 4 || length < 0 || start + length > file.size()) {
      throw new IOException("a column lies outside of the file: is it truncated?");
    }
    this.in = new BufferedInputStream(new Part(file, start, start + length), 1 << 16);
    this.codec = column.getCodec();
    this.values = column.getNum_values();
    this.noStatistics = Statistics.createStats(type);
  }

  @Override
  public long getTotalValueCount() {
    return values;
  }

  @Override
  public @Nullable DictionaryPage readDictionaryPage() {
    try {
      PageHeader header = Util.readPageHeader(in);
      if (!header.isSetDictionary_page_header()) {
        waiting = header;
        return null;
      }
      byte[] bytes =
          decompress(read(header.getCompressed_page_size()), header.getUncompressed_page_size());
      int entries = header.getDictionary_page_header().getNum_values();
      if (entries < 0 || entries > bytes.length) {
        throw new IOException("a dictionary says that it has more values than bytes");
      }
      return new DictionaryPage(
          BytesInput.from(bytes),
          bytes.length,
          entries,
          Encoding.valueOf(header.getDictionary_page_header().getEncoding().name()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable DataPage readPage() {
    try {
      while (valuesRead < values) {
        PageHeader header = waiting != null ? waiting : Util.readPageHeader(in);
        waiting = null;
        byte[] bytes = read(header.getCompressed_page_size());
        if (header.isSetData_page_header()) {
          return first(header, header.getData_page_header(), bytes);
        }
        if (header.isSetData_page_header_v2()) {
          return second(header, header.getData_page_header_v2(), bytes);
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DataPage first(PageHeader header, DataPageHeader page, byte[] bytes) throws IOException {
    count(page.getNum_values());
    byte[] plain = decompress(bytes, header.getUncompressed_page_size());
    return new DataPageV1(
        BytesInput.from(plain),
        page.getNum_values(),
        plain.length,
        noStatistics,
        Encoding.valueOf(page.getRepetition_level_encoding().name()),
        Encoding.valueOf(page.getDefinition_level_encoding().name()),
        Encoding.valueOf(page.getEncoding().name()));
  }

  private DataPage second(PageHeader header, DataPageHeaderV2 page, byte[] bytes)
      throws IOException {
    count(page.getNum_values());
    int repetition = page.getRepetition_levels_byte_length();
    int definition = page.getDefinition_levels_byte_length();
    long levels = (long) repetition + definition;
    if (repetition < 0 || definition < 0 || levels > bytes.length) {
      throw new IOException("a page's levels are longer than the page");
    }
    int size = (int) (header.getUncompressed_page_size() - levels);
    byte[] data = Arrays.copyOfRange(bytes, (int) levels, bytes.length);
    byte[] plain = page.isIs_compressed() ? decompress(data, size) : data;
    return DataPageV2.uncompressed(
        page.getNum_rows(),
        page.getNum_nulls(),
        page.getNum_values(),
        BytesInput.from(bytes, 0, repetition),
        BytesInput.from(bytes, repetition, definition),
        Encoding.valueOf(page.getEncoding().name()),
        BytesInput.from(plain),
        noStatistics);
  }

  private void count(int pageValues) throws IOException {
    if (pageValues < 0 || pageValues > values - valuesRead) {
      throw new IOException("a page has another number of values than its column");
    }
    valuesRead += pageValues;
  }

  private byte[] read(int size) throws IOException {
    if (size < 0 || size > MAX_PAGE) {
      throw new IOException("a page has a size of " + size + " bytes");
    }
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException();
    }
    return bytes;
  }

  private byte[] decompress(byte[] bytes, int size) throws IOException {
    if (size < 0 || size > MAX_PAGE) {
      throw new IOException("a page has a size of " + size + " bytes");
    }
    byte[] plain =
        switch (codec) {
          case UNCOMPRESSED -> bytes;
          case SNAPPY -> Snappy.decompress(bytes, size);
          case GZIP -> all(new GZIPInputStream(new ByteArrayInputStream(bytes)), size);
          case ZSTD -> all(new ZstdInputStream(new ByteArrayInputStream(bytes)), size);
          default ->
            throw new IOException("its pages are compressed with "
                + codec
                + ", but only SNAPPY, GZIP, ZSTD and UNCOMPRESSED are known");
        };
    if (plain.length != size) {
      throw new IOException("a page has " + plain.length + " bytes instead of " + size);
    }
    return plain;
  }

  private static byte[] all(InputStream in, int size) throws IOException {
    try (in) {
      return in.readNBytes(size);
    }
  }

  /** A part of a file, read at its own position. */
  private static final class Part extends InputStream {
    private final FileChannel file;
    private final long end;
    private long position;

    Part(FileChannel file, long start, long end) {
      this.file = file;
      this.position = start;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      int wanted = (int) Math.min(count, end - position);
      if (wanted <= 0) {
        return -1;
      }
      int read = file.read(ByteBuffer.wrap(bytes, from, wanted), position);
      position += Math.max(0, read);
      return read;
    }
  }
}
