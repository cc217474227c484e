package io.attune.tuning;

import java.time.Duration;

/** The budget of a search: time and number of trials. */
public sealed interface Budget permits Budget.Trials, Budget.Time {
  /**
   * A number of trials, however long they take.
   *
   * @param count at least 1; the first trial is the initial configuration
   */
  record Trials(int count) implements Budget {
    public Trials {
      if (count < 1 || count > 10_000) {
        throw new IllegalArgumentException("trials must be from 1 to 10000, not " + count);
      }
    }
  }

  /** A total time over all runs of the same search. */
  record Time(Duration most) implements Budget {
    public Time {
      if (most.isNegative() || most.isZero()) {
        throw new IllegalArgumentException("a budget must be above 0, not " + most);
      }
    }
  }
}
