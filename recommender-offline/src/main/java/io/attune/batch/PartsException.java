package io.attune.batch;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** Parts that a stopped run left cannot be gone on with. */
public final class PartsException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  PartsException(Path parts, String message) {
    super(parts + ": " + message);
  }
}
