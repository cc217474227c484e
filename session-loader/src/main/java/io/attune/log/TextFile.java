package io.attune.log;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads text files other than logs, which may also be compressed with gzip or zstd. */
public final class TextFile {
  private TextFile() {}

  /**
   * Opens a stream of the content, decompressed and without a byte order mark.
   *
   * @throws LogFormatException if the file does not exist or cannot be read
   */
  public static InputStream open(Path path) throws LogFormatException {
    try {
      LogFile file = LogFile.open(path, count -> {});
      return new FilterInputStream(file.stream()) {
        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    } catch (IOException e) {
      throw LogFile.explain(path, 0, e);
    }
  }

  /**
   * Reads a whole file as UTF-8.
   *
   * @throws LogFormatException if the file does not exist, cannot be read, or is not UTF-8; the
   *     message names the line
   */
  public static String read(Path path) throws LogFormatException {
    byte[] bytes;
    try (InputStream in = open(path)) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw LogFile.explain(path, 0, e);
    }
    ByteBuffer text = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      long line = 1;
      for (int at = 0; at < text.position(); at++) {
        line += bytes[at] == '\n' ? 1 : 0;
      }
      throw new LogFormatException(
          path,
          line,
          "expected UTF-8: convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8",
          e);
    }
  }

  /**
   * The separator of a table's columns: a tab if there is any, otherwise the most frequent of
   * comma, semicolon and bar.
   *
   * @param head the line with the names of the columns
   */
  public static char separator(String head) {
    if (head.indexOf('\t') >= 0) {
      return '\t';
    }
    char best = ',';
    for (char separator : new char[] {';', '|'}) {
      best = count(head, separator) > count(head, best) ? separator : best;
    }
    return best;
  }

  private static long count(String head, char separator) {
    return head.chars().filter(letter -> letter == separator).count();
  }
}
