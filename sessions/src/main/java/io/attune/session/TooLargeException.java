package io.attune.session;

import java.io.Serial;

/** Thrown if a log has more clicks, ids or bytes than can be held in memory. */
public final class TooLargeException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  TooLargeException(String message) {
    super(message);
  }
}
