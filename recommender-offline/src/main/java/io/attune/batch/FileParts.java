package io.attune.batch;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Files that become one. */
final class FileParts {
  private FileParts() {}

  /** Opens a file to write it anew. */
  static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Writes a head and behind it whole files, in this order. */
  static void join(String head, List<Path> files, Path whole) throws IOException {
    try (FileChannel out = create(whole)) {
      write(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)), out);
      for (Path file : files) {
        try (FileChannel in = FileChannel.open(file)) {
          append(in, 0, in.size(), out);
        }
      }
    }
  }

  /** Copies bytes from a place of a file to where another one is. */
  static void append(FileChannel in, long from, long length, FileChannel out) throws IOException {
    for (long done = 0; done < length; ) {
      long copied = in.transferTo(from + done, length - done, out);
      if (copied <= 0) {
        throw new EOFException("a part ends too early");
      }
      done += copied;
    }
  }

  /** Writes all bytes. */
  static void write(ByteBuffer bytes, FileChannel out) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
