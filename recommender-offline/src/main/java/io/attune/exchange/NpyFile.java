package io.attune.exchange;

import io.attune.vector.FloatType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.DoubleConsumer;

/**
 * An open {@code .npy} file of version 1.0, 2.0 or 3.0, read in one pass.
 *
 * <p>Source: as {@link NpyHeader}.
 */
final class NpyFile implements AutoCloseable {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 20;
  private static final int BLOCK = 1 << 18; // bytes

  private final Path file;
  private final FileChannel in;
  private final NpyHeader header;

  private NpyFile(Path file, FileChannel in) throws IOException {
    this.file = file;
    this.in = in;
    this.header = header();
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws VectorFileException if it is not in this format, of a newer version, truncated, or not
   *     a table of floating-point numbers
   */
  static NpyFile open(Path file) throws IOException {
    FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new NpyFile(file, in);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  long rows() {
    return header.rows();
  }

  long columns() {
    return header.columns();
  }

  private NpyHeader header() throws IOException {
    ByteBuffer start = read(8);
    int major = start.get(6);
    if (major < 1 || major > 3 || start.get(7) != 0) {
      throw new VectorFileException(
          file,
          "is an .npy file of version " + major + "." + start.get(7)
              + "; expected 1.0, 2.0 or 3.0");
    }
    long length = major == 1
        ? Short.toUnsignedInt(read(2).getShort(0))
        : Integer.toUnsignedLong(read(4).getInt(0));
    if (length > Math.min(MAX_HEADER, in.size())) {
      throw new VectorFileException(
          file, "the header would be of " + length + " bytes; expected at most a million");
    }
    byte[] text = new byte[(int) length];
    read(text.length).get(text);
    NpyHeader header;
    try {
      header = NpyHeader.parse(new String(text, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new VectorFileException(file, String.valueOf(e.getMessage()));
    }
    requireSize(header);
    return header;
  }

  private void requireSize(NpyHeader header) throws IOException {
    long left = in.size() - in.position();
    long expected;
    try {
      expected = Math.multiplyExact(
          Math.multiplyExact(header.rows(), header.columns()), header.type().bytes());
    } catch (ArithmeticException e) {
      expected = Long.MAX_VALUE;
    }
    if (left != expected) {
      throw new VectorFileException(
          file,
          (left < expected ? "truncated: " : "") + "expected " + expected
              + " bytes after the header for an array of " + header.rows() + " x "
              + header.columns() + ", found " + left);
    }
  }

  /** Reads the array into a table of as many rows and columns. */
  void read(VectorTable table, DoubleConsumer progress) throws IOException {
    FloatType type = header.type();
    int most = BLOCK / type.bytes();
    float[] values = new float[most];
    for (long left = header.rows() * header.columns(); left > 0; left -= most) {
      int count = (int) Math.min(most, left);
      type.read(read(count * type.bytes()).order(header.order()), values, 0, count);
      if (header.byColumns()) {
        table.addTransposed(values, count);
      } else {
        table.addAll(values, count);
      }
      progress.accept(table.share());
    }
  }

  /** The next bytes. */
  private ByteBuffer read(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (in.read(bytes) < 0) {
        throw new VectorFileException(file, "truncated after " + in.position() + " bytes");
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
