package io.attune.log;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses durations such as {@code 30m} and time units such as {@code ms}. */
public final class TimeText {
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

  private TimeText() {}

  /**
   * Parses a whole number of seconds, minutes, hours or days.
   *
   * @throws IllegalArgumentException if the text is not a duration; the message gives examples
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
   * Parses the symbol of a time unit.
   *
   * @throws IllegalArgumentException if there is no such unit; the message lists all
   */
  static TimeUnit unit(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "s" -> TimeUnit.SECONDS;
      case "ms" -> TimeUnit.MILLISECONDS;
      case "us" -> TimeUnit.MICROSECONDS;
      case "ns" -> TimeUnit.NANOSECONDS;
      default ->
        throw new IllegalArgumentException(
            "a time unit must be s, ms, us or ns, but is '" + text + "'");
    };
  }
}
