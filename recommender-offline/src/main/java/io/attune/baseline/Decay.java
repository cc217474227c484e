package io.attune.baseline;

import java.util.Locale;

/**
 * The weight of a click of the current session by its age: in similarities ({@link #weight}), and
 * in votes, by the newest click that a neighbour shares ({@link #voteWeight}).
 *
 * <p>Source: the weightings of V-SKNN in Ludewig and Jannach 2018, section 3.3, as implemented in
 * the authors' session-rec, which counts clicks from 0 in similarities and from 1 in votes.
 *
 * <p>Differs from session-rec: no weight is negative, while its votes by {@link #LINEAR} are from
 * the eleventh newest click on; and similarities by {@link #LINEAR} ignore the clicks that are ten
 * or more before the newest one, while session-rec ignores those after the tenth of the session.
 */
public enum Decay implements ClickWeight {
  /** The same weight for all clicks, 1. */
  CONSTANT {
    @Override
    public double weight(int clicksAfter, int length) {
      return 1;
    }
  },
  /** 1, 0.9, 0.8, … from the newest click back, in votes 0.9, 0.8, 0.7, …; at least 0. */
  LINEAR {
    @Override
    public double weight(int clicksAfter, int length) {
      return Math.max(0, 10 - clicksAfter) / 10.0;
    }

    @Override
    public double voteWeight(int clicksAfter, int length) {
      return weight(clicksAfter + 1, length);
    }
  },
  /** The click's position, from 1, divided by the session's length. */
  POSITION {
    @Override
    public double weight(int clicksAfter, int length) {
      return (double) (length - clicksAfter) / length;
    }
  },
  /** The square of {@link #POSITION}, in votes the square of {@link #HARMONIC}. */
  QUADRATIC {
    @Override
    public double weight(int clicksAfter, int length) {
      double share = (double) (length - clicksAfter) / length;
      return share * share;
    }

    @Override
    public double voteWeight(int clicksAfter, int length) {
      double share = 1.0 / (clicksAfter + 1);
      return share * share;
    }
  },
  /** 1, 1/2, 1/3, … from the newest click back. */
  HARMONIC {
    @Override
    public double weight(int clicksAfter, int length) {
      return 1.0 / (clicksAfter + 1);
    }
  },
  /**
   * 1 / log10(n + 1.7) with n clicks after it, at most about 4.3; in votes 1 / log10(n + 2.7), at
   * most about 2.3.
   */
  LOG {
    @Override
    public double weight(int clicksAfter, int length) {
      return 1 / Math.log10(clicksAfter + 1.7);
    }

    @Override
    public double voteWeight(int clicksAfter, int length) {
      return weight(clicksAfter + 1, length);
    }
  };

  /**
   * Returns the weight of a neighbour's vote.
   *
   * @param clicksAfter number of clicks after the newest click that the neighbour shares
   * @param length number of clicks of the current session
   * @return at least 0
   */
  public double voteWeight(int clicksAfter, int length) {
    return weight(clicksAfter, length);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
