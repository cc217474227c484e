package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Counts;
import io.attune.session.SessionsBuilder;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Clicks with a session id, a client id or both. Which of them makes sessions is decided at the end
 * of the log: the session id if all clicks have one, otherwise the client id if all have that. So
 * the order of the lines does not matter and no click is lost.
 */
final class SessionOrClient {
  private @Nullable SessionsBuilder bySession = new SessionsBuilder();
  private @Nullable SessionsBuilder byClient = new SessionsBuilder();
  private long clicks;
  private long withoutSession;
  private long withoutClient;
  private String noSession = "";
  private String noClient = "";

  /** Adds a click; one of its keys may be empty. */
  void click(Path path, long line, Field session, Field client, Field item, long millis)
      throws LogFormatException {
    clicks++;
    if (session.isEmpty()) {
      withoutSession++;
      noSession = noSession.isEmpty() ? path + ":" + line : noSession;
      bySession = null;
    }
    if (client.isEmpty()) {
      withoutClient++;
      noClient = noClient.isEmpty() ? path + ":" + line : noClient;
      byClient = null;
    }
    if (bySession == null && byClient == null) {
      throw new LogFormatException(
          path,
          line,
          "expected a session_id in all clicks or a client_id in all clicks, but " + noSession
              + " has no session_id and " + noClient
              + " no client_id: choose one with --sessions-by"
              + " session or inactivity, and skip clicks without it with --bad-lines skip");
    }
    add(bySession, session, item, millis);
    add(byClient, client, item, millis);
  }

  private static void add(@Nullable SessionsBuilder builder, Field key, Field item, long millis) {
    if (builder != null) {
      builder.click(
          builder.key(key.bytes, 0, key.length), builder.item(item.bytes, 0, item.length), millis);
    }
  }

  /** What makes sessions: the key that all clicks have. */
  SessionsBy by() {
    return bySession != null ? SessionsBy.SESSION : SessionsBy.INACTIVITY;
  }

  /** The clicks, grouped by that key. */
  SessionsBuilder builder() {
    SessionsBuilder builder = bySession != null ? bySession : byClient;
    if (builder == null) {
      throw new IllegalStateException("no key that all clicks have");
    }
    return builder;
  }

  /** Why the key was chosen, if some clicks lack one; otherwise an empty string. */
  String reason() {
    if (withoutSession > 0) {
      return lacking(withoutSession, "session_id", noSession)
          + ": sessions are a client's clicks without a long gap";
    }
    return withoutClient > 0
        ? lacking(withoutClient, "client_id", noClient) + ": sessions are by session_id"
        : "";
  }

  private String lacking(long count, String key, String example) {
    return String.format(
        Locale.ROOT,
        "%,d of %s no %s, such as %s",
        count,
        Counts.of(clicks, "click has", "clicks have"),
        key,
        example);
  }
}
