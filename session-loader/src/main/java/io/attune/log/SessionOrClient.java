package io.attune.log;

import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.SessionsBuilder;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Clicks that may have a session's id, a client's, or both, of which only the whole log tells which
 * makes sessions: the session's id if every click has one, else the client's if every click has
 * that. So the order of the lines does not matter, and no click is dropped.
 */
final class SessionOrClient {
  private @Nullable SessionsBuilder bySession = new SessionsBuilder();
  private @Nullable SessionsBuilder byClient = new SessionsBuilder();
  private long clicks;
  private long withoutSession;
  private long withoutClient;
  private String noSession = "";
  private String noClient = "";

  /** Adds a click, one of whose keys is not empty. */
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
          "expected that every click has a session_id or every click a client_id, but " + noSession
              + " has no session_id and " + noClient + " no client_id: choose with --sessions-by"
              + " session or inactivity, and leave the others out with --bad-lines skip");
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

  /** What makes sessions, by what all clicks have. */
  SessionsBy by() {
    return bySession != null ? SessionsBy.SESSION : SessionsBy.INACTIVITY;
  }

  /** The clicks by that key. */
  SessionsBuilder builder() {
    SessionsBuilder builder = bySession != null ? bySession : byClient;
    if (builder == null) {
      throw new IllegalStateException("no key makes sessions of all clicks");
    }
    return builder;
  }

  /** Why sessions are made as they are, when some clicks lack a key; else an empty string. */
  String reason() {
    if (withoutSession > 0) {
      return String.format(
          Locale.ROOT,
          "%,d of %,d clicks have no session_id, such as %s: sessions are a client's clicks without a"
              + " pause",
          withoutSession,
          clicks,
          noSession);
    }
    return withoutClient > 0
        ? String.format(
            Locale.ROOT,
            "%,d of %,d clicks have no client_id, such as %s: sessions are by session_id",
            withoutClient,
            clicks,
            noClient)
        : "";
  }
}
