package io.attune.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Which part of the sessions is held out of training for testing. */
public sealed interface Holdout {
  /** Splits the sessions into a training and a test part. */
  Split split(Sessions sessions);

  /** Holds nothing out: all sessions are training data. */
  record None() implements Holdout {
    @Override
    public Split split(Sessions sessions) {
      return new Split(
          sessions,
          sessions.select(new int[0]),
          null,
          sessions,
          null,
          new Split.Targets.AfterFirst(),
          0,
          0);
    }

    @Override
    public String toString() {
      return "none";
    }
  }

  /**
   * Holds out the last days, hours or minutes.
   *
   * <p>The cut is the end of the log minus the duration. Training gets every click before the cut;
   * the test part consists of the sessions that start at the cut or later. So no test click is
   * older than a training click, and no session is on both sides: training gets the clicks of a
   * straddling session before the cut, and the later ones are left out and counted. This is what a
   * model trained at the time of the cut could have seen. (GRU4Rec's scripts put straddling
   * sessions into the test part as a whole, so that their first clicks are older than the newest
   * training clicks.)
   *
   * <p>Where sessions are whole histories of users ({@link Sessions#areHistories}), this would
   * leave out all who return. So the test part consists of the histories with clicks at the cut or
   * later, of which these are predicted, and the clicks before the cut are their context.
   *
   * <p>The end of the log is that of {@link LogEnd}, so that a few clicks with wrong times far in
   * the future do not move the cut. They belong to the test part if their session starts after the
   * cut, and the loader reports them.
   *
   * @param duration the time between the cut and the end of the log
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
     * Splits the sessions by time.
     *
     * @throws IllegalArgumentException if the sessions have no times, or no click is before the cut
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
   * Leave-one-out: the last click of each session is the test target, the second to last is the
   * validation target, and training gets the rest. Sessions of fewer than three clicks are training
   * data only, as in SASRec, and are counted.
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
   * Holds out about a share of the newest clicks: whole minutes, unless it is less than one.
   *
   * @param sessions with times
   * @param after only clicks after this time are counted; null counts all
   * @param share of these clicks, from 0 to 1, exclusive
   * @throws IllegalArgumentException if there are no times, or no two such clicks at different
   *     times
   */
  static Last newest(Sessions sessions, @Nullable Instant after, double share) {
    LogEnd end = LogEnd.of(sessions);
    if (end == null) {
      throw new IllegalArgumentException(
          "the newest clicks can be told by their times, but these clicks have none");
    }
    long first = after == null ? Long.MIN_VALUE : after.toEpochMilli();
    long last = end.end().toEpochMilli();
    long[] times = IntStream.range(0, sessions.size())
        .flatMap(session -> IntStream.range(sessions.start(session), sessions.end(session)))
        .mapToLong(sessions::time)
        .filter(time -> time > first && time <= last)
        .sorted()
        .toArray();
    long cut = times.length == 0 ? last : times[(int) ((1 - share) * (times.length - 1))];
    if (cut == last) {
      throw new IllegalArgumentException("there is nothing new to test on"
          + (after == null ? "" : ": no two clicks after " + after + " at different times"));
    }
    Duration exact = Duration.ofMillis(last - cut);
    return new Last(exact.toMinutes() == 0 ? exact : Duration.ofMinutes(exact.toMinutes()));
  }

  /**
   * Parses {@code none}, {@code last-click}, or a whole number of days, hours or minutes such as
   * {@code 7d}, {@code 12h} or {@code 30m}.
   *
   * @throws IllegalArgumentException if the text is anything else
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
