package io.attune.session;

import java.util.List;

/**
 * A search of a visitor, and the item that was clicked in it.
 *
 * @param id of the query; empty if the log has none
 * @param session the id of the session that searched
 * @param words that were searched; empty if the log has none
 * @param shown ids of the items that were shown, in their order; empty if the log has none
 * @param clicked id of the item that was clicked; empty if none was
 * @param time in milliseconds since 1970-01-01T00:00Z; {@link Sessions#NO_TIME} if the log has none
 * @param line of the log, from 1
 */
public record LoggedQuery(
    String id,
    String session,
    String words,
    List<String> shown,
    String clicked,
    long time,
    long line) {
  /** Copies the list. */
  public LoggedQuery {
    shown = List.copyOf(shown);
  }

  /** Whether it is known when the query was made. */
  public boolean hasTime() {
    return time != Sessions.NO_TIME;
  }
}
