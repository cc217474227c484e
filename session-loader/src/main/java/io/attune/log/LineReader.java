package io.attune.log;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads the lines of a stream as bytes without their line ends, in one buffer and without creating
 * strings.
 */
final class LineReader {
  /** Lines of this many bytes or more are skipped. */
  static final int MAX_LINE = 1 << 24;

  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int filled;
  private int next;
  private boolean ended;

  private int from;
  private int to;
  private long number;
  private boolean tooLong;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** Advances to the next line; returns false at the end. */
  boolean next() throws IOException {
    tooLong = false;
    int scanned = next;
    while (true) {
      for (int at = scanned; at < filled; at++) {
        if (buffer[at] == '\n') {
          return line(at, at + 1);
        }
      }
      scanned = filled;
      if (ended) {
        return (next < filled || tooLong) && line(filled, filled);
      }
      int kept = filled - next;
      if (kept >= MAX_LINE) {
        tooLong = true;
        kept = 0;
      }
      if (kept == buffer.length) {
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      } else if (next > 0 || tooLong) {
        System.arraycopy(buffer, filled - kept, buffer, 0, kept);
      }
      next = 0;
      filled = kept;
      scanned = kept;
      int read = in.read(buffer, filled, buffer.length - filled);
      ended = read < 0;
      filled += Math.max(0, read);
    }
  }

  private boolean line(int end, int following) {
    from = next;
    to = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
    next = following;
    number++;
    return true;
  }

  byte[] buffer() {
    return buffer;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** The number of the current line from 1; 0 before the first. */
  long number() {
    return number;
  }

  /** Whether the line has {@link #MAX_LINE} bytes or more, so that only its end was kept. */
  boolean tooLong() {
    return tooLong;
  }
}
