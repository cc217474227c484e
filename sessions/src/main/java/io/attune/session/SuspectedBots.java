package io.attune.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Sessions that look like bot traffic, or like a default id that many visitors share.
 *
 * @param sessions the longest of them, longest first
 * @param found the number of such sessions
 * @param clicks the number of clicks in all of them
 */
public record SuspectedBots(List<Suspect> sessions, int found, long clicks) {
  private static final int MIN_LONG_CLICKS = 500;
  private static final int MIN_TIMES_USUAL = 20;
  private static final int MIN_FAST_CLICKS = 100;

  /**
   * A session that looks like bot traffic.
   *
   * @param id the session's id
   * @param reason in words, such as {@code 90 % of the sessions have at most 7}
   */
  public record Suspect(String id, int clicks, String reason) {}

  /** Copies the list. */
  public SuspectedBots {
    sessions = List.copyOf(sessions);
  }

  /**
   * Finds sessions of at least 500 clicks that are at least 20 times as long as 90 % of the
   * sessions, and sessions of at least 100 clicks with more than one click per second.
   *
   * @param listed the maximum number of sessions to list
   */
  public static SuspectedBots of(Sessions sessions, int listed) {
    int size = sessions.size();
    int[] lengths = new int[size];
    Arrays.setAll(lengths, sessions::length);
    Arrays.sort(lengths);
    int usual = size == 0 ? 0 : lengths[(int) Math.max(0, (long) size * 9 / 10 - 1)];
    List<Suspect> suspects = new ArrayList<>();
    int found = 0;
    long clicks = 0;
    for (int session = 0; session < size; session++) {
      int length = sessions.length(session);
      String reason = "";
      if (length >= MIN_LONG_CLICKS && length >= (long) MIN_TIMES_USUAL * usual) {
        reason = "90 % of the sessions have at most " + usual;
      } else if (length >= MIN_FAST_CLICKS && isFast(sessions, session)) {
        reason = "more than one per second";
      }
      if (!reason.isEmpty()) {
        found++;
        clicks += length;
        suspects.add(new Suspect(sessions.id(session), length, reason));
        if (suspects.size() > 2 * listed) {
          keepLongest(suspects, listed);
        }
      }
    }
    keepLongest(suspects, listed);
    return new SuspectedBots(suspects, found, clicks);
  }

  private static void keepLongest(List<Suspect> suspects, int listed) {
    suspects.sort(Comparator.comparingInt(Suspect::clicks).reversed());
    if (suspects.size() > listed) {
      suspects.subList(listed, suspects.size()).clear();
    }
  }

  /**
   * Whether there is more than one click per second. Times that are rounded to minutes do not
   * count.
   */
  private static boolean isFast(Sessions sessions, int session) {
    if (!sessions.hasTimes()) {
      return false;
    }
    int from = sessions.start(session);
    int to = sessions.end(session);
    long span = sessions.time(to - 1) - sessions.time(from);
    int moments = 1;
    for (int click = from + 1; click < to; click++) {
      moments += sessions.time(click) == sessions.time(click - 1) ? 0 : 1;
    }
    return span > 0 && span < (to - from) * 1000L && moments > (to - from) / 4;
  }
}
