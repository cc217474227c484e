package io.attune.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The lines of a text in UTF-8, of bounded length. Line ends may be those of any system. */
final class TextLines {
  private static final int MAX_LINE = 1 << 20;

  private final Path file;
  private final InputStream in;
  private final byte[] block = new byte[1 << 16];
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private byte[] line = new byte[1 << 12];
  private int filled;
  private int next;
  private long number;

  TextLines(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** The number of the last line that was read, from 1. */
  long number() {
    return number;
  }

  /**
   * Reads a line without its end; null after the last.
   *
   * @throws VectorFileException if it is not UTF-8, or so long that it is no line
   */
  @Nullable
  String next() throws IOException {
    int length = 0;
    boolean any = false;
    while (true) {
      if (next == filled) {
        filled = Math.max(0, in.read(block));
        next = 0;
        if (filled == 0) {
          return any ? decode(length) : null;
        }
      }
      if (!any) {
        any = true;
        number++;
      }
      byte each = block[next++];
      if (each == '\n') {
        return decode(length);
      }
      if (length == line.length) {
        if (length == MAX_LINE) {
          throw new VectorFileException(
              file, number, "expected lines of text, found one of more than a million bytes");
        }
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = each;
    }
  }

  private String decode(int length) throws VectorFileException {
    int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    try {
      return decoder.decode(ByteBuffer.wrap(line, 0, end)).toString();
    } catch (CharacterCodingException e) {
      throw new VectorFileException(
          file,
          number,
          "expected UTF-8: convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8");
    }
  }
}
