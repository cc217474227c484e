package io.attune.model;

/**
 * The angles of sinusoidal and rotary position encodings.
 *
 * <p>Internal: shared by both implementations of the Transformer.
 */
public final class PositionAngles {
  private static final double BASE = 10_000;

  private PositionAngles() {}

  /**
   * The angle of a position for a pair of elements (Vaswani et al. 2017, section 3.5).
   *
   * @param place from 0
   * @param pair from 0
   * @param size number of elements, two per pair
   */
  public static double angle(int place, int pair, int size) {
    return place / Math.pow(BASE, 2.0 * pair / size);
  }

  /**
   * Writes the sinusoidal encoding of a position: alternating sines and cosines.
   *
   * @param into receives {@code size} elements from index {@code at} on
   */
  public static void sinusoidal(int place, int size, float[] into, int at) {
    for (int i = 0; i < size; i++) {
      double angle = angle(place, i / 2, size);
      into[at + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
}
