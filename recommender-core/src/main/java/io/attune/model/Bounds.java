package io.attune.model;

/** Range checks for the numbers of a configuration. */
final class Bounds {
  private Bounds() {}

  static void requireSize(String name, int value, int limit) {
    if (value < 1 || value > limit) {
      throw new IllegalArgumentException(name + " must be from 1 to " + limit + ", not " + value);
    }
  }

  static void requireShare(String name, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be at least 0 and below 1, not " + value);
    }
  }
}
