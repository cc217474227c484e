package io.attune.log;

import dev.hardwood.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A Parquet file that is read on demand rather than mapped, since truncating a mapped file would
 * crash the process.
 */
final class ParquetBytes implements InputFile {
  private final Path path;
  private final FileChannel file;

  ParquetBytes(Path path) throws IOException {
    this.path = path;
    this.file = FileChannel.open(path);
  }

  @Override
  public void open() {
    // Opened by the constructor.
  }

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > file.size() - length) {
      throw new IOException("unexpected end of file: is it truncated?");
    }
    if (length == 0) {
      // Hardwood would retry forever if a page claims to be longer than its column.
      throw new IOException("a page extends beyond its column");
    }
    // Native decompressors would copy any other buffer into a direct one.
    ByteBuffer bytes = ByteBuffer.allocateDirect(length);
    read(bytes, offset);
    return bytes;
  }

  /** Fills the remaining part of a buffer and flips it. */
  void read(ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining()) {
      if (file.read(target, offset + target.position()) < 0) {
        throw new IOException("unexpected end of file: is it truncated?");
      }
    }
    target.flip();
  }

  @Override
  public long length() throws IOException {
    return file.size();
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
