package io.attune.session;

import java.util.Locale;

/** Counts in words, for reports and messages. */
public final class Counts {
  private Counts() {}

  /**
   * A count and its noun: {@code 1 click}, {@code 1,235,380 clicks}.
   *
   * @param noun a singular noun whose plural ends in -s
   */
  public static String of(long count, String noun) {
    return of(count, noun, noun + "s");
  }

  /**
   * A count with one form for 1 and another for all else: {@code 1 click has}, {@code 2 clicks
   * have}.
   */
  public static String of(long count, String one, String other) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : other);
  }
}
