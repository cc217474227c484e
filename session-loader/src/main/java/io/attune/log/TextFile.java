package io.attune.log;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file of text that is no log: opened as a log is, plain, gzip or zstd. */
public final class TextFile {
  private TextFile() {}

  /**
   * The bytes, decompressed, without a byte order mark.
   *
   * @throws LogFormatException if there is no such file, or it cannot be read
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
   * The whole text, which must be UTF-8.
   *
   * @throws LogFormatException if there is no such file, it cannot be read, or a line is not UTF-8,
   *     which the message names
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
          "expected UTF-8: convert the file, such as with iconv -f WINDOWS-1252 -t UTF-8",
          e);
    }
  }
}
