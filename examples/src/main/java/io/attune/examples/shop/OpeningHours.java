package io.attune.examples.shop;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Random;

/**
 * The times of visits: few at night, many in the evening, more at weekends. The shop never closes.
 */
final class OpeningHours {

  private static final int SECONDS_OF_HOUR = 3_600;
  private static final int SECONDS_OF_DAY = 24 * SECONDS_OF_HOUR;

  /** The relative number of visits in each hour of the day, from midnight. */
  private static final double[] HOURS = {
    9, 5, 3, 2, 2, 3, 8, 16, 26, 34, 40, 43, 46, 43, 41, 41, 44, 50, 58, 68, 76, 70, 44, 20
  };

  private static final double WEEKEND = 1.3;

  private OpeningHours() {}

  /** The start of each visit in seconds since the first midnight, ascending. */
  static long[] starts(ShopConfig config, Random random) {
    double[] hours = new double[config.days() * HOURS.length];
    double sum = 0;
    for (int hour = 0; hour < hours.length; hour++) {
      sum += HOURS[hour % HOURS.length] * busyness(config.firstDay().plusDays(hour / HOURS.length));
      hours[hour] = sum;
    }
    long[] starts = new long[config.sessions()];
    for (int i = 0; i < starts.length; i++) {
      int found = Arrays.binarySearch(hours, random.nextDouble() * sum);
      int hour = Math.min(hours.length - 1, found < 0 ? -found - 1 : found);
      starts[i] = (long) hour * SECONDS_OF_HOUR + random.nextInt(SECONDS_OF_HOUR);
    }
    Arrays.sort(starts);
    return starts;
  }

  /** The day of a time in seconds; 0 for the first. */
  static int day(long second) {
    return (int) (second / SECONDS_OF_DAY);
  }

  private static double busyness(LocalDate day) {
    DayOfWeek weekday = day.getDayOfWeek();
    return weekday == DayOfWeek.SATURDAY || weekday == DayOfWeek.SUNDAY ? WEEKEND : 1;
  }
}
