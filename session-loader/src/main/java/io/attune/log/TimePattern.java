package io.attune.log;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Arrays;
import java.util.Locale;

/**
 * Parses times by a pattern of {@link DateTimeFormatter}.
 *
 * <p>Names of months and days are English; case is ignored. A time without a zone is in UTC, and
 * one without an hour is midnight. A day that does not exist, such as 30 February, is not a time.
 */
final class TimePattern {
  private static final ZonedDateTime PROBE =
      ZonedDateTime.of(2021, 11, 23, 13, 47, 58, 0, ZoneOffset.UTC);

  private final DateTimeFormatter formatter;
  private byte[] last = new byte[0];
  private long lastMillis = TimeParser.NONE;

  private TimePattern(DateTimeFormatter formatter) {
    this.formatter = formatter;
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if it is invalid, or lacks the year, the month or the day
   */
  static TimePattern of(String pattern) {
    TimePattern made;
    try {
      made = new TimePattern(new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern(pattern)
          .parseDefaulting(ChronoField.ERA, 1)
          .toFormatter(Locale.ENGLISH)
          .withChronology(IsoChronology.INSTANCE)
          .withResolverStyle(ResolverStyle.STRICT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a time format must be a pattern such as M/d/yyyy H:mm or dd.MM.yyyy HH:mm:ss, but is '"
              + pattern + "': " + e.getMessage(),
          e);
    }
    if (!made.hasDate()) {
      throw new IllegalArgumentException(
          "a time format must have a year, a month and a day, such as"
              + " M/d/yyyy H:mm (M is the month, m the minute), but is '" + pattern + "'");
    }
    return made;
  }

  private boolean hasDate() {
    try {
      byte[] written = formatter.format(PROBE).getBytes(StandardCharsets.UTF_8);
      long millis = parse(written, 0, written.length);
      long day = PROBE.toLocalDate().toEpochDay();
      return millis != TimeParser.NONE && Math.floorDiv(millis, 86_400_000L) == day;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** Milliseconds since 1970-01-01T00:00Z, or {@link TimeParser#NONE}. */
  long parse(byte[] bytes, int from, int to) {
    if (!Arrays.equals(last, 0, last.length, bytes, from, to)) {
      last = Arrays.copyOfRange(bytes, from, to);
      lastMillis = millis(new String(last, StandardCharsets.UTF_8));
    }
    return lastMillis;
  }

  private long millis(String text) {
    try {
      TemporalAccessor parsed = formatter.parse(text);
      if (parsed.isSupported(ChronoField.INSTANT_SECONDS)) {
        return Instant.from(parsed).toEpochMilli();
      }
      LocalDate day = parsed.query(TemporalQueries.localDate());
      if (day == null) {
        return TimeParser.NONE;
      }
      ZoneId zone = parsed.query(TemporalQueries.zone());
      return day.atTime(
              part(parsed, ChronoField.HOUR_OF_DAY),
              part(parsed, ChronoField.MINUTE_OF_HOUR),
              part(parsed, ChronoField.SECOND_OF_MINUTE),
              part(parsed, ChronoField.NANO_OF_SECOND))
          .atZone(zone == null ? ZoneOffset.UTC : zone)
          .toInstant()
          .toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return TimeParser.NONE;
    }
  }

  private static int part(TemporalAccessor parsed, ChronoField field) {
    return parsed.isSupported(field) ? parsed.get(field) : 0;
  }
}
