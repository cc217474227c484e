package io.attune.baseline;

import java.util.Locale;

/**
 * How much less an older click of the current session counts: in the similarity of a session to it
 * ({@link #of}), and in the vote of a session by the newest click that it shares ({@link #match}).
 * Source: the weightings of V-SKNN in Ludewig and Jannach 2018, section 3.3, as its authors'
 * program session-rec has them, which counts clicks from 0 in similarities and from 1 in votes.
 *
 * <p>Differs from that program: nothing counts less than 0, where its votes by {@link #LINEAR} do
 * from the eleventh click back; and its similarities by {@link #LINEAR} leave out all clicks after
 * the tenth of a session, these all that are ten or more before the newest.
 */
public enum Decay implements ClickWeight {
  /** All clicks count the same: 1. */
  CONSTANT {
    @Override
    public double of(int steps, int length) {
      return 1;
    }
  },
  /** 1, 0.9, 0.8, … from the newest click back, in votes 0.9, 0.8, 0.7, …; never less than 0. */
  LINEAR {
    @Override
    public double of(int steps, int length) {
      return Math.max(0, 10 - steps) / 10.0;
    }

    @Override
    public double match(int steps, int length) {
      return of(steps + 1, length);
    }
  },
  /** The click's position from 1 by the session's length. */
  POSITION {
    @Override
    public double of(int steps, int length) {
      return (double) (length - steps) / length;
    }
  },
  /** The square of {@link #POSITION}, in votes of {@link #HARMONIC}. */
  QUADRATIC {
    @Override
    public double of(int steps, int length) {
      double share = (double) (length - steps) / length;
      return share * share;
    }

    @Override
    public double match(int steps, int length) {
      double share = 1.0 / (steps + 1);
      return share * share;
    }
  },
  /** 1, 1/2, 1/3, … from the newest click back. */
  HARMONIC {
    @Override
    public double of(int steps, int length) {
      return 1.0 / (steps + 1);
    }
  },
  /**
   * 1 / log10(steps + 1.7), at most some 4.3; in votes 1 / log10(steps + 2.7), at most some 2.3.
   */
  LOG {
    @Override
    public double of(int steps, int length) {
      return 1 / Math.log10(steps + 1.7);
    }

    @Override
    public double match(int steps, int length) {
      return of(steps + 1, length);
    }
  };

  /**
   * The weight of a session's vote.
   *
   * @param steps how many clicks were made after the newest one that it shares
   * @param length how many clicks the current session has
   * @return 0 or more
   */
  public double match(int steps, int length) {
    return of(steps, length);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
