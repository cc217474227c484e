package io.attune.evaluation;

import io.attune.session.Counts;
import io.attune.session.Filters;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Formats numbers, durations and lists of ids for reports and messages.
 *
 * <p>Internal: shared with the command line and the engines.
 */
public final class Figures {
  private static final String NONE = "–";
  private static final int MAX_EXAMPLES = 3;
  private static final int MAX_EXAMPLE_LENGTH = 60;

  private Figures() {}

  /** The first {@value #MAX_EXAMPLES} of many ids, long ones truncated: {@code 12, 15, 20, …}. */
  public static String examples(List<String> ids) {
    StringBuilder text = new StringBuilder();
    for (String id : ids.subList(0, Math.min(MAX_EXAMPLES, ids.size()))) {
      text.append(text.isEmpty() ? "" : ", ");
      text.append(
          id.length() > MAX_EXAMPLE_LENGTH ? id.substring(0, MAX_EXAMPLE_LENGTH) + "…" : id);
    }
    return text + (ids.size() > MAX_EXAMPLES ? ", …" : "");
  }

  /** A count: {@code 1,235,380}. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A count with a noun: {@code 1,235,380 clicks}, {@code 1 click}. */
  public static String count(long number, String noun) {
    return Counts.of(number, noun);
  }

  /** A count with a noun that has an irregular plural: {@code 2 queries}. */
  public static String count(long number, String noun, String plural) {
    return Counts.of(number, noun, plural);
  }

  /**
   * A fraction in percent with two decimals, without the percent sign: {@code 53.02}; a dash for
   * NaN.
   */
  public static String percent(double fraction) {
    return Double.isNaN(fraction) ? NONE : String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /** A number with this many decimals; a dash for NaN. */
  public static String decimal(double number, int decimals) {
    return Double.isNaN(number) ? NONE : String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }

  /** A duration: {@code 4.2 s}, or {@code 1:02 min} from a minute on. */
  public static String seconds(double seconds) {
    return seconds < 59.95 ? decimal(seconds, 1) + " s" : clock(seconds) + " min";
  }

  /** A duration that is not known well: {@code 40 s}, {@code 25 min} or {@code 2.5 h}. */
  public static String roughly(Duration time) {
    double minutes = time.toMillis() / 60e3;
    if (minutes < 1.5) {
      return decimal(Math.max(10, 10.0 * Math.round(minutes * 6)), 0) + " s";
    }
    return minutes < 99.5 ? decimal(minutes, 0) + " min" : decimal(minutes / 60, 1) + " h";
  }

  /** A duration as a clock: {@code 1:02} or {@code 2:05:09}. */
  public static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /**
   * What a filter dropped: {@code items clicked less than 5 times (2 sessions, 7 clicks, 3 items)}.
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
