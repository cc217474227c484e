package io.attune.model;

/** The angles by which sinusoidal and rotary positions tell places apart. */
public final class PositionAngles {
  private static final double BASE = 10_000;

  private PositionAngles() {}

  /**
   * The angle of a place for a pair of elements (Vaswani et al. 2017, section 3.5).
   *
   * @param place from 0
   * @param pair from 0
   * @param size number of elements, two to a pair
   */
  public static double angle(int place, int pair, int size) {
    return place / Math.pow(BASE, 2.0 * pair / size);
  }

  /**
   * Writes the sines and cosines of a place, by turns.
   *
   * @param into written from {@code at}, {@code size} elements
   */
  public static void sinusoidal(int place, int size, float[] into, int at) {
    for (int i = 0; i < size; i++) {
      double angle = angle(place, i / 2, size);
      into[at + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
}
