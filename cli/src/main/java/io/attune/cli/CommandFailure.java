package io.attune.cli;

import java.io.Serial;

/**
 * The failure of a command for a reason that its message explains to the user, without a stack
 * trace.
 */
final class CommandFailure extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  CommandFailure(String message) {
    super(message);
  }

  /** A failure reported by a library, whose message is meant for users. */
  CommandFailure(RuntimeException cause) {
    super(cause.getMessage(), cause);
  }
}
