package io.attune.vector;

import java.io.Serial;

/**
 * Thrown when a score, a loss, a gradient or an element of a vector is NaN or infinite: a sign of
 * diverged training or of a damaged model, not of a programming error.
 */
public final class NotFiniteException extends ArithmeticException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message what is not finite, and where
   */
  public NotFiniteException(String message) {
    super(message);
  }
}
