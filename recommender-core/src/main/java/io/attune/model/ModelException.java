package io.attune.model;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Thrown when a model cannot be read or written. The message names the file, what was found and
 * what was expected.
 */
public final class ModelException extends IOException {
  private static final long serialVersionUID = 1;

  public ModelException(Path file, String problem) {
    super(file + ": " + problem);
  }

  public ModelException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
