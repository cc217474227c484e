package io.attune.baseline;

import java.util.Locale;

/**
 * How much more a rare item counts than a popular one: by ln(S / S_i), S sessions of which S_i have
 * the item.
 */
public enum Idf {
  /** All items count the same. */
  NONE {
    @Override
    double weight(double logarithm) {
      return 1;
    }
  },
  /** 1 + ln(S / S_i). */
  PLUS_ONE {
    @Override
    double weight(double logarithm) {
      return 1 + logarithm;
    }
  },
  /** ln(S / S_i). */
  LOG {
    @Override
    double weight(double logarithm) {
      return logarithm;
    }
  };

  abstract double weight(double logarithm);

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
