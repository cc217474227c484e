package io.attune.session;

/**
 * One session with the ids of its items, independent of a vocabulary: what batch engines pass
 * between their stages.
 *
 * @param id the session's id
 * @param items the ids of the clicked items, oldest first
 * @param times the time of each click in milliseconds; empty if times are not known
 */
public record SingleSession(String id, String[] items, long[] times) {
  /** Throws an IllegalArgumentException if there are times, but not one for each click. */
  public SingleSession {
    if (times.length != 0 && times.length != items.length) {
      throw new IllegalArgumentException("session " + id + " must have no times or one for each of "
          + Counts.of(items.length, "click") + ", but has " + Counts.of(times.length, "time"));
    }
  }
}
