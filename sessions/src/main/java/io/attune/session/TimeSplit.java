package io.attune.session;

import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Splits sessions at a point in time. */
final class TimeSplit {
  private TimeSplit() {}

  static Split split(Sessions sessions, Holdout.Last holdout) {
    if (!sessions.hasTimes()) {
      throw new IllegalArgumentException("a holdout of the last "
          + holdout
          + " needs clicks with times, but these clicks have none: use last-click or none");
    }
    LogEnd end = LogEnd.of(sessions);
    if (end == null) {
      throw new IllegalArgumentException("a holdout needs at least one click, but there is none");
    }
    long newest = end.end().toEpochMilli();
    Split split = at(sessions, newest - holdout.duration().toMillis());
    if (split.train().size() == 0) {
      throw new IllegalArgumentException(
          "nothing is left to train on: every session starts in the last "
              + holdout
              + " before the last click, at "
              + Instant.ofEpochMilli(newest));
    }
    return split;
  }

  /** Splits sessions with times at a time in milliseconds. */
  static Split at(Sessions sessions, long cut) {
    return sessions.areHistories() ? ofHistories(sessions, cut) : ofVisits(sessions, cut);
  }

  /** What users clicked from the cut on is predicted from all that they clicked before. */
  private static Split ofHistories(Sessions sessions, long cut) {
    Instant time = Instant.ofEpochMilli(cut);
    int[] tested = IntStream.range(0, sessions.size())
        .filter(session -> sessions.clicksBefore(session, cut) < sessions.length(session))
        .toArray();
    Sessions train = sessions.before(time);
    return new Split(
        train, sessions.select(tested), null, train, time, new Split.Targets.From(time), 0, 0);
  }

  private static Split ofVisits(Sessions sessions, long cut) {
    int[] tested = new int[sessions.size()];
    int testCount = 0;
    int straddling = 0;
    long leftOut = 0;
    for (int session = 0; session < sessions.size(); session++) {
      int before = sessions.clicksBefore(session, cut);
      int length = sessions.length(session);
      if (before == 0 && length > 0) {
        tested[testCount++] = session;
      } else if (before < length) {
        straddling++;
        leftOut += length - before;
      }
    }
    Instant time = Instant.ofEpochMilli(cut);
    Sessions train = sessions.before(time);
    Sessions test = sessions.select(Arrays.copyOf(tested, testCount));
    return new Split(
        train, test, null, train, time, new Split.Targets.AfterFirst(), straddling, leftOut);
  }
}
