package io.attune.session;

import java.util.Arrays;

/**
 * The number of duplicate clicks and sessions, as in a log that was loaded twice or whose parts
 * overlap.
 *
 * @param clicks clicks with the item and time of another click of their session, not counting the
 *     first; without times, the repetitions in sessions that consist of the same clicks several
 *     times over, counted only if most sessions do
 * @param sessions sessions of at least two clicks that equal an earlier session in items and times,
 *     whatever their ids
 */
public record Duplicates(long clicks, int sessions) {
  /** Without times, shorter sessions may well repeat themselves by chance. */
  private static final int MIN_LENGTH = 4;

  private static final int MAX_REPETITIONS = 8;

  /** Counts the duplicates in these sessions; takes 8 bytes per session meanwhile. */
  public static Duplicates of(Sessions sessions) {
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
    return new Duplicates(clicks, same);
  }

  /**
   * A 64-bit hash of a session's items and times, equal for equal sessions over one vocabulary;
   * different sessions collide with a probability of about 10<sup>-19</sup>.
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
    int[] items = new int[16];
    long duplicates = 0;
    for (int session = 0; session < sessions.size(); session++) {
      int from = sessions.start(session);
      int end = sessions.end(session);
      while (from < end) {
        int to = from + 1;
        while (to < end && sessions.time(to) == sessions.time(from)) {
          to++;
        }
        if (to - from > items.length) {
          items = new int[Math.max(to - from, items.length * 2)];
        }
        duplicates += to - from > 1 ? repeats(sessions, from, to, items) : 0;
        from = to;
      }
    }
    return duplicates;
  }

  /** The number of clicks at one time that repeat the item of another of them. */
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
    long duplicates = 0;
    int counted = 0;
    int repeated = 0;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) >= MIN_LENGTH) {
        counted++;
        int times = repetitions(sessions, session);
        repeated += times > 1 ? 1 : 0;
        duplicates += sessions.length(session) - sessions.length(session) / times;
      }
    }
    return repeated * 2L > counted ? duplicates : 0;
  }

  /** How often the session repeats the same sequence of clicks; 1 if it does not. */
  private static int repetitions(Sessions sessions, int session) {
    int length = sessions.length(session);
    for (int times = MAX_REPETITIONS; times > 1; times--) {
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
