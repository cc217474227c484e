package io.attune.log;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A value of a log as UTF-8 bytes without surrounding white space; one object is reused for all
 * rows.
 */
final class Field {
  /** The maximum length of an id in bytes, as in the vocabulary. */
  static final int MAX_BYTES = 32_766;

  private static final String NOT_UTF_8 = "is not valid UTF-8";
  private static final int REPLACEMENT = 0xFFFD;
  private static final byte DELETE = 0x7f;
  private static final long MAX_EXACT_DOUBLE = 1L << 53;
  private static final long MAX_EXACT_FLOAT = 1L << 24;

  byte[] bytes = new byte[64];
  int length;

  /** Whether the value was too long to be stored; {@code length} is its length nevertheless. */
  private boolean tooLong;

  /** Whether all bytes are printable ASCII, so that they need no further checks. */
  private boolean ascii = true;

  /** Why a number cannot be used as an id; null if it can. */
  private @Nullable String inexact;

  void clear() {
    length = 0;
    tooLong = false;
    ascii = true;
    inexact = null;
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

  /** Sets the value from characters that each represent one byte. */
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

  /** Sets the value to a decimal number with all its digits. */
  void set(BigDecimal value) {
    set(value.toPlainString());
  }

  /**
   * Sets the value to a number, without a fraction if it is whole: data frames store integer ids as
   * floating-point numbers if some are missing.
   */
  void set(double value) {
    floating(value, Double.toString(value), MAX_EXACT_DOUBLE);
  }

  /** The same in single precision. */
  void set(float value) {
    floating(value, Float.toString(value), MAX_EXACT_FLOAT);
  }

  private void floating(double value, String text, long exact) {
    if (value == Math.rint(value) && Math.abs(value) <= exact) {
      set((long) value);
    } else if (Double.isNaN(value)) {
      // The missing value of data frames.
      clear();
    } else {
      set(Double.isInfinite(value) ? text : new BigDecimal(text).toPlainString());
      if (value == Math.rint(value)) {
        inexact = "is a floating-point number above " + exact
            + ", which may have lost its last digits: write ids as integers or text";
      }
    }
  }

  /**
   * Why this cannot be an id: the rest of a sentence that begins with "the item id". Null if it
   * can.
   */
  @Nullable
  String idProblem() {
    if (tooLong) {
      return "has " + length + " bytes, but at most " + MAX_BYTES + " are allowed";
    }
    if (length == 0) {
      return "is empty";
    }
    if (inexact != null) {
      return inexact;
    }
    if (ascii) {
      return null;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0) {
        return "contains a NUL byte";
      }
      if ((bytes[i] > 0 && bytes[i] < ' ') || bytes[i] == DELETE) {
        return "contains a control character: " + shown();
      }
    }
    if (LogFile.byteOrderMark(bytes) > 0 && length >= 3) {
      return "begins with a byte order mark: were files joined?";
    }
    try {
      String text = StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
      return text.indexOf(REPLACEMENT) >= 0 ? NOT_UTF_8 : null;
    } catch (CharacterCodingException e) {
      return NOT_UTF_8;
    }
  }

  /** Whether the bytes were stored, rather than only their number. */
  boolean isKept() {
    return !tooLong;
  }

  boolean isEmpty() {
    return length == 0;
  }

  /** The value as a time in milliseconds, or {@link TimeParser#NONE}. */
  long time(TimeParser times) {
    return tooLong ? TimeParser.NONE : times.parse(bytes, 0, length);
  }

  /** The value for a message, shortened and without control characters. */
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
