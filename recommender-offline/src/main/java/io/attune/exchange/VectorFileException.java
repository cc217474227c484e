package io.attune.exchange;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/**
 * Thrown when a file of item vectors or of their ids cannot be read. The message has the form
 * {@code path:line: what is wrong}, without the line where there are no lines.
 */
public final class VectorFileException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  VectorFileException(Path file, String problem) {
    super(file + ": " + problem);
  }

  VectorFileException(Path file, long line, String problem) {
    super(file + ":" + line + ": " + problem);
  }
}
