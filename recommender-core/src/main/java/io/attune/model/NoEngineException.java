package io.attune.model;

import java.io.Serial;

/** The engine that trains models and runs them in batches could not be started here. */
public final class NoEngineException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message names the engine and the platform
   * @param cause what the engine said
   */
  public NoEngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
