package io.attune.serving;

import io.attune.session.Sessions;

/**
 * A click of a live session.
 *
 * @param item the item's id
 * @param time milliseconds since 1970-01-01T00:00Z, or {@link Sessions#NO_TIME}
 */
public record Click(String item, long time) {
  /** A click without a time. */
  public static Click of(String item) {
    return new Click(item, Sessions.NO_TIME);
  }
}
