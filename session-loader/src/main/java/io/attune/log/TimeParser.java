package io.attune.log;

import io.attune.session.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses times from UTF-8 bytes: numbers, ISO 8601, or a given pattern.
 *
 * <p>Unless the unit is given, a number below 10<sup>11</sup> is in seconds (until the year 5138),
 * below 10<sup>14</sup> in milliseconds (from 1973), below 10<sup>17</sup> in microseconds, and
 * otherwise in nanoseconds. It may have a fraction or an exponent. ISO 8601 is a date such as
 * {@code 2014-04-07}, optionally followed by {@code T} or a space and a time ({@code 10:51},
 * {@code 10:51:09} or {@code 10:51:09.277}) and a zone ({@code Z}, {@code +02}, {@code +0200} or
 * {@code +02:00}), which is UTC by default. Years have four digits.
 *
 * <p>An integer whose digits form a calendar date, such as {@code 20140407} or
 * {@code 20140407105109}, is not a time unless the unit is given: in seconds or milliseconds it
 * would be in 1970 or after 2600. With a pattern, only times in that pattern are parsed.
 */
public final class TimeParser {
  /** The result for a value that is not a time. */
  static final long NONE = Sessions.NO_TIME;

  private static final String STANDARD = "a time as a number or in ISO 8601";
  private static final long MILLIS_PER_DAY = 86_400_000L;

  /** Dates with slashes, dots or hyphens that may begin with the day or with the month. */
  private static final Pattern DAY_OR_MONTH = Pattern.compile(
      "\\d{1,2}([/.-])\\d{1,2}[/.-](\\d{4}|\\d{2})(\\s+(\\d{1,2}:\\d{2})?(:\\d{2})?(\\s*[AaPp][Mm])?)?");

  private final @Nullable TimeUnit unit;
  private final @Nullable TimePattern pattern;

  TimeParser(@Nullable TimeUnit unit) {
    this(unit, null);
  }

  private TimeParser(@Nullable TimeUnit unit, @Nullable TimePattern pattern) {
    this.unit = unit;
    this.pattern = pattern;
  }

  /** A parser for the format or unit that the options name. */
  static TimeParser of(LogOptions options) {
    String format = options.timeFormat();
    return new TimeParser(options.timeUnit(), format == null ? null : TimePattern.of(format));
  }

  /**
   * Reads one time: a number, whose unit follows from its magnitude, or ISO 8601.
   *
   * @return milliseconds since 1970-01-01T00:00Z
   * @throws IllegalArgumentException if the text is anything else; the message says what is
   *     expected
   */
  public static long milliseconds(String text) {
    byte[] bytes = text.strip().getBytes(StandardCharsets.UTF_8);
    TimeParser parser = new TimeParser(null);
    long time = bytes.length == 0 ? NONE : parser.parse(bytes, 0, bytes.length);
    if (time == NONE) {
      throw new IllegalArgumentException("expected " + STANDARD + ", not '" + text + "'");
    }
    return time;
  }

  /** What was expected instead of a value that is not a time, and which option would help. */
  String expected(String value) {
    if (pattern != null) {
      return "a time in the format of --time-format";
    }
    Matcher matcher = DAY_OR_MONTH.matcher(value);
    if (matcher.matches()) {
      String bar = matcher.group(1);
      String year = matcher.group(2).length() == 4 ? "yyyy" : "yy";
      String rest = matcher.group(4) == null
          ? ""
          : (matcher.group(6) == null ? " H:mm" : " h:mm")
              + (matcher.group(5) == null ? "" : ":ss")
              + (matcher.group(6) == null ? "" : " a");
      return STANDARD + " (for dates that begin with the month or the day use --time-format 'M"
          + bar + "d" + bar + year + rest + "' or 'd" + bar + "M" + bar + year + rest + "')";
    }
    if (value.matches("[0-9]{8,14}") && isDate(Long.parseLong(value))) {
      return STANDARD + " (if the digits are a date, use --time-format '"
          + "yyyyMMddHHmmss".substring(0, value.length()) + "', otherwise --time-unit)";
    }
    return STANDARD + " (for other formats use --time-format)";
  }

