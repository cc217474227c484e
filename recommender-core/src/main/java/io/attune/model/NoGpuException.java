package io.attune.model;

import java.io.Serial;

/** A GPU was asked for where the engine sees none. */
public final class NoGpuException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message names the engine
   */
  public NoGpuException(String message) {
    super(message);
  }
}
