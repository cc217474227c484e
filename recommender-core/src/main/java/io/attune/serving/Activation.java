package io.attune.serving;

/**
 * Sigmoid, hyperbolic tangent and softmax over arrays, to some 1e-7: rational functions without a
 * branch or a call, which the compiler turns into vector instructions.
 *
 * <p>With {@code t = tanh(x)} by seven steps of Lambert's continued fraction (1761), {@code t = x P
 * / Q}, the tangent of the double is {@code 2 t / (1 + t²)} and the sigmoid of the quadruple
 * {@code (1 + t)² / (2 (1 + t²))}. Halving the argument first makes the fraction good to 1e-8 up to
 * |x| = {@value #LIMIT}, beyond which both are flat.
 */
final class Activation {
  private static final float LIMIT = 4.6f;

  private Activation() {}

  /** Applies the logistic sigmoid to elements {@code from} to {@code to − 1}. */
  static void sigmoid(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      float x = Math.max(-LIMIT, Math.min(LIMIT, 0.25f * values[i]));
      float y = x * x;
      float p = x * (135135 + y * (17325 + y * (378 + y)));
      float q = 135135 + y * (62370 + y * (3150 + y * 28));
      float sum = q + p;
      values[i] = 0.5f * (sum * sum) / (q * q + p * p);
    }
  }

  /** Applies the hyperbolic tangent to elements {@code from} to {@code to − 1}. */
  static void tanh(float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      float x = Math.max(-LIMIT, Math.min(LIMIT, 0.5f * values[i]));
      float y = x * x;
      float p = x * (135135 + y * (17325 + y * (378 + y)));
      float q = 135135 + y * (62370 + y * (3150 + y * 28));
      values[i] = 2 * p * q / (q * q + p * p);
    }
  }

  /** Turns the first {@code count} scores into shares that add up to 1. */
  static void softmax(float[] scores, int count) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      most = Math.max(most, scores[i]);
    }
    float sum = 0;
    for (int i = 0; i < count; i++) {
      scores[i] = (float) Math.exp(scores[i] - most);
      sum += scores[i];
    }
    for (int i = 0; i < count; i++) {
      scores[i] /= sum;
    }
  }
}
