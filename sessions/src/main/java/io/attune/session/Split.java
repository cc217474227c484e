package io.attune.session;

import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions divided into what is trained and what is tested.
 *
 * @param train the training part
 * @param test the test part; it has the rows of the same vocabulary as {@code train}
 * @param validation for leave-one-out, the sessions without their test target; otherwise null: take
 *     {@link #validationPart(Sessions, double)} of the training part
 * @param trainable what may be trained on once a model is chosen: the training part, under
 *     leave-one-out with the validation targets
 * @param cut the time before which every trained click lies, when the split was in time
 * @param targets which clicks of a tested session are to be predicted
 * @param sessionsNotTested under leave-one-out, the sessions of fewer than three clicks; under a
 *     split in time, those that straddle the cut
 * @param clicksLeftOut clicks that are neither trained nor tested: those of straddling sessions
 *     from the cut on
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

  /** Which clicks of a tested session are to be predicted. */
  public enum Targets {
    /** Every click after the first, from those before it. */
    AFTER_FIRST,
    /** The last click alone, from those before it. */
    LAST;

    /**
     * The place, from 0, of the first click to be predicted in a session; those after it are, too.
     *
     * @param length of the session; there is no such click where it is less than 2
     */
    public int first(int length) {
      return switch (this) {
        case AFTER_FIRST -> 1;
        case LAST -> Math.max(1, length - 1);
      };
    }
  }

  /** A training part that was divided once more, to choose a model on {@code validation}. */
  public record Validated(Sessions train, Sessions validation) {}

  /**
   * Divides sessions at a point in time, as {@link Holdout.Last} does; a part may be empty. For
   * sessions that are only some of those that the point was found by.
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
        Targets.LAST,
        sessions.size() - count,
        0);
  }

  /**
   * Divides a training part into what is trained while a model is chosen and what it is chosen on.
   *
   * <p>With times, the validation part are the sessions that end last; without, those that stand
   * last. At least one session stays on each side. Both parts keep the order of the sessions.
   *
   * @param fraction the share of the sessions that becomes the validation part, between 0 and 1
   * @throws IllegalArgumentException if the fraction is not between 0 and 1, both excluded, or
   *     there are fewer than two sessions
   */
  public static Validated validationPart(Sessions sessions, double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "the validation part must be a fraction between 0 and 1, but is " + fraction);
    }
    int size = sessions.size();
    if (size < 2) {
      throw new IllegalArgumentException(
          "a validation part needs at least 2 sessions, but there are " + size);
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
    return new Validated(sessions.select(train), sessions.select(validation));
  }

  /**
   * The sessions that end last; without times, those that stand last.
   *
   * @param count how many, at most all
   * @return their numbers, rising
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

  /** Marks the sessions that end last; of those that end together, the ones that stand last. */
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
