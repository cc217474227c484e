package io.attune.baseline;

import java.util.Locale;

/**
 * How much less an older click of the current session counts. Source: the weightings of V-SKNN in
 * Ludewig and Jannach 2018, section 3.3.
 */
public enum Decay implements ClickWeight {
  /** All clicks count the same: 1. */
  SAME {
    @Override
    public double of(int steps, int length) {
      return 1;
    }
  },
  /** 1, 0.9, 0.8, … from the newest click back; the tenth before it and older count nothing. */
  LINEAR {
    @Override
    public double of(int steps, int length) {
      return Math.max(0, 10 - steps) / 10.0;
    }
  },
  /** The click's position from 1 by the session's length. */
  POSITION {
    @Override
    public double of(int steps, int length) {
      return (double) (length - steps) / length;
    }
  },
  /** The square of {@link #POSITION}. */
  QUADRATIC {
    @Override
    public double of(int steps, int length) {
      double share = (double) (length - steps) / length;
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
  /** 1 / log10(steps + 1.7), at most some 4.3. */
  LOG {
    @Override
    public double of(int steps, int length) {
      return 1 / Math.log10(steps + 1.7);
    }
  };

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
