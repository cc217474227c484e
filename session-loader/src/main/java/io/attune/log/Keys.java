package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;
import java.nio.file.Path;

/**
 * What a session is in a file: the column that says so, and whether inactivity cuts it.
 *
 * @param session whether the session's id is the key, rather than the user's
 * @param by never {@link SessionsBy#AUTO}
 */
record Keys(boolean session, SessionsBy by) {
  /** The name of the key in messages. */
  String name() {
    return session ? "session" : "user";
  }

  /**
   * Decides by the options and by what the file has.
   *
   * @param histories whether the format's users are known by their whole history
   */
  static Keys of(
      Path path,
      LogOptions options,
      boolean hasSession,
      boolean hasUser,
      boolean hasTime,
      boolean histories)
      throws LogFormatException {
    return of(path.toString(), options, hasSession, hasUser, hasTime, histories);
  }

  /** The same of a table that has an address rather than a path. */
  static Keys of(
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
      throw new LogFormatException(
          source, 0, "expected ids of sessions, but it has only ids of users", null);
    }
    if (by != SessionsBy.SESSION && !hasUser) {
      throw new LogFormatException(
          source, 0, "expected ids of users, but it has only ids of sessions", null);
    }
    if (by == SessionsBy.INACTIVITY && !hasTime) {
      throw new LogFormatException(
          source, 0, "expected times to make sessions by inactivity, but it has none", null);
    }
    return new Keys(by == SessionsBy.SESSION, by);
  }
}
