package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;

/**
 * What a visitor likes. A single click says little about it, since visitors look at other brands,
 * styles and prices too; several clicks together say much.
 *
 * @param brand the brand that the visitor trusts
 * @param style the style that the visitor needs
 * @param priceRank where between the cheapest (0) and the dearest (1) product of a line the visitor
 *     looks first
 */
record Taste(String brand, String style, double priceRank) {

  private static final double BRAND = 12;
  private static final double STYLE = 9;
  private static final double PRICE = 3;

  /** How far from the liked price half of the interest in the price is gone. */
  private static final double PRICE_REACH = 0.2;

  /**
   * How much more than demand alone the taste makes of a product.
   *
   * @param sharpness 0 for a visitor who looks around, 1 for one who knows what it is going to be
   */
  double of(Stocked stocked, double sharpness) {
    double distance = (stocked.priceRank() - priceRank) / PRICE_REACH;
    double price = 1 / (1 + distance * distance);
    return (stocked.product().brand().equals(brand) ? 1 + BRAND * sharpness : 1)
        * (stocked.style().equals(style) ? 1 + STYLE * sharpness : 1)
        * (1 + PRICE * sharpness * price);
  }
}