  /** Milliseconds since 1970-01-01T00:00Z, or {@link #NONE}. */
  long parse(byte[] bytes, int from, int to) {
    if (pattern != null) {
      return pattern.parse(bytes, from, to);
    }
    int length = to - from;
    if (length >= 10 && bytes[from + 4] == '-' && bytes[from + 7] == '-') {
      return iso(bytes, from, to);
    }
    if (length >= 10 && bytes[from + 4] == '/' && bytes[from + 7] == '/') {
      return iso(bytes, from, to);
    }
    return number(bytes, from, to);
  }

  /** Whether the digits are a date from 1990 to 2099, possibly with a time of day. */
  private static boolean isDate(long value) {
    long day = value;
    if (value >= 1990_0101_0000_00L && value < 2100_0101_0000_00L) {
      if (value % 100 > 59 || value / 100 % 100 > 59 || value / 10_000 % 100 > 23) {
        return false;
      }
      day = value / 1_000_000;
    } else if (value >= 1990_0101_0000L && value < 2100_0101_0000L) {
      if (value % 100 > 59 || value / 100 % 100 > 23) {
        return false;
      }
      day = value / 10_000;
    } else if (value < 1990_0101 || value >= 2100_0101) {
      return false;
    }
    int month = (int) (day / 100 % 100);
    return month >= 1
        && month <= 12
        && day % 100 >= 1
        && day % 100 <= daysOf((int) (day / 10_000), month);
  }

  /** Converts an integer in the given unit, or in that derived from its magnitude. */
  long ofNumber(long value) {
    if (unit == null && isDate(value)) {
      return NONE;
    }
    TimeUnit of = unit != null ? unit : unitOf(Math.abs((double) value));
    return switch (of) {
      case NANOSECONDS -> Math.floorDiv(value, 1_000_000L);
      case MICROSECONDS -> Math.floorDiv(value, 1_000L);
      default -> {
        long millis = of.toMillis(value);
        yield millis == Long.MIN_VALUE || millis == Long.MAX_VALUE ? NONE : millis;
      }
    };
  }

  /** Converts a floating-point number. */
  long ofNumber(double value) {
    TimeUnit of = unit != null ? unit : unitOf(Math.abs(value));
    double millis = value * of.toNanos(1) / 1e6;
    return Double.isNaN(millis) || Math.abs(millis) >= 9e18 ? NONE : Math.round(millis);
  }

  private static TimeUnit unitOf(double size) {
    return size < 1e11
        ? TimeUnit.SECONDS
        : size < 1e14
            ? TimeUnit.MILLISECONDS
            : size < 1e17 ? TimeUnit.MICROSECONDS : TimeUnit.NANOSECONDS;
  }

  private long number(byte[] bytes, int from, int to) {
    int at = from;
    boolean negative = at < to && bytes[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long whole = 0;
    while (at < to && digit(bytes[at]) && at - first < 18) {
      whole = whole * 10 + bytes[at++] - '0';
    }
    if (at == first) {
      return NONE;
    }
    if (at == to) {
      return ofNumber(negative ? -whole : whole);
    }
    return bytes[at] == '.'
        ? fraction(bytes, from, at + 1, to, whole, negative)
        : floatingPoint(bytes, from, to);
  }

  private long fraction(byte[] bytes, int start, int from, int to, long whole, boolean negative) {
    TimeUnit of = unit != null ? unit : unitOf((double) whole);
    long part = 0;
    long scale = 1;
    for (int at = from; at < to; at++) {
      if (!digit(bytes[at])) {
        return floatingPoint(bytes, start, to);
      }
      if (scale < 1_000_000_000L) {
        part = part * 10 + bytes[at] - '0';
        scale *= 10;
      }
    }
    if (of != TimeUnit.SECONDS) {
      return ofNumber(negative ? -whole : whole);
    }
    if (whole > Long.MAX_VALUE / 1000 - 1) {
      return NONE;
    }
    long millis = whole * 1000 + (part * 1000 + scale / 2) / scale;
    return negative ? -millis : millis;
  }

  /** Parses a number with an exponent, or with more digits than a long. */
  private long floatingPoint(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      byte b = bytes[at];
      if (!digit(b) && b != '.' && b != '-' && b != '+' && b != 'e' && b != 'E') {
        return NONE;
      }
    }
    if (to - from > 64) {
      return NONE;
    }
    try {
      return ofNumber(Double.parseDouble(ascii(bytes, from, to)));
    } catch (NumberFormatException e) {
      return NONE;
    }
  }

