package io.attune.evaluation;

import io.attune.session.Filters;
import java.util.Locale;

/** How figures are written for people. */
public final class Figures {
  private static final String NONE = "–";

  private Figures() {}

  /** Such as {@code 1,235,380}. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Such as {@code 1,235,380 clicks}, or {@code 1 click}. */
  public static String count(long number, String noun) {
    return count(number, noun, noun + "s");
  }

  /** As {@link #count(long, String)}, of a noun with a plural of its own. */
  public static String count(long number, String noun, String plural) {
    return count(number) + " " + (number == 1 ? noun : plural);
  }

  /**
   * A fraction as percent with two decimals, without the sign: {@code 53.02}; a dash for what is
   * not a number, such as a mean of nothing.
   */
  public static String percent(double fraction) {
    return Double.isNaN(fraction) ? NONE : String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /** A number with so many decimals; a dash for what is not a number. */
  public static String decimal(double number, int decimals) {
    return Double.isNaN(number) ? NONE : String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }

  /** Short durations with a decimal, such as {@code 4.2 s}; from a minute on as a clock. */
  public static String seconds(double seconds) {
    return seconds < 59.95 ? decimal(seconds, 1) + " s" : clock(seconds) + " min";
  }

  /** Such as {@code 1:02} or {@code 2:05:09}. */
  public static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /**
   * A step of the filters, such as {@code items clicked less than 5 times (2 sessions, 7 clicks, 3
   * items)}.
   */
  public static String dropped(Filters.Step step) {
    return "%s (%s, %s, %s)"
        .formatted(
            step.rule(),
            count(step.sessionsDropped(), "session"),
            count(step.clicksDropped(), "click"),
            count(step.itemsDropped(), "item"));
  }
}
