package io.attune.session;

import java.util.Arrays;

/**
 * How much of sessions is there twice, as when a log was loaded twice or its parts overlap.
 *
 * @param clicks clicks with the item and the time of an earlier click of their session, wherever it
 *     stood in the log; without times, where most sessions are the same clicks over and over, all
 *     but the first of these
 * @param sessions sessions of two clicks or more that are, click by click and at the same times, an
 *     earlier session, whatever their ids
 */
public record Copies(long clicks, int sessions) {
  /** Without times, a session that is the same twice over is telling from this length on. */
  private static final int TELLING_LENGTH = 4;

  private static final int MAX_TIMES = 8;

  /** The copies in these sessions; needs 8 bytes a session while it counts. */
  public static Copies of(Sessions sessions) {
    long clicks = sessions.hasTimes() ? timed(sessions) : untimed(sessions);
    long[] prints = new long[sessions.size()];
    int count = 0;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) >= 2) {
        prints[count++] = fingerprint(sessions, session);
      }
    }
    Arrays.sort(prints, 0, count);
    int same = 0;
    for (int i = 1; i < count; i++) {
      same += prints[i] == prints[i - 1] ? 1 : 0;
    }
    return new Copies(clicks, same);
  }

  /**
   * A number that two sessions over one vocabulary share if they have the same clicks at the same
   * times, and hardly ever otherwise: one pair in 10<sup>19</sup>.
   */
  public static long fingerprint(Sessions sessions, int session) {
    long hash = sessions.length(session);
    for (int click = sessions.start(session); click < sessions.end(session); click++) {
      hash = SplitMix64.mix(hash + sessions.item(click));
      if (sessions.hasTimes()) {
        hash = SplitMix64.mix(hash ^ sessions.time(click));
      }
    }
    return hash;
  }

  private static long timed(Sessions sessions) {
    int[] together = new int[16];
    long copies = 0;
    for (int session = 0; session < sessions.size(); session++) {
      int from = sessions.start(session);
      int end = sessions.end(session);
      while (from < end) {
        int to = from + 1;
        while (to < end && sessions.time(to) == sessions.time(from)) {
          to++;
        }
        if (to - from > together.length) {
          together = new int[Math.max(to - from, together.length * 2)];
        }
        copies += to - from > 1 ? repeats(sessions, from, to, together) : 0;
        from = to;
      }
    }
    return copies;
  }

  /** How many of the clicks of one time are on an item of another of them. */
  private static int repeats(Sessions sessions, int from, int to, int[] items) {
    int count = to - from;
    if (count == 2) {
      return sessions.item(from) == sessions.item(from + 1) ? 1 : 0;
    }
    for (int i = 0; i < count; i++) {
      items[i] = sessions.item(from + i);
    }
    Arrays.sort(items, 0, count);
    int repeats = 0;
    for (int i = 1; i < count; i++) {
      repeats += items[i] == items[i - 1] ? 1 : 0;
    }
    return repeats;
  }

  private static long untimed(Sessions sessions) {
    long copies = 0;
    int telling = 0;
    int repeated = 0;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) >= TELLING_LENGTH) {
        telling++;
        int times = timesOver(sessions, session);
        repeated += times > 1 ? 1 : 0;
        copies += sessions.length(session) - sessions.length(session) / times;
      }
    }
    return repeated * 2L > telling ? copies : 0;
  }

  /** How many times over the same clicks are the session; 1 when it does not repeat itself. */
  private static int timesOver(Sessions sessions, int session) {
    int length = sessions.length(session);
    for (int times = MAX_TIMES; times > 1; times--) {
      if (length % times == 0 && length / times > 1 && repeats(sessions, session, length / times)) {
        return times;
      }
    }
    return 1;
  }

  private static boolean repeats(Sessions sessions, int session, int period) {
    for (int click = sessions.start(session) + period; click < sessions.end(session); click++) {
      if (sessions.item(click) != sessions.item(click - period)) {
        return false;
      }
    }
    return true;
  }
}
