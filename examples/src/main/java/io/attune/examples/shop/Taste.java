package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;

/**
 * The preferences of a visitor. A single click says little about them, since visitors also look at
 * other brands, styles and prices; several clicks together say much.
 *
 * @param brand the preferred brand
 * @param style the preferred style
 * @param priceRank the preferred price, from 0 for the cheapest product of a line to 1 for the most
 *     expensive
 */
record Taste(String brand, String style, double priceRank) {

  private static final double BRAND = 12;
  private static final double STYLE = 9;
  private static final double PRICE = 3;

  /** The distance from the preferred price at which its effect is halved. */
  private static final double PRICE_REACH = 0.2;

  /**
   * The factor by which the taste increases the demand for a product.
   *
   * @param sharpness 0 for a visitor who is looking around, 1 for one who has decided
   */
  double of(Stocked stocked, double sharpness) {
    double distance = (stocked.priceRank() - priceRank) / PRICE_REACH;
    double price = 1 / (1 + distance * distance);
    return (stocked.product().brand().equals(brand) ? 1 + BRAND * sharpness : 1)
        * (stocked.style().equals(style) ? 1 + STYLE * sharpness : 1)
        * (1 + PRICE * sharpness * price);
  }
}
