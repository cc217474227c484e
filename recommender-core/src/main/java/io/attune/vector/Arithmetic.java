package io.attune.vector;

/**
 * Vector arithmetic on plain arrays, in loops that the JIT compiler vectorizes.
 *
 * <p>Sums are added in a fixed order, so a result does not depend on where in an array its operands
 * lie.
 *
 * <p>Internal: shared by the modules of Attune.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants as they were published
public final class Arithmetic {
  private static final int LANES = 8;

  /** Lambert's fraction is accurate to 1e-8 up to this argument. */
  private static final float BOUND = 4.6f;

  private Arithmetic() {}

  /** Returns the inner product of two array ranges, accumulated in eight lanes. */
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

  /**
   * Computes {@code sum += factor · x} from index 0. Unlike the overload with offsets, this loop is
   * vectorized by C2.
   */
  public static void addScaled(float[] sum, float factor, float[] x, int length) {
    for (int i = 0; i < length; i++) {
      sum[i] += factor * x[i];
    }
  }

  /** Computes {@code sum += factor · x} over array ranges. */
  public static void addScaled(
      float[] sum, int atSum, float factor, float[] x, int atX, int length) {
    for (int i = 0; i < length; i++) {
      sum[atSum + i] += factor * x[atX + i];
    }
  }

  /** Returns e to the power of {@code x}, within 3 ulp; 0 below −87. */
  public static float exp(float x) {
    if (x < -87) {
      return 0;
    }
    float bounded = Math.min(x, 88);
    // 2^k · e^r with |r| ≤ ln(2)/2; ln(2) is split in two so that r stays exact (Cody and Waite).
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

  /** Returns the logistic function of {@code x}. */
  public static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  /**
   * Applies the logistic function to an array range in place, with an error below 2e-7.
   *
   * <p>Like {@link #tanh}, it has neither branches nor calls, so the loop is vectorized. With
   * {@code t = tanh(x) = p / q} from seven terms of Lambert's continued fraction (1761), the
   * logistic function of {@code 4x} is {@code 1/2 + t / (1 + t²)} and the hyperbolic tangent of
   * {@code 2x} is {@code 2t / (1 + t²)}. Beyond the bound on x both functions are flat.
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

  /** Applies the hyperbolic tangent to an array range in place, with an error below 3e-7. */
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
   * Applies GELU, {@code x Φ(x)} (Hendrycks and Gimpel 2016), to an array range in place, with an
   * error below 1e-6.
   *
   * <p>Φ is the normal distribution function. The error function is approximated by {@code z P(z²)
   * / Q(z²)}, fitted to 2e-8 up to |z| = 4, beyond which it is flat.
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

  /** Applies softmax to the first {@code count} scores in place. */
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
