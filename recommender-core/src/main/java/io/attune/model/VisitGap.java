package io.attune.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.attune.session.Visits;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pause after which a user's next click begins a new visit, see {@link Visits}. Written as a
 * whole number of minutes, hours or days, such as {@code 30m}.
 *
 * @param duration whole minutes, at least one
 */
public record VisitGap(Duration duration) {
  /** The usual one: 30 minutes. */
  public static final VisitGap USUAL = new VisitGap(Visits.GAP);

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})([mhd])");

  public VisitGap {
    if (!duration.isPositive() || !duration.equals(Duration.ofMinutes(duration.toMinutes()))) {
      throw new IllegalArgumentException(
          "visitGap must be whole minutes, at least one, not " + duration);
    }
  }

  /**
   * Reads a gap such as {@code 30m}, {@code 2h} or {@code 1d}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  @JsonCreator
  public static VisitGap of(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "visitGap must be a whole number of minutes, hours or days such as 30m, 2h or 1d, not '"
              + text + "'");
    }
    long count = Long.parseLong(matcher.group(1));
    return new VisitGap(
        switch (matcher.group(2)) {
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        });
  }

  /** The gap in milliseconds. */
  public long millis() {
    return duration.toMillis();
  }

  @Override
  @JsonValue
  public String toString() {
    long minutes = duration.toMinutes();
    return minutes % (24 * 60) == 0
        ? minutes / (24 * 60) + "d"
        : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
  }
}
