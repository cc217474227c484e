package io.attune.log;

import io.attune.session.Counts;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Decompresses gzip with any number of members, as written by parallel compressors and by joining
 * files.
 *
 * <p>Unlike the stream of the JDK, it never loses data: it reads the next member even if the source
 * reports no available bytes, as pipes may do, and it fails if a member is followed by anything
 * else, except for NUL bytes as padding.
 */
final class GzipInputStream extends InputStream {
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int HEADER_CHECK = 2;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 check = new CRC32();
  private final byte[] input = new byte[1 << 16];
  private int at;
  private int filled;
  private int members;
  private boolean ended;

  /** Reads the first member's header. */
  GzipInputStream(InputStream in) throws IOException {
    this.in = in;
    begin();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    while (!ended) {
      int read = inflate(bytes, from, count);
      if (read > 0) {
        check.update(bytes, from, read);
        return read;
      }
      if (inflater.finished()) {
        at = filled - inflater.getRemaining();
        end();
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int from, int count) throws IOException {
    try {
      int read = inflater.inflate(bytes, from, count);
      while (read == 0 && !inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw new ZipException("it needs a preset dictionary");
        }
        if (inflater.needsInput()) {
          if (!fill()) {
            throw new EOFException();
          }
          inflater.setInput(input, 0, filled);
        }
        read = inflater.inflate(bytes, from, count);
      }
      return read;
    } catch (DataFormatException e) {
      ZipException damaged = new ZipException(e.getMessage());
      damaged.initCause(e);
      throw damaged;
    }
  }

  /** Reads the trailer of a member, and the header of the next if there is one. */
  private void end() throws IOException {
    long expected = word() | word() << 16;
    long length = word() | word() << 16;
    if (expected != check.getValue() || length != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("wrong checksum or length");
    }
    int next = next();
    if (next == 0) {
      while (next == 0) {
        next = next();
      }
      if (next >= 0) {
        throw notGzip();
      }
    }
    if (next < 0) {
      ended = true;
      return;
    }
    at--;
    if (next != 0x1f) {
      throw notGzip();
    }
    begin();
  }

  private ZipException notGzip() {
    return new ZipException("there is data other than gzip after " + Counts.of(members, "member")
        + ": were compressed files joined with others?");
  }

  private void begin() throws IOException {
    if (word() != 0x8b1f) {
      throw members == 0 ? new ZipException("not gzip") : notGzip();
    }
    if (needed() != 8) {
      throw new ZipException("unknown compression method");
    }
    int flags = needed();
    skip(6);
    if ((flags & EXTRA) != 0) {
      skip((int) word());
    }
    for (int flag : new int[] {NAME, COMMENT}) {
      if ((flags & flag) != 0) {
        int letter = needed();
        while (letter != 0) {
          letter = needed();
        }
      }
    }
    if ((flags & HEADER_CHECK) != 0) {
      skip(2);
    }
    members++;
    check.reset();
    inflater.reset();
    inflater.setInput(input, at, filled - at);
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      needed();
    }
  }

  /** Reads two bytes, lower first. */
  private long word() throws IOException {
    long low = needed();
    return low | (long) needed() << 8;
  }

  private int needed() throws IOException {
    int value = next();
    if (value < 0) {
      throw new EOFException();
    }
    return value;
  }

  private int next() throws IOException {
    return at < filled || fill() ? input[at++] & 0xff : -1;
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, in.read(input, 0, input.length));
    return filled > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
