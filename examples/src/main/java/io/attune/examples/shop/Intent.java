package io.attune.examples.shop;

import io.attune.examples.shop.CatalogueFile.Category;
import java.util.List;
import java.util.Random;

/**
 * What a visitor wants: products of one category that suit a taste, along a journey through product
 * lines.
 *
 * <p>A single click reveals none of this. The journey shows in the order of two lines: boots and
 * then socks lead to care or gaiters, but gaiters and then socks lead to boots. The price direction
 * shows in two products of one line. A line that several categories share does not reveal the
 * category.
 *
 * @param journey the product lines in the order of the visit; after the last one the visitor starts
 *     again
 * @param lean the price direction of the next product: -1 for cheaper, 1 for more expensive
 */
record Intent(Category category, Taste taste, List<ProductLine> journey, int lean) {

  /** Draws the intent of a new visitor. */
  static Intent draw(Catalogue catalogue, Demand demand, int day, Random random) {
    Category category = catalogue.categories().get(demand.drawCategory(day, random));
    return in(category, drawBrand(category, random), random.nextDouble(), random);
  }

  /**
   * Draws another intent of the same visitor, half of the time in the same department, where the
   * brand stays the same.
   */
  Intent another(Catalogue catalogue, Demand demand, int day, Random random) {
    Category next = catalogue.categories().get(demand.drawCategory(day, random));
    if (random.nextBoolean()) {
      List<Category> siblings = catalogue.categories().stream()
          .filter(sibling -> sibling.department().equals(category.department()))
          .toList();
      next = siblings.get(random.nextInt(siblings.size()));
    }
    boolean sameBrands = next.department().equals(category.department());
    return in(
        next, sameBrands ? taste.brand() : drawBrand(next, random), taste.priceRank(), random);
  }

  private static Intent in(Category category, String brand, double priceRank, Random random) {
    List<String> styles = category.main().styles();
    Taste taste = new Taste(brand, styles.get(random.nextInt(styles.size())), priceRank);
    ProductLine shared = category.shared().get(random.nextInt(category.shared().size()));
    return new Intent(
        category, taste, journey(category, shared, random), random.nextBoolean() ? 1 : -1);
  }

  private static List<ProductLine> journey(Category category, ProductLine shared, Random random) {
    double kind = random.nextDouble();
    if (kind < 0.4) {
      return List.of(category.main(), category.first(), shared);
    }
    if (kind < 0.65) {
      return List.of(category.main(), shared, category.second());
    }
    if (kind < 0.85) {
      return List.of(category.second(), category.first(), category.main());
    }
    return List.of(shared, category.first(), category.second());
  }

  /** Draws a brand; brands are listed from the most to the least popular. */
  private static String drawBrand(Category category, Random random) {
    List<String> brands = category.main().brands();
    double skewed = random.nextDouble() * random.nextDouble();
    return brands.get((int) (skewed * brands.size()));
  }
}
