package io.attune.log;

import dev.hardwood.internal.metadata.DataPageHeaderV2;
import dev.hardwood.internal.metadata.PageHeader;
import dev.hardwood.internal.thrift.OffsetIndexReader;
import dev.hardwood.internal.thrift.PageHeaderReader;
import dev.hardwood.internal.thrift.ThriftCompactReader;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.PageLocation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks the uncompressed sizes of Snappy pages before they are decompressed. The native
 * decompressor writes as many bytes as the block itself claims, even beyond the buffer, so one
 * corrupt byte could crash the process. Only headers are read, with Hardwood's own code, so that
 * both see the same pages.
 */
final class SnappyPages {
  private static final int MIN_HEADER = 1 << 10;
  private static final int MAX_HEADER = 1 << 24;

  private final ParquetBytes bytes;
  private ByteBuffer buffer = ByteBuffer.allocate(MIN_HEADER);
  private int headerSize;

  SnappyPages(ParquetBytes bytes) {
    this.bytes = bytes;
  }

  /**
   * Checks the pages of a column chunk if they are compressed with Snappy.
   *
   * @throws IOException if one is corrupt
   */
  void check(ColumnChunk column) throws IOException {
    if (column.metaData().codec() != CompressionCodec.SNAPPY) {
      return;
    }
    Map<Long, Long> pages = new HashMap<>();
    long at = column.chunkStartOffset();
    long end = at + column.metaData().totalCompressedSize();
    long values = 0;
    while (at < end && values < column.metaData().numValues()) {
      PageHeader header = header(at, end);
      long body = at + headerSize;
      long next = body + header.compressedPageSize();
      if (next > end) {
        throw new IOException("a page extends beyond its column: is the file truncated?");
      }
      check(header, body);
      pages.put(at, next - at);
      values += values(header);
      at = next;
    }
    checkIndex(column, pages);
  }

  private static long values(PageHeader header) {
    return switch (header.type()) {
      case DATA_PAGE -> header.dataPageHeader().numValues();
      case DATA_PAGE_V2 -> header.dataPageHeaderV2().numValues();
      case DICTIONARY_PAGE, INDEX_PAGE -> 0;
    };
  }

  private PageHeader header(long at, long end) throws IOException {
    for (int size = MIN_HEADER; ; size *= 2) {
      int known = (int) Math.min(size, end - at);
      if (buffer.capacity() < size) {
        buffer = ByteBuffer.allocate(size);
      }
      bytes.read(buffer.clear().limit(known), at);
      try {
        ThriftCompactReader reader = new ThriftCompactReader(buffer);
        PageHeader header = PageHeaderReader.read(reader);
        headerSize = reader.getBytesRead();
        return header;
      } catch (EOFException e) {
        if (known < size || size >= MAX_HEADER) {
          throw new IOException("a page ends within its header: is the file truncated?", e);
        }
      }
    }
  }

  private void check(PageHeader header, long body) throws IOException {
    long from = body;
    long size = header.uncompressedPageSize();
    long compressed = header.compressedPageSize();
    DataPageHeaderV2 second = header.dataPageHeaderV2();
    if (header.type() == PageHeader.PageType.DATA_PAGE_V2 && second != null) {
      // The levels precede the block and are not compressed.
      long levels =
          (long) second.repetitionLevelsByteLength() + second.definitionLevelsByteLength();
      if (!second.isCompressed() || levels > compressed) {
        return;
      }
      from += levels;
      size -= levels;
      compressed -= levels;
    }
    if (compressed > 0) {
      long claimed = claimed(from, compressed);
      if (claimed != size) {
        throw new IOException("a page has " + claimed + " bytes, but its header says " + size);
      }
    }
  }

  /** The varint at the beginning of a Snappy block: seven bits per byte, lowest first. */
  private long claimed(long from, long compressed) throws IOException {
    ByteBuffer begin = ByteBuffer.allocate((int) Math.min(5, compressed));
    bytes.read(begin, from);
    long claimed = 0;
    for (int shift = 0; begin.hasRemaining(); shift += 7) {
      byte b = begin.get();
      claimed |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return claimed;
      }
    }
    throw new IOException("a page is not valid Snappy");
  }

  /** Checks the offset index, because pages are located by it if there is one. */
  private void checkIndex(ColumnChunk column, Map<Long, Long> pages) throws IOException {
    Long from = column.offsetIndexOffset();
    Integer length = column.offsetIndexLength();
    if (from == null || length == null) {
      return;
    }
    ThriftCompactReader reader = new ThriftCompactReader(bytes.readRange(from, length));
    for (PageLocation page : OffsetIndexReader.read(reader).pageLocations()) {
      if (pages.getOrDefault(page.offset(), -1L) != page.compressedPageSize()) {
        throw new IOException("the offset index does not match the pages");
      }
    }
  }
}
