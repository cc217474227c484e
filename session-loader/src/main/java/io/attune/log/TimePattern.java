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
 * Reads times that are written as a pattern says.
 *
 * <p>Names of months and days are English, in any case. A time without a zone is UTC, one without
 * an hour is midnight; a day that the month does not have is no time.
 */
final class TimePattern {
  private static final ZonedDateTime PROBE =
      ZonedDateTime.of(2021, 11, 23, 13, 47, 58, 0, ZoneOffset.UTC);

  private final DateTimeFormatter formatter;
  private byte[] last = new byte[0];
  private long lastMillis = Times.NONE;

  private TimePattern(DateTimeFormatter formatter) {
    this.formatter = formatter;
  }

  /**
   * The pattern.
   *
   * @throws IllegalArgumentException if it is none, or does not tell the year, the month and the
   *     day
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
          "a time format must be a pattern such as M/d/yyyy H:mm or dd.MM.yyyy HH:mm:ss, but '"
              + pattern + "' is none: " + e.getMessage(),
          e);
    }
    if (!made.tellsTheDay()) {
      throw new IllegalArgumentException("a time format must have the year, the month and the day,"
          + " such as M/d/yyyy H:mm (M is the month, m the minute), but is '" + pattern + "'");
    }
    return made;
  }

  private boolean tellsTheDay() {
    try {
      byte[] written = formatter.format(PROBE).getBytes(StandardCharsets.UTF_8);
      long millis = parse(written, 0, written.length);
      long day = PROBE.toLocalDate().toEpochDay();
      return millis != Times.NONE && Math.floorDiv(millis, 86_400_000L) == day;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** Milliseconds since 1970-01-01T00:00Z, or {@link Times#NONE}. */
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
        return Times.NONE;
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
      return Times.NONE;
    }
  }

  private static int part(TemporalAccessor parsed, ChronoField field) {
    return parsed.isSupported(field) ? parsed.get(field) : 0;
  }
}
