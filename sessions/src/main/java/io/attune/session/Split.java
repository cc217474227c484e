package io.attune.session;

import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A split of sessions into a training and a test part.
 *
 * @param train the training part
 * @param test the test part, with the same vocabulary
 * @param validation for leave-one-out, the sessions without their test target; otherwise null: use
 *     {@link #validationPart(Sessions, double)} of the training part
 * @param trainable the data for the final training once a model is selected: the training part, and
 *     for leave-one-out the validation targets as well
 * @param cut for a split by time, the time before which all training clicks are
 * @param targets which clicks of the test part are to be predicted
 * @param sessionsNotTested for leave-one-out, the number of sessions of fewer than three clicks;
 *     for a split by time, of those that straddle the cut unless they are histories
 * @param clicksLeftOut the number of clicks in neither part: those of straddling sessions from the
 *     cut on
 */
public record Split(
    Sessions train,
    Sessions test,
    @Nullable Sessions validation,
    Sessions trainable,
    @Nullable Instant cut,
    Targets targets,
    int sessionsNotTested,
    long clicksLeftOut) {

  /** Which clicks of a test session are to be predicted, each from the clicks before it. */
  public sealed interface Targets {
    /** Every click after the first. */
    record AfterFirst() implements Targets {}

    /** Only the last click. */
    record Last() implements Targets {}

    /**
     * Every click from a time on, except a session's first. The clicks before the time are training
     * data, and in the test they are context.
     */
    record From(Instant time) implements Targets {}

    /**
     * The index of the first target in a session; all clicks after it are targets, too.
     *
     * @return from 1 on; the session's length or more if it has no target
     * @throws IllegalStateException if targets begin at a time, and there are no times
     */
    default int first(Sessions sessions, int session) {
      return switch (this) {
        case AfterFirst all -> 1;
        case Last last -> Math.max(1, sessions.length(session) - 1);
        case From from -> Math.max(1, sessions.clicksBefore(session, from.time().toEpochMilli()));
      };
    }

    /** The number of targets in these sessions. */
    default int count(Sessions sessions) {
      int count = 0;
      for (int session = 0; session < sessions.size(); session++) {
        count += Math.max(0, sessions.length(session) - first(sessions, session));
      }
      return count;
    }
  }

  /**
   * A training part split once more, for model selection on {@code validation}.
   *
   * @param targets which clicks of the validation part are to be predicted
   */
  public record Validated(Sessions train, Sessions validation, Targets targets) {}

  /**
   * Splits sessions at a given time as {@link Holdout.Last} does, except that a part may be empty:
   * for a subset of the sessions that the time was computed from.
   *
   * @throws IllegalStateException if there are sessions, but no times
   */
  public static Split at(Sessions sessions, Instant cut) {
    return TimeSplit.at(sessions, cut.toEpochMilli());
  }

  static Split lastClick(Sessions sessions) {
    int[] tested = new int[sessions.size()];
    int count = 0;
    for (int session = 0; session < sessions.size(); session++) {
      if (sessions.length(session) >= 3) {
        tested[count++] = session;
      }
    }
    Sessions test = sessions.select(Arrays.copyOf(tested, count));
    return new Split(
        sessions.withoutLast(2, 3),
        test,
        test.withoutLast(1, 1),
        sessions.withoutLast(1, 3),
        null,
        new Targets.Last(),
        sessions.size() - count,
        0);
  }

  /**
   * Splits a training part for model selection.
   *
   * <p>The validation part consists of the sessions that end last; without times, of the last
   * sessions in order. Each part has at least one session, and both keep the order of the sessions.
   * Histories with times are split in time, as by {@link Holdout.Last}: their newest clicks are
   * predicted from all clicks before.
   *
   * @param fraction the share of the sessions in the validation part; of histories, the share of
   *     the clicks that are predicted
   * @throws IllegalArgumentException if the fraction is not between 0 and 1, exclusive, or there
   *     are fewer than two sessions
   */
  public static Validated validationPart(Sessions sessions, double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "the validation part must be a fraction between 0 and 1, but is " + fraction);
    }
    int size = sessions.size();
    if (size < 2) {
      throw new IllegalArgumentException("a validation part needs at least 2 sessions, but there "
          + (size == 1 ? "is 1" : "are none"));
    }
    if (sessions.areHistories() && sessions.hasTimes()) {
      Split split = at(sessions, newestTime(sessions, fraction));
      if (split.train().clicks() > split.train().size()
          && split.targets().count(split.test()) > 0) {
        return new Validated(split.train(), split.test(), split.targets());
      }
    }
    int held = Math.clamp(Math.round(size * fraction), 1, size - 1);
    boolean[] late = new boolean[size];
    for (int session : newest(sessions, held)) {
      late[session] = true;
    }
    int[] train = new int[size - held];
    int[] validation = new int[held];
    int trained = 0;
    int validated = 0;
    for (int session = 0; session < size; session++) {
      if (late[session]) {
        validation[validated++] = session;
      } else {
        train[trained++] = session;
      }
    }
    return new Validated(
        sessions.select(train), sessions.select(validation), new Targets.AfterFirst());
  }

  /** The time from which on there is this share of the clicks, of sessions with times. */
  static Instant newestTime(Sessions sessions, double fraction) {
    long[] times = new long[sessions.clicks()];
    int size = 0;
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        times[size++] = sessions.time(click);
      }
    }
    Arrays.sort(times);
    int first = Math.clamp(Math.round(size * (1 - fraction)), 0, size - 1);
    return Instant.ofEpochMilli(times[first]);
  }

  /**
   * The sessions that end last; without times, the last sessions in order.
   *
   * @param count how many; at most the number of sessions
   * @return their indexes, ascending
   */
  public static int[] newest(Sessions sessions, int count) {
    int size = sessions.size();
    boolean[] late = new boolean[size];
    if (count > 0 && sessions.hasTimes()) {
      markLatest(sessions, count, late);
    } else {
      Arrays.fill(late, size - count, size, true);
    }
    return IntStream.range(0, size).filter(session -> late[session]).toArray();
  }

  /**
   * What was clicked of late: the sessions that end last. Histories may end together and begin at
   * any time, so of these it is the same share of the clicks, the newest, if there are times.
   *
   * @param count how many sessions; at most the number of sessions
   */
  public static Sessions recent(Sessions sessions, int count) {
    return sessions.areHistories() && sessions.hasTimes() && count > 0
        ? sessions.from(newestTime(sessions, (double) count / sessions.size()))
        : sessions.select(newest(sessions, count));
  }

  /** Marks the sessions that end last; among those that end together, the last in order. */
  private static void markLatest(Sessions sessions, int count, boolean[] late) {
    long[] ends = new long[sessions.size()];
    for (int session = 0; session < ends.length; session++) {
      ends[session] = endTime(sessions, session);
    }
    long[] sorted = ends.clone();
    Arrays.sort(sorted);
    long threshold = sorted[ends.length - count];
    int left = count;
    for (int session = 0; session < ends.length; session++) {
      if (ends[session] > threshold) {
        late[session] = true;
        left--;
      }
    }
    for (int session = ends.length - 1; left > 0; session--) {
      if (ends[session] == threshold) {
        late[session] = true;
        left--;
      }
    }
  }

  private static long endTime(Sessions sessions, int session) {
    return sessions.length(session) == 0
        ? Long.MIN_VALUE
        : sessions.time(sessions.end(session) - 1);
  }
}
