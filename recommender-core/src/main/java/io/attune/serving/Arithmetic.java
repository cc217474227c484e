package io.attune.serving;

import java.nio.FloatBuffer;

/**
 * Loops over plain arrays, written so that the compiler turns them into vector instructions. The
 * order of additions is fixed: a result does not depend on where in an array its operands lie.
 */
final class Arithmetic {
  private static final int LANES = 8;

  private Arithmetic() {}

  /** The inner product of two stretches, summed in eight lanes. */
  static float dot(float[] a, int atA, float[] b, int atB, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      s0 += a[atA + i] * b[atB + i];
      s1 += a[atA + i + 1] * b[atB + i + 1];
      s2 += a[atA + i + 2] * b[atB + i + 2];
      s3 += a[atA + i + 3] * b[atB + i + 3];
      s4 += a[atA + i + 4] * b[atB + i + 4];
      s5 += a[atA + i + 5] * b[atB + i + 5];
      s6 += a[atA + i + 6] * b[atB + i + 6];
      s7 += a[atA + i + 7] * b[atB + i + 7];
    }
    float sum = (s0 + s4 + (s1 + s5)) + (s2 + s6 + (s3 + s7));
    for (int i = whole; i < length; i++) {
      sum += a[atA + i] * b[atB + i];
    }
    return sum;
  }

  /** The inner product of a vector and a stretch of a buffer, in the same order. */
  static float dot(float[] a, FloatBuffer b, int atB, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int whole = length - length % LANES;
    for (int i = 0; i < whole; i += LANES) {
      s0 += a[i] * b.get(atB + i);
      s1 += a[i + 1] * b.get(atB + i + 1);
      s2 += a[i + 2] * b.get(atB + i + 2);
      s3 += a[i + 3] * b.get(atB + i + 3);
      s4 += a[i + 4] * b.get(atB + i + 4);
      s5 += a[i + 5] * b.get(atB + i + 5);
      s6 += a[i + 6] * b.get(atB + i + 6);
      s7 += a[i + 7] * b.get(atB + i + 7);
    }
    float sum = (s0 + s4 + (s1 + s5)) + (s2 + s6 + (s3 + s7));
    for (int i = whole; i < length; i++) {
      sum += a[i] * b.get(atB + i);
    }
    return sum;
  }

  /** {@code sum += factor · x}. */
  static void addScaled(float[] sum, int atSum, float factor, float[] x, int atX, int length) {
    for (int i = 0; i < length; i++) {
      sum[atSum + i] += factor * x[atX + i];
    }
  }

  /** e to the power of {@code x}, within three units in the last place; 0 below −87. */
  static float exp(float x) {
    if (x < -87) {
      return 0;
    }
    float bounded = Math.min(x, 88);
    // 2^k · e^r with |r| at most half the logarithm of 2, whose two parts keep r exact.
    float k = (float) Math.rint(bounded * 1.44269504f);
    float r = bounded - k * 0.693359375f + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float power = p * r * r + r + 1;
    return power * Float.intBitsToFloat(((int) k + 127) << 23);
  }

  static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  static float tanh(float x) {
    return 1 - 2 / (1 + exp(2 * x));
  }

  /**
   * {@code x Φ(x)} with the normal distribution's Φ (Hendrycks and Gimpel 2016); the error function
   * by Abramowitz and Stegun 1964, equation 7.1.26, to 1.5e-7.
   */
  static float gelu(float x) {
    float z = Math.abs(x) * 0.70710678f;
    float t = 1 / (1 + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float tail = p * t * exp(-z * z); // 1 − erf(z)
    return x < 0 ? 0.5f * x * tail : 0.5f * x * (2 - tail);
  }

  /** Turns scores into shares that add up to 1. */
  static void softmax(float[] scores, int count) {
    float top = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      top = Math.max(top, scores[i]);
    }
    float sum = 0;
    for (int i = 0; i < count; i++) {
      scores[i] = exp(scores[i] - top);
      sum += scores[i];
    }
    for (int i = 0; i < count; i++) {
      scores[i] /= sum;
    }
  }
}
