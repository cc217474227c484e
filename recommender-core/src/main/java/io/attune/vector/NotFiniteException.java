package io.attune.vector;

import java.io.Serial;

/**
 * A score, a loss, a gradient or an element of a vector that is not a finite number: a training
 * that went wrong, or a damaged model, rather than a mistake of the program.
 */
public final class NotFiniteException extends ArithmeticException {
  @Serial
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message says what is not finite, and where
   */
  public NotFiniteException(String message) {
    super(message);
  }
}
