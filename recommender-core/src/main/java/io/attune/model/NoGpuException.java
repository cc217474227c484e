package io.attune.model;

import java.io.Serial;

/** Thrown when a GPU is requested but the engine finds none. */
public final class NoGpuException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message names the engine
   */
  public NoGpuException(String message) {
    super(message);
  }
}
