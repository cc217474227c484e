package io.attune.log;

import java.io.IOException;
import java.util.Arrays;

/**
 * Decompresses a block of Snappy, as Parquet has them, without native code.
 *
 * <p>Source: "Snappy compressed format description", google/snappy, format_description.txt. The
 * libraries at hand are native or need {@code sun.misc.Unsafe}.
 */
final class Snappy {
  private final byte[] in;
  private int at;
  private byte[] out = new byte[0];
  private int written;

  private Snappy(byte[] in) {
    this.in = in;
  }

  /**
   * The decompressed bytes.
   *
   * @param size how many there must be
   */
  static byte[] decompress(byte[] block, int size) throws IOException {
    Snappy snappy = new Snappy(block);
    try {
      if (snappy.length() != size) {
        throw new IOException("a Snappy block says another size than its page");
      }
      // Three bytes make at most 64, so a greater size is a lie that must not be allocated.
      if (size > block.length * 22L + 64) {
        throw new IOException("a Snappy block is too short for the size that it says");
      }
      snappy.out = new byte[size];
      while (snappy.at < block.length) {
        snappy.element();
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("a Snappy block is damaged", e);
    }
    if (snappy.written != size) {
      throw new IOException("a Snappy block ends too early");
    }
    return snappy.out;
  }

  private int next() {
    return in[at++] & 0xff;
  }

  /** The size before everything else, seven bits a byte, the lowest first. */
  private long length() {
    long length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int b = next();
      length |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return length;
      }
    }
    return -1;
  }

  private int littleEndian(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value |= next() << (8 * i);
    }
    return value;
  }

  private void element() throws IOException {
    int tag = next();
    switch (tag & 3) {
      case 0 -> {
        int length = tag >>> 2;
        literal((length < 60 ? length : littleEndian(length - 59)) + 1);
      }
      case 1 -> copy(((tag >>> 2) & 7) + 4, ((tag >>> 5) << 8) | next());
      case 2 -> copy((tag >>> 2) + 1, littleEndian(2));
      default -> copy((tag >>> 2) + 1, littleEndian(4));
    }
  }

  private void literal(int length) throws IOException {
    if (length < 0 || length > in.length - at || length > out.length - written) {
      throw new IOException("a Snappy block is damaged");
    }
    System.arraycopy(in, at, out, written, length);
    at += length;
    written += length;
  }

  /**
   * Copies from what was written; source and target may overlap, and then the source grows as it is
   * copied.
   */
  private void copy(int length, int back) throws IOException {
    if (back <= 0 || back > written || length > out.length - written) {
      throw new IOException("a Snappy block is damaged");
    }
    if (back >= length) {
      System.arraycopy(out, written - back, out, written, length);
    } else if (back == 1) {
      Arrays.fill(out, written, written + length, out[written - 1]);
    } else {
      for (int i = 0; i < length; i++) {
        out[written + i] = out[written + i - back];
      }
    }
    written += length;
  }
}
