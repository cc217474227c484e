package io.attune.vector;

/**
 * Loops over plain arrays, written so that the compiler turns them into vector instructions. The
 * order of additions is fixed: a result does not depend on where in an array its operands lie.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants as they were published
public final class Arithmetic {
  private static final int LANES = 8;

  /** Up to here Lambert's fraction is good to 1e-8. */
  private static final float BOUND = 4.6f;

  private Arithmetic() {}

  /** The inner product of two stretches, summed in eight lanes. */
  public static float dot(float[] a, int atA, float[] b, int atB, int length) {
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

  /** {@code sum += factor · x}, whole vectors: the one of the two that is vectorised. */
  public static void addScaled(float[] sum, float factor, float[] x, int length) {
    for (int i = 0; i < length; i++) {
      sum[i] += factor * x[i];
    }
  }

  /** {@code sum += factor · x}, stretches. */
  public static void addScaled(
      float[] sum, int atSum, float factor, float[] x, int atX, int length) {
    for (int i = 0; i < length; i++) {
      sum[atSum + i] += factor * x[atX + i];
    }
  }

  /** e to the power of {@code x}, within three units in the last place; 0 below −87. */
  public static float exp(float x) {
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

  public static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  /**
   * Applies the logistic function to a stretch, within 2e-7.
   *
   * <p>This and the next have neither branch nor call, so that they become vector instructions.
   * With {@code t = tanh(x) = p / q}, by seven steps of Lambert's continued fraction (1761), the
   * logistic function of {@code 4x} is {@code 1/2 + t / (1 + t²)}, and the hyperbolic tangent of
   * {@code 2x} is {@code 2t / (1 + t²)}; beyond the bound of x both are flat.
   */
  public static void sigmoid(float[] values, int at, int length) {
    for (int i = at; i < at + length; i++) {
      float x = Math.max(-BOUND, Math.min(BOUND, 0.25f * values[i]));
      float y = x * x;
      float p = x * (135135 + y * (17325 + y * (378 + y)));
      float q = 135135 + y * (62370 + y * (3150 + y * 28));
      values[i] = 0.5f + p * q / (q * q + p * p);
    }
  }

  /** Applies the hyperbolic tangent to a stretch, within 3e-7. */
  public static void tanh(float[] values, int at, int length) {
    for (int i = at; i < at + length; i++) {
      float x = Math.max(-BOUND, Math.min(BOUND, 0.5f * values[i]));
      float y = x * x;
      float p = x * (135135 + y * (17325 + y * (378 + y)));
      float q = 135135 + y * (62370 + y * (3150 + y * 28));
      values[i] = 2 * p * q / (q * q + p * p);
    }
  }

  /**
   * Applies {@code x Φ(x)} with the normal distribution's Φ to a stretch (Hendrycks and Gimpel
   * 2016), within 1e-6. The error function is {@code z P(z²) / Q(z²)}, fitted to 2e-8 up to |z| =
   * 4, beyond which it is flat.
   */
  public static void gelu(float[] values, int at, int length) {
    for (int i = at; i < at + length; i++) {
      float x = values[i];
      float z = Math.max(-4, Math.min(4, 0.70710678f * x));
      float y = z * z;
      float p = 1.12837898f
          + y
              * (0.196230097f
                  + y
                      * (0.0534645229f
                          + y * (0.00400266919f + y * (0.000287991359f + y * 1.97463553e-6f))));
      float q = 1
          + y
              * (0.50723557f
                  + y
                      * (0.116468188f
                          + y * (0.0154425457f + y * (0.00121606715f + y * 3.74761619e-5f))));
      values[i] = 0.5f * x * (1 + z * p / q);
    }
  }

  /** Turns scores into shares that add up to 1. */
  public static void softmax(float[] scores, int count) {
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
