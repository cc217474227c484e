package io.attune.batch;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** The partial results of an interrupted run cannot be resumed or replaced. */
public final class PartsException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  PartsException(Path parts, String message) {
    super(parts + ": " + message);
  }
}
