package io.attune.session;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What part of the sessions is held out of training, to be tested. */
public sealed interface Holdout {
  /** Divides the sessions. */
  Split split(Sessions sessions);

  /** Nothing is held out: all sessions are training data. */
  record None() implements Holdout {
    @Override
    public Split split(Sessions sessions) {
      return new Split(
          sessions,
          sessions.select(new int[0]),
          null,
          sessions,
          null,
          Split.Targets.AFTER_FIRST,
          0,
          0);
    }

    @Override
    public String toString() {
      return "none";
    }
  }

  /**
   * The last days, hours or minutes are held out.
   *
   * <p>The cut is the log's end less the duration. Training gets every click before the cut; what
   * is tested are the sessions that begin at the cut or later. So nothing tested is older than
   * anything trained, and no session stands on both sides: of a session that straddles the cut,
   * training gets the clicks before it, and the later ones are left out and counted. That is what a
   * model trained at the moment of the cut could have known. (GRU4Rec's scripts put straddling
   * sessions whole into the test part instead, where their first clicks are older than the newest
   * trained ones.)
   *
   * <p>The last click is that of {@link LogEnd}, so that a few with a wrong time far in the future
   * do not move the cut; they are tested if their session begins after it, and the loader's report
   * names them.
   *
   * @param duration how long before the last click the cut lies
   */
  record Last(Duration duration) implements Holdout {
    /** Throws an IllegalArgumentException if the duration is not positive. */
    public Last {
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(
            "a holdout's duration must be positive, but is " + duration);
      }
    }

    /**
     * Divides the sessions in time.
     *
     * @throws IllegalArgumentException if the sessions have no times, or if there is no click
     *     before the cut
     */
    @Override
    public Split split(Sessions sessions) {
      return TimeSplit.split(sessions, this);
    }

    @Override
    public String toString() {
      return Duration.ofDays(duration.toDays()).equals(duration)
          ? duration.toDays() + "d"
          : Duration.ofHours(duration.toHours()).equals(duration)
              ? duration.toHours() + "h"
              : Duration.ofMinutes(duration.toMinutes()).equals(duration)
                  ? duration.toMinutes() + "m"
                  : duration.toString();
    }
  }

  /**
   * Leave-one-out: the last click of each session is the test target, the last but one the
   * validation target, and training gets the rest. A session of fewer than three clicks is trained
   * whole and not tested (as SASRec's authors do); those are counted.
   */
  record LastClick() implements Holdout {
    @Override
    public Split split(Sessions sessions) {
      return Split.lastClick(sessions);
    }

    @Override
    public String toString() {
      return "last-click";
    }
  }

  /**
   * The holdout that this text names: {@code none}, {@code last-click}, or a whole number of days,
   * hours or minutes such as {@code 7d}, {@code 12h} or {@code 30m}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static Holdout parse(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    if (name.equals("none")) {
      return new None();
    }
    if (name.equals("last-click")) {
      return new LastClick();
    }
    Matcher matcher = Pattern.compile("([1-9][0-9]{0,5})([dhm])").matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a holdout must be 'none', 'last-click', or a whole number of days, hours or minutes such as 7d, 12h or 30m, but is '"
              + text
              + "'");
    }
    long count = Long.parseLong(matcher.group(1));
    return new Last(
        switch (matcher.group(2)) {
          case "d" -> Duration.ofDays(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofMinutes(count);
        });
  }
}
