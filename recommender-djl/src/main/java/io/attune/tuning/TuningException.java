package io.attune.tuning;

import java.io.IOException;
import java.nio.file.Path;

/** A search cannot start, continue or end with a result; the message says why. */
public final class TuningException extends IOException {
  private static final long serialVersionUID = 1;

  TuningException(String problem) {
    super(problem);
  }

  TuningException(Path file, String problem) {
    super(file + ": " + problem);
  }

  TuningException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
