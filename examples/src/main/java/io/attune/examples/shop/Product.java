package io.attune.examples.shop;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * A product of the shop, which is a row of the items file.
 *
 * @param itemId the id in clicks, such as {@code hik-042}
 * @param title unique in the shop, such as {@code Trailhead waterproof hiking boot, women's}
 * @param category the path from department to product line, such as {@code Outdoor > Hiking >
 *     Boots}
 * @param brand an invented brand
 * @param price in the shop's currency, with two decimals
 * @param onSaleFrom the first day on which it is sold and can be clicked; not in the items file
 */
public record Product(
    String itemId,
    String title,
    String category,
    String brand,
    BigDecimal price,
    LocalDate onSaleFrom) {

  /** Throws an IllegalArgumentException if a text has tabs or the price is not positive. */
  public Product {
    requireCell("itemId", itemId);
    requireCell("title", title);
    requireCell("category", category);
    requireCell("brand", brand);
    if (price.signum() <= 0) {
      throw new IllegalArgumentException(
          "the price of " + itemId + " must be positive, but is " + price);
    }
  }

  private static void requireCell(String name, String text) {
    if (text.isBlank() || text.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          name + " must be text without tabs and line breaks, but is '" + text + "'");
    }
  }
}
