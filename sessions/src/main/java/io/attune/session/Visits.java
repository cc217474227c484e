package io.attune.session;

import java.time.Duration;

/**
 * The visits of a user's history: a click that comes more than a gap after the one before it begins
 * a new visit. A click whose time is not known belongs to the visit of the click before it.
 */
public final class Visits {
  /** The usual gap: 30 minutes. */
  public static final Duration GAP = Duration.ofMinutes(30);

  private Visits() {}

  /**
   * Whether a click begins a visit.
   *
   * @param last the newest time known before the click in milliseconds, or {@link Sessions#NO_TIME}
   * @param time the time of the click, or {@link Sessions#NO_TIME}
   * @param gap in milliseconds
   */
  public static boolean begins(long last, long time, long gap) {
    return last != Sessions.NO_TIME
        && time != Sessions.NO_TIME
        && time > last
        // An overflowing difference is negative when signed, but larger than any gap when unsigned.
        && Long.compareUnsigned(time - last, gap) > 0;
  }

  /** The number of visits in sessions: at least one in each that has a click. */
  public static int count(Sessions sessions, Duration gap) {
    int visits = 0;
    for (int session = 0; session < sessions.size(); session++) {
      visits += sessions.length(session) > 0 ? 1 : 0;
      int end = sessions.hasTimes() ? sessions.end(session) : 0;
      for (int click = sessions.start(session) + 1; click < end; click++) {
        visits += begins(sessions.time(click - 1), sessions.time(click), gap.toMillis()) ? 1 : 0;
      }
    }
    return visits;
  }

  /** The newest time known after a click: its own, or the one before where it has none. */
  public static long latest(long last, long time) {
    return time == Sessions.NO_TIME ? last : time;
  }
}
