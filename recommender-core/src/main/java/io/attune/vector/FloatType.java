package io.attune.vector;

import java.nio.ByteBuffer;

/** How a file writes floating-point numbers, all of which are read as float32. */
public enum FloatType {
  /** IEEE 754 half precision. */
  FLOAT16(2),
  /** The upper half of a float32. */
  BFLOAT16(2),
  /** IEEE 754 single precision. */
  FLOAT32(4),
  /** IEEE 754 double precision, rounded; what is too large becomes infinite. */
  FLOAT64(8);

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of a number in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * Reads numbers from index 0 of a buffer, in its byte order.
   *
   * @param into receives the numbers from index {@code at} on
   */
  public void read(ByteBuffer from, float[] into, int at, int count) {
    switch (this) {
      case FLOAT32 -> from.asFloatBuffer().get(0, into, at, count);
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Float.float16ToFloat(from.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Float.intBitsToFloat(from.getShort(2 * i) << 16);
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = (float) from.getDouble(8 * i);
        }
      }
    }
  }
}
