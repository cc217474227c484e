package io.attune.baseline;

import java.util.Locale;

/**
 * The weight of an item by its inverse document frequency ln(S / S_i), where S_i of S sessions
 * contain the item.
 */
public enum Idf {
  /** The same weight for all items. */
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
