package io.attune.session;

import java.io.Serial;

/** More clicks, ids or bytes than one log may have in memory. */
public final class TooLargeException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message says which limit
   */
  public TooLargeException(String message) {
    super(message);
  }
}
