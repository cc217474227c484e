package io.attune.log;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value of a log as UTF-8 bytes without surrounding blanks; one object is filled again and again.
 */
final class Field {
  /** The longest id in bytes, as in the vocabulary. */
  static final int MAX_BYTES = 32_766;

  private static final int REPLACEMENT = 0xFFFD;
  private static final byte DELETE = 0x7f;
  private static final long MAX_EXACT_DOUBLE = 1L << 53;
  private static final long MAX_EXACT_FLOAT = 1L << 24;

  byte[] bytes = new byte[64];
  int length;

  /**
   * Whether the value was too long to be kept; {@code length} is then its length as far as it is
   * known.
   */
  private boolean tooLong;

  /** Whether all bytes are ASCII that can be printed, and so need no further look. */
  private boolean ascii = true;

  /** Why a number cannot be an id, though it can be written; null when it can. */
  private @Nullable String unfit;

  void clear() {
    length = 0;
    tooLong = false;
    ascii = true;
    unfit = null;
  }

  /** Stands for a value of so many bytes that is not kept. */
  void setTooLong(int size) {
    clear();
    length = size;
    tooLong = true;
  }

  void set(byte[] source, int from, int to) {
    clear();
    int start = from;
    int end = to;
    while (start < end && blank(source[start])) {
      start++;
    }
    while (end > start && blank(source[end - 1])) {
      end--;
    }
    length = end - start;
    if (length > MAX_BYTES) {
      tooLong = true;
      return;
    }
    reserve(length);
    for (int i = 0; i < length; i++) {
      byte b = source[start + i];
      bytes[i] = b;
      ascii &= b >= ' ' && b != DELETE;
    }
  }

  /** Takes characters each of which stands for one byte. */
  void setBytes(char[] source, int from, int count) {
    int start = from;
    int end = from + count;
    while (start < end && source[start] <= ' ' && source[start] > 0) {
      start++;
    }
    while (end > start && source[end - 1] <= ' ' && source[end - 1] > 0) {
      end--;
    }
    int size = end - start;
    length = size;
    tooLong = size > MAX_BYTES;
    if (tooLong) {
      return;
    }
    reserve(size);
    byte[] target = bytes;
    boolean plain = true;
    for (int i = 0; i < size; i++) {
      byte b = (byte) source[start + i];
      target[i] = b;
      plain &= b >= ' ' && b != DELETE;
    }
    ascii = plain;
  }

  void set(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    set(encoded, 0, encoded.length);
  }

  /** Takes a whole number. */
  void set(long value) {
    clear();
    if (value == Long.MIN_VALUE) {
      set(Long.toString(value));
      return;
    }
    reserve(20);
    long rest = Math.abs(value);
    int count = 0;
    do {
      bytes[count++] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    if (value < 0) {
      bytes[count++] = '-';
    }
    for (int i = 0; i < count / 2; i++) {
      byte b = bytes[i];
      bytes[i] = bytes[count - 1 - i];
      bytes[count - 1 - i] = b;
    }
    length = count;
  }

  /** Takes a decimal number with all its digits. */
  void set(BigDecimal value) {
    set(value.toPlainString());
  }

  /** Takes a number; ids that passed through a table with gaps have a fraction of zero. */
  void set(double value) {
    floating(value, Double.toString(value), MAX_EXACT_DOUBLE);
  }

  /** Takes a number of single precision. */
  void set(float value) {
    floating(value, Float.toString(value), MAX_EXACT_FLOAT);
  }

  private void floating(double value, String text, long exact) {
    if (value == Math.rint(value) && Math.abs(value) <= exact) {
      set((long) value);
    } else if (Double.isNaN(value)) {
      // What tables with gaps have where nothing is.
      clear();
    } else {
      set(Double.isInfinite(value) ? text : new BigDecimal(text).toPlainString());
      if (value == Math.rint(value)) {
        unfit = "an id, but a floating-point number above " + exact
            + " may have lost its last digits: write ids as whole numbers or as text";
      }
    }
  }

  /** Why this cannot be an id, or null when it can. */
  @Nullable
  String idProblem() {
    if (tooLong) {
      return "an id of at most " + MAX_BYTES + " bytes, but it has " + length;
    }
    if (length == 0) {
      return "an id, but it is empty";
    }
    if (unfit != null) {
      return unfit;
    }
    if (ascii) {
      return null;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0) {
        return "an id without NUL bytes";
      }
      if ((bytes[i] > 0 && bytes[i] < ' ') || bytes[i] == DELETE) {
        return "an id without control characters, found " + shown();
      }
    }
    if (LogFile.byteOrderMark(bytes) > 0 && length >= 3) {
      return "an id, but a byte order mark stands before it: were files joined?";
    }
    try {
      String text = StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
      return text.indexOf(REPLACEMENT) >= 0 ? "an id in UTF-8" : null;
    } catch (CharacterCodingException e) {
      return "an id in UTF-8";
    }
  }

  /** Whether the bytes are here, rather than only how many there were. */
  boolean isKept() {
    return !tooLong;
  }

  boolean isEmpty() {
    return length == 0;
  }

  /** Milliseconds, or {@link Times#NONE}. */
  long time(Times times) {
    return tooLong ? Times.NONE : times.parse(bytes, 0, length);
  }

  /** The value for a message: shortened, without control characters. */
  String shown() {
    if (tooLong) {
      return "a value of " + length + " bytes";
    }
    String text = new String(bytes, 0, Math.min(length, 60), StandardCharsets.UTF_8)
        .replaceAll("\\p{Cntrl}", "?");
    return "'" + text + (length > 60 ? "…'" : "'");
  }

  @Override
  public String toString() {
    return tooLong ? shown() : new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private void reserve(int count) {
    if (bytes.length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(count, bytes.length * 2));
    }
  }

  private static boolean blank(byte b) {
    return b <= ' ' && b > 0;
  }
}
