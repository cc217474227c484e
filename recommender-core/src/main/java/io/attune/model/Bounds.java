package io.attune.model;

/** Range checks for the numbers of a configuration. */
final class Bounds {
  private Bounds() {}

  static void requireSize(String name, int value, int limit) {
    requireBetween(name, value, 1, limit);
  }

  static void requireBetween(String name, int value, int least, int limit) {
    if (value < least || value > limit) {
      throw new IllegalArgumentException(
          name + " must be from " + least + " to " + limit + ", not " + value);
    }
  }

  static void requireShare(String name, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be at least 0 and below 1, not " + value);
    }
  }
}