  private static String ascii(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static long iso(byte[] bytes, int from, int to) {
    int year = digits(bytes, from, 4, to);
    int month = digits(bytes, from + 5, 2, to);
    int day = digits(bytes, from + 8, 2, to);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) {
      return NONE;
    }
    long date = days(year, month, day) * MILLIS_PER_DAY;
    int at = from + 10;
    if (at == to) {
      return date;
    }
    if (bytes[at] != 'T' && bytes[at] != 't' && bytes[at] != ' ') {
      return NONE;
    }
    int hour = digits(bytes, at + 1, 2, to);
    int minute = digits(bytes, at + 4, 2, to);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || bytes[at + 3] != ':') {
      return NONE;
    }
    long time = date + hour * 3_600_000L + minute * 60_000L;
    at += 6;
    if (at < to && bytes[at] == ':') {
      int second = digits(bytes, at + 1, 2, to);
      if (second < 0 || second > 60) {
        return NONE;
      }
      time += second * 1000L;
      at += 3;
    }
    if (at < to && (bytes[at] == '.' || bytes[at] == ',')) {
      int unit = 100;
      int first = ++at;
      for (; at < to && digit(bytes[at]); at++, unit /= 10) {
        time += (long) (bytes[at] - '0') * unit;
      }
      if (at == first) {
        return NONE;
      }
    }
    return zone(bytes, at, to, time);
  }

  private static long zone(byte[] bytes, int from, int to, long time) {
    int at = from;
    if (at < to && bytes[at] == ' ') {
      at++;
    }
    if (at == to) {
      return from == to ? time : NONE;
    }
    if (bytes[at] == 'Z' || bytes[at] == 'z') {
      return at + 1 == to ? time : NONE;
    }
    if (to - at == 3 && bytes[at] == 'U' && bytes[at + 1] == 'T' && bytes[at + 2] == 'C') {
      return time;
    }
    if (bytes[at] != '+' && bytes[at] != '-') {
      return NONE;
    }
    int hours = digits(bytes, at + 1, 2, to);
    int next = at + 3;
    if (next < to && bytes[next] == ':') {
      next++;
    }
    int minutes = next == to && next == at + 3 ? 0 : digits(bytes, next, 2, to);
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59 || (next != to && next + 2 != to)) {
      return NONE;
    }
    long offset = hours * 3_600_000L + minutes * 60_000L;
    return bytes[at] == '+' ? time - offset : time + offset;
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** Parses a fixed number of digits; returns -1 if there are others. */
  private static int digits(byte[] bytes, int from, int count, int to) {
    if (from + count > to) {
      return -1;
    }
    int value = 0;
    for (int at = from; at < from + count; at++) {
      if (!digit(bytes[at])) {
        return -1;
      }
      value = value * 10 + bytes[at] - '0';
    }
    return value;
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  /** Days since 1970-01-01, with years that start in March so that a leap day comes last. */
  private static long days(int year, int month, int day) {
    int shifted = month > 2 ? year : year - 1;
    int era = Math.floorDiv(shifted, 400);
    int ofEra = shifted - era * 400;
    int ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146_097L + ofEra * 365L + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
  }
}
