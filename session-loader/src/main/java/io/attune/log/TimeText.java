package io.attune.log;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How options about time are written: {@code 30m} for a duration, {@code ms} for a unit. */
public final class TimeText {
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

  private TimeText() {}

  /**
   * A whole number of seconds, minutes, hours or days.
   *
   * @throws IllegalArgumentException if it is none; the message says how it is written
   */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a duration must be a whole number of seconds, minutes, hours or days such as 45s, 30m,"
              + " 12h or 1d, but is '" + text + "'");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /**
   * A unit by its sign.
   *
   * @throws IllegalArgumentException if it is none; the message lists all
   */
  public static TimeUnit unit(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "s" -> TimeUnit.SECONDS;
      case "ms" -> TimeUnit.MILLISECONDS;
      case "us" -> TimeUnit.MICROSECONDS;
      case "ns" -> TimeUnit.NANOSECONDS;
      default ->
        throw new IllegalArgumentException(
            "a unit of time must be s, ms, us or ns, but is '" + text + "'");
    };
  }
}
