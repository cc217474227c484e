package io.attune.log;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** An open log: a preview of its content, and a stream of all of it, decompressed. */
final class LogFile implements AutoCloseable {
  private static final int HEAD = 1 << 16;
  private static final int BUFFER = 1 << 16;

  /** The maximum window of zstd, 2 GiB, as written by {@code zstd --long=31}. */
  private static final int MAX_WINDOW_LOG = 31;

  private final Path path;
  private final String compression;
  private final byte[] head;
  private final boolean whole;
  private final InputStream rest;

  private LogFile(Path path, String compression, byte[] head, boolean whole, InputStream rest) {
    this.path = path;
    this.compression = compression;
    this.head = head;
    this.whole = whole;
    this.rest = rest;
  }

  /**
   * Opens a log.
   *
   * @param counter called with the number of bytes of each read from disk
   */
  static LogFile open(Path path, Counter counter) throws IOException {
    if (Files.isDirectory(path)) {
      throw new LogFormatException(path, "expected a file, but this is a folder");
    }
    InputStream raw;
    try {
      raw = Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw new LogFormatException(path, 0, "no such file", e);
    } catch (AccessDeniedException e) {
      throw new LogFormatException(path, 0, "permission denied", e);
    }
    try {
      return decompress(path, new BufferedInputStream(new Counted(raw, counter), BUFFER));
    } catch (IOException e) {
      raw.close();
      throw explain(path, 0, e);
    }
  }

  private static LogFile decompress(Path path, BufferedInputStream raw) throws IOException {
    raw.mark(8);
    byte[] magic = raw.readNBytes(4);
    raw.reset();
    String compression = "none";
    InputStream bytes = raw;
    if (magic.length >= 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
      compression = "gzip";
      bytes = new GzipInputStream(raw);
    } else if (zstd(magic)) {
      compression = "zstd";
      bytes = new ZstdInputStream(raw).setLongMax(MAX_WINDOW_LOG);
    }
    byte[] head = bytes.readNBytes(HEAD);
    return new LogFile(path, compression, head, head.length < HEAD, bytes);
  }

  /** Whether this is a frame or a skippable frame, which parallel compressors write first. */
  private static boolean zstd(byte[] magic) {
    if (magic.length < 4) {
      return false;
    }
    boolean frame =
        magic[0] == 0x28 && magic[1] == (byte) 0xb5 && magic[2] == 0x2f && magic[3] == (byte) 0xfd;
    boolean skippable =
        (magic[0] & 0xf0) == 0x50 && magic[1] == 0x2a && magic[2] == 0x4d && magic[3] == 0x18;
    return frame || skippable;
  }

  /** Explains an error of reading, with the file and, if known, the line. */
  static LogFormatException explain(Path path, long line, IOException cause) {
    if (cause instanceof LogFormatException known) {
      return known;
    }
    String message = cause instanceof EOFException
        ? "unexpected end of compressed data: is the file truncated?"
        : tooMuchMemory(cause)
            ? "not enough memory for the zstd window: compress the file again without --long or"
                + " --ultra"
            : cause.getClass().getName().contains("zstd")
                    || cause instanceof java.util.zip.ZipException
                ? "the compressed data are corrupt or truncated (" + cause.getMessage() + ")"
                : "reading failed: " + cause.getMessage();
    return new LogFormatException(path, line, message, cause);
  }

  private static boolean tooMuchMemory(IOException cause) {
    String message = String.valueOf(cause.getMessage());
    return cause.getClass().getName().contains("zstd")
        && (message.contains("memory") || message.contains("Allocation"));
  }

  Path path() {
    return path;
  }

  String compression() {
    return compression;
  }

  /** The first 64 KiB, decompressed. */
  byte[] head() {
    return head.clone();
  }

  /** Whether the head is the whole file. */
  boolean headIsWhole() {
    return whole;
  }

  /** The whole content, decompressed, without a UTF-8 byte order mark; can be called once. */
  InputStream stream() {
    int from = byteOrderMark(head);
    ByteArrayInputStream first = new ByteArrayInputStream(head, from, head.length - from);
    return whole ? first : new SequenceInputStream(first, rest);
  }

  /** The length of the UTF-8 byte order mark at the beginning, or 0. */
  static int byteOrderMark(byte[] head) {
    byte[] mark = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    return head.length >= 3 && Arrays.equals(head, 0, 3, mark, 0, 3) ? 3 : 0;
  }

  @Override
  public void close() throws IOException {
    rest.close();
  }

  /** Counts the bytes that were read. */
  @FunctionalInterface
  interface Counter {
    void read(long count);
  }

  private static final class Counted extends FilterInputStream {
    private final Counter counter;

    Counted(InputStream in, Counter counter) {
      super(in);
      this.counter = counter;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      counter.read(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      int read = super.read(bytes, from, count);
      counter.read(Math.max(0, read));
      return read;
    }
  }
}
