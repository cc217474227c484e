package io.attune.serving;

import io.attune.session.Sessions;

/**
 * A click of a live session.
 *
 * @param item the clicked item's id
 * @param time when, in milliseconds since 1970-01-01T00:00Z; {@link Sessions#NO_TIME} where that is
 *     not known
 */
public record Click(String item, long time) {
  /** A click of which it is not known when it was made. */
  public static Click of(String item) {
    return new Click(item, Sessions.NO_TIME);
  }
}
