package io.attune.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Sessions that look like the work of a machine: a robot, or a default id that many visitors share.
 *
 * @param sessions the longest of them, the longest first
 * @param found how many there are
 * @param clicks the clicks of all of them
 */
public record Machines(List<Machine> sessions, int found, long clicks) {
  private static final int LONG = 500;
  private static final int TIMES_USUAL = 20;
  private static final int FAST_LENGTH = 100;

  /**
   * A session that looks like a machine's.
   *
   * @param id of the session
   * @param why in words, such as {@code 40,000 clicks, where nine of ten sessions have at most 7}
   */
  public record Machine(String id, int clicks, String why) {}

  /** Keeps its own copy of the list. */
  public Machines {
    sessions = List.copyOf(sessions);
  }

  /**
   * Finds sessions of 500 clicks or more that have 20 times as many as nine of ten sessions, and
   * those of 100 clicks or more with more than a click a second.
   *
   * @param listed how many to list at most
   */
  public static Machines of(Sessions sessions, int listed) {
    int size = sessions.size();
    int[] lengths = new int[size];
    Arrays.setAll(lengths, sessions::length);
    Arrays.sort(lengths);
    int usual = size == 0 ? 0 : lengths[(int) Math.max(0, (long) size * 9 / 10 - 1)];
    List<Machine> machines = new ArrayList<>();
    int found = 0;
    long clicks = 0;
    for (int session = 0; session < size; session++) {
      int length = sessions.length(session);
      String why = "";
      if (length >= LONG && length >= (long) TIMES_USUAL * usual) {
        why = "nine of ten sessions have at most " + usual;
      } else if (length >= FAST_LENGTH && isFast(sessions, session)) {
        why = "more than one a second";
      }
      if (!why.isEmpty()) {
        found++;
        clicks += length;
        machines.add(new Machine(sessions.id(session), length, why));
        if (machines.size() > 2 * listed) {
          keepLongest(machines, listed);
        }
      }
    }
    keepLongest(machines, listed);
    return new Machines(machines, found, clicks);
  }

  private static void keepLongest(List<Machine> machines, int listed) {
    machines.sort(Comparator.comparingInt(Machine::clicks).reversed());
    if (machines.size() > listed) {
      machines.subList(listed, machines.size()).clear();
    }
  }

  /** Whether there is more than a click a second, in times that are finer than minutes. */
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
