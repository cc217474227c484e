package io.attune.cli;

import java.io.Serial;

/**
 * A command that cannot do what it was asked, for a reason that its message tells a user in full.
 */
final class CommandFailure extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  CommandFailure(String message) {
    super(message);
  }

  /** What a library refused; its message is made for users. */
  CommandFailure(RuntimeException refused) {
    super(refused.getMessage(), refused);
  }
}
