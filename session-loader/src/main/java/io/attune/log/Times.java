package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads times from UTF-8 bytes: numbers and ISO-8601.
 *
 * <p>A number's unit follows from its size, unless it is given: below 10<sup>11</sup> seconds
 * (until the year 5138), below 10<sup>14</sup> milliseconds (from 1973 on), below 10<sup>17</sup>
 * microseconds, else nanoseconds. It may have a fraction, or an exponent. ISO-8601 is
 * {@code 2014-04-07}, with a {@code T} or a space {@code 10:51}, {@code 10:51:09} or
 * {@code 10:51:09.277}, and {@code Z}, {@code +02}, {@code +0200} or {@code +02:00}; without a zone
 * it is UTC. Years have four digits. A whole number whose digits are a day of the calendar, such as
 * {@code 20140407} or {@code 20140407105109}, is no time unless its unit is given: as seconds or
 * milliseconds it would lie in 1970 or after 2600. With a pattern, nothing but the pattern is read.
 */
final class Times {
  /** Stands for "not a time"; no time that a log can have. */
  static final long NONE = Long.MIN_VALUE;

  private static final long MILLIS_A_DAY = 86_400_000L;

  /** Days with bars, dots or hyphens whose day and month may stand either way. */
  private static final Pattern DAY_OR_MONTH = Pattern.compile(
      "\\d{1,2}([/.-])\\d{1,2}[/.-](\\d{4}|\\d{2})(\\s+(\\d{1,2}:\\d{2})?(:\\d{2})?(\\s*[AaPp][Mm])?)?");

  private final @Nullable TimeUnit unit;
  private final @Nullable TimePattern pattern;

  Times(@Nullable TimeUnit unit) {
    this(unit, null);
  }

  private Times(@Nullable TimeUnit unit, @Nullable TimePattern pattern) {
    this.unit = unit;
    this.pattern = pattern;
  }

  /** As the options say. */
  static Times of(LogOptions options) {
    String format = options.timeFormat();
    return new Times(options.timeUnit(), format == null ? null : TimePattern.of(format));
  }

  /** What a value should be that is not a time, and what mends it. */
  String expected(String value) {
    if (pattern != null) {
      return "a time as --time-format says";
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
      return "a time as a number or in ISO-8601 (here the day or the month may stand first: say"
          + " --time-format 'M" + bar + "d" + bar + year + rest + "' or 'd" + bar + "M" + bar + year
          + rest + "')";
    }
    if (value.matches("[0-9]{8,14}") && calendar(Long.parseLong(value))) {
      return "a time as a number or in ISO-8601 (the digits look like a day of the calendar: say"
          + " --time-format '" + "yyyyMMddHHmmss".substring(0, value.length())
          + "', or --time-unit if it is a number)";
    }
    return "a time as a number or in ISO-8601 (for another way of writing say --time-format)";
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

  /** Whether its digits are a day from 1990 to 2099, perhaps with a time of the day. */
  private static boolean calendar(long value) {
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

  /** Milliseconds for a whole number in the unit that was given or follows from its size. */
  long ofNumber(long value) {
    if (unit == null && calendar(value)) {
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

  /** Milliseconds for a number with a fraction. */
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
        : slowly(bytes, from, to);
  }

  private long fraction(byte[] bytes, int start, int from, int to, long whole, boolean negative) {
    TimeUnit of = unit != null ? unit : unitOf((double) whole);
    long part = 0;
    long scale = 1;
    for (int at = from; at < to; at++) {
      if (!digit(bytes[at])) {
        return slowly(bytes, start, to);
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

  /** For an exponent and for more digits than a long has. */
  private long slowly(byte[] bytes, int from, int to) {
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
    long date = days(year, month, day) * MILLIS_A_DAY;
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

  /** The number of that many digits, or -1. */
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

  /** Days since 1970-01-01, counting years from March so that a leap day comes last. */
  private static long days(int year, int month, int day) {
    int shifted = month > 2 ? year : year - 1;
    int era = Math.floorDiv(shifted, 400);
    int ofEra = shifted - era * 400;
    int ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146_097L + ofEra * 365L + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
  }
}
