package io.attune.session;

/**
 * A session by the ids of its items, apart from all others: as it travels between the parts of a
 * batch engine.
 *
 * @param id its id
 * @param items ids of its items, oldest first
 * @param times when each was clicked, in milliseconds; empty where that is not known
 */
public record SingleSession(String id, String[] items, long[] times) {
  /** Checks the lengths. */
  public SingleSession {
    if (times.length != 0 && times.length != items.length) {
      throw new IllegalArgumentException("session " + id + " must have a time for each of its "
          + items.length + " clicks, or none, but has " + times.length);
    }
  }
}
