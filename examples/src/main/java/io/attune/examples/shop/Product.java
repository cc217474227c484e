package io.attune.examples.shop;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * One product of the shop, one row of its items file.
 *
 * @param itemId the id that clicks refer to, such as {@code hik-042}
 * @param title unique in the shop, such as {@code Trailhead waterproof hiking boot, women's}
 * @param category the path from department to product line, such as {@code Outdoor > Hiking >
 *     Boots}
 * @param brand an invented brand
 * @param price in the shop's currency, two decimals
 * @param onSaleFrom the day it joined the shop; nobody clicks it earlier. Not in the items file.
 */
public record Product(
    String itemId,
    String title,
    String category,
    String brand,
    BigDecimal price,
    LocalDate onSaleFrom) {

  /** Checks that the texts fit into a tab-separated file and that the price is positive. */
  public Product {
    requireCell("itemId", itemId);
    requireCell("title", title);
    requireCell("category", category);
    requireCell("brand", brand);
    if (price.signum() <= 0) {
      throw new IllegalArgumentException("price of " + itemId + " must be positive, is " + price);
    }
  }

  private static void requireCell(String name, String text) {
    if (text.isBlank() || text.chars().anyMatch(c -> c == '\t' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          name + " must be text without tabs and line breaks, is '" + text + "'");
    }
  }
}
