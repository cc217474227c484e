package io.attune.examples.shop;

import java.time.LocalDate;

/**
 * How large a simulated shop is and how its visitors behave.
 *
 * <p>{@link #DEFAULT} makes about 200,000 clicks on 3,000 products, enough for a session model to
 * learn from in about a minute. Shares are chances per click, fractions and not percent.
 *
 * @param products how many products the shop sells in the end, {@value #MIN_PRODUCTS} to
 *     {@value #MAX_PRODUCTS}
 * @param sessions how many visits there are
 * @param firstDay the day the log begins, in UTC
 * @param days how many days the log spans
 * @param meanClicks the mean number of clicks of a visit
 * @param maxClicks the longest visit
 * @param strayShare how often a visitor clicks something that has nothing to do with what is wanted
 * @param returnShare how often a visitor goes back to a product seen earlier in the visit, once
 *     there is one
 * @param switchShare how often a visitor starts to want something else
 * @param arrivalShare which part of the products joins the shop after the first day
 */
public record ShopConfig(
    int products,
    int sessions,
    LocalDate firstDay,
    int days,
    double meanClicks,
    int maxClicks,
    double strayShare,
    double returnShare,
    double switchShare,
    double arrivalShare) {

  /** Fewer products would leave product lines without alternatives. */
  public static final int MIN_PRODUCTS = 400;

  /** More products would need more words than the catalogue has. */
  public static final int MAX_PRODUCTS = 15_000;

  /** The shop of the quickstart. */
  public static final ShopConfig DEFAULT =
      new ShopConfig(3_000, 40_000, LocalDate.of(2025, 3, 3), 60, 5.0, 20, 0.10, 0.26, 0.03, 0.12);

  /** Checks every value against its rule. */
  public ShopConfig {
    requireWithin("products", products, MIN_PRODUCTS, MAX_PRODUCTS);
    requireWithin("sessions", sessions, 1, 1_000_000);
    requireWithin("days", days, 1, 400);
    requireWithin("maxClicks", maxClicks, 3, 1_000);
    requireWithin("meanClicks", meanClicks, 2.1, maxClicks / 2.0);
    requireWithin("strayShare", strayShare, 0, 1);
    requireWithin("returnShare", returnShare, 0, 1);
    requireWithin("switchShare", switchShare, 0, 1);
    requireWithin(
        "strayShare + returnShare + switchShare", strayShare + returnShare + switchShare, 0, 0.95);
    requireWithin("arrivalShare", arrivalShare, 0, 0.9);
  }

  /** The same shop with another number of products. */
  public ShopConfig withProducts(int count) {
    return new ShopConfig(
        count,
        sessions,
        firstDay,
        days,
        meanClicks,
        maxClicks,
        strayShare,
        returnShare,
        switchShare,
        arrivalShare);
  }

  /** The same shop with another number of visits. */
  public ShopConfig withSessions(int count) {
    return new ShopConfig(
        products,
        count,
        firstDay,
        days,
        meanClicks,
        maxClicks,
        strayShare,
        returnShare,
        switchShare,
        arrivalShare);
  }

  /** The same shop over another span of days. */
  public ShopConfig withDays(LocalDate first, int count) {
    return new ShopConfig(
        products,
        sessions,
        first,
        count,
        meanClicks,
        maxClicks,
        strayShare,
        returnShare,
        switchShare,
        arrivalShare);
  }

  private static void requireWithin(String name, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "%s must be within %s and %s, is %s".formatted(name, text(low), text(high), text(value)));
    }
  }

  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e9
        ? Long.toString((long) number)
        : Double.toString(number);
  }
}
