package io.attune.server;

import java.io.Serial;

/**
 * A request that is refused, with what the client has to know to send a better one.
 *
 * <p>It has no stack trace: it is an answer, not a defect.
 */
final class RequestFailure extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  private final int status;
  private final String where;
  private final String expected;

  /**
   * A refusal.
   *
   * @param status the HTTP status, from 400
   * @param what what is wrong, naming the value
   * @param where the part of the request, such as {@code body.item}
   * @param expected what would be right
   */
  RequestFailure(int status, String what, String where, String expected) {
    super(what, null, false, false);
    this.status = status;
    this.where = where;
    this.expected = expected;
  }

  /** A value that is not understood. */
  static RequestFailure invalid(String what, String where, String expected) {
    return new RequestFailure(400, what, where, expected);
  }

  int status() {
    return status;
  }

  Answer.Problem problem() {
    return new Answer.Problem(String.valueOf(getMessage()), where, expected);
  }
}
