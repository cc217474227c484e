package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;

/**
 * The key that groups the clicks of a file into sessions.
 *
 * @param session whether the key is the session id rather than the user id
 * @param by what makes a session; never {@link SessionsBy#AUTO}
 */
record SessionKey(boolean session, SessionsBy by) {
  /** The key's name in messages and options. */
  String name() {
    return session ? "session" : "user";
  }

  /**
   * Chooses the key by the options and by the columns that the file has.
   *
   * @param source the path of the file or the name of the table, for messages
   * @param histories whether a user's whole history is one session in this format
   */
  static SessionKey of(
      String source,
      LogOptions options,
      boolean hasSession,
      boolean hasUser,
      boolean hasTime,
      boolean histories)
      throws LogFormatException {
    SessionsBy by = options.sessionsBy();
    if (by == SessionsBy.AUTO) {
      by = hasSession
          ? SessionsBy.SESSION
          : hasTime && !histories ? SessionsBy.INACTIVITY : SessionsBy.USER;
    }
    if (by == SessionsBy.SESSION && !hasSession) {
      throw new LogFormatException(source, "expected session ids, but there are only user ids");
    }
    if (by != SessionsBy.SESSION && !hasUser) {
      throw new LogFormatException(source, "expected user ids, but there are only session ids");
    }
    if (by == SessionsBy.INACTIVITY && !hasTime) {
      throw new LogFormatException(
          source, "expected times for sessions by inactivity, but there are none");
    }
    return new SessionKey(by == SessionsBy.SESSION, by);
  }
}
