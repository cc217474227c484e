package io.attune.log;

import dev.hardwood.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The bytes of a Parquet file, copied as they are asked for. Not mapped: a mapped file that
 * somebody shortens ends the process.
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
    // Was opened when it was made.
  }

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > file.size() - length) {
      throw new IOException("a part of it lies outside of the file: is it truncated?");
    }
    if (length == 0) {
      // Hardwood asks for nothing again and again when a page claims to be longer than its column.
      throw new IOException("a page is longer than its column");
    }
    // The native decompressors would copy any other buffer into such a one.
    ByteBuffer bytes = ByteBuffer.allocateDirect(length);
    read(bytes, offset);
    return bytes;
  }

  /** Fills what remains of a buffer, and makes it ready to be read from its beginning. */
  void read(ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining()) {
      if (file.read(target, offset + target.position()) < 0) {
        throw new IOException("it ends too early: is it truncated?");
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
