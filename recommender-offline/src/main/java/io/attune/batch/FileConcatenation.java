package io.attune.batch;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** File operations to concatenate files. */
final class FileConcatenation {
  private FileConcatenation() {}

  /** Creates or truncates a file for writing. */
  static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Writes a header and then the contents of these files. */
  static void concatenate(String header, List<Path> files, Path whole) throws IOException {
    try (FileChannel out = create(whole)) {
      write(ByteBuffer.wrap(header.getBytes(StandardCharsets.UTF_8)), out);
      for (Path file : files) {
        try (FileChannel in = FileChannel.open(file)) {
          append(in, 0, in.size(), out);
        }
      }
    }
  }

  /** Copies a range of bytes of one file to the position of another. */
  static void append(FileChannel in, long from, long length, FileChannel out) throws IOException {
    for (long done = 0; done < length; ) {
      long copied = in.transferTo(from + done, length - done, out);
      if (copied <= 0) {
        throw new EOFException("a part is shorter than expected");
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
