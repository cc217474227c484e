package io.attune.examples.shop;

import java.time.LocalDate;

/**
 * The size of a simulated shop and the behaviour of its visitors.
 *
 * <p>{@link #DEFAULT} makes about 200,000 clicks on 3,000 products, from which a session model can
 * be trained in about a minute. Shares are probabilities per click.
 *
 * @param products the number of products at the end, {@value #MIN_PRODUCTS} to
 *     {@value #MAX_PRODUCTS}
 * @param sessions the number of visits
 * @param firstDay the first day of the log, in UTC
 * @param days the number of days of the log
 * @param meanClicks the mean number of clicks per visit
 * @param maxClicks the maximum number of clicks per visit
 * @param strayShare the share of clicks that are unrelated to what the visitor wants
 * @param returnShare the share of clicks that return to a product seen earlier in the visit
 * @param switchShare the share of clicks at which the visitor starts to want something else
 * @param arrivalShare the share of products that are added after the first day
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

  /** With fewer products, some product lines would have no alternatives. */
  public static final int MIN_PRODUCTS = 400;

  /** More products would need more words than the catalogue has. */
  public static final int MAX_PRODUCTS = 15_000;

  /** The shop of the quickstart. */
  public static final ShopConfig DEFAULT =
      new ShopConfig(3_000, 40_000, LocalDate.of(2025, 3, 3), 60, 5.0, 20, 0.10, 0.26, 0.03, 0.12);

  /** Throws an IllegalArgumentException if a value is out of its range. */
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

  /** The same shop with other days. */
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
      throw new IllegalArgumentException("%s must be from %s to %s, but is %s"
          .formatted(name, text(low), text(high), text(value)));
    }
  }

  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e9
        ? Long.toString((long) number)
        : Double.toString(number);
  }
}
