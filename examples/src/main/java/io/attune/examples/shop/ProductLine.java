package io.attune.examples.shop;

import java.util.List;

/**
 * A line of alternative products, such as all hiking boots, with the words that make their titles.
 *
 * @param role the line's role in a visit
 * @param category the category path of its products
 * @param idPrefix the prefix of its products' ids, the same for all lines of a category
 */
record ProductLine(
    Role role,
    String category,
    String idPrefix,
    List<String> brands,
    List<String> attributes,
    List<String> kinds,
    List<String> styles,
    double lowestPrice,
    double highestPrice) {

  /** The role of a product line in a visit. Its weight is the relative number of products. */
  enum Role {
    /** What the visitor came for. */
    MAIN(50),
    /** The first line that goes with the main line. */
    FIRST_EXTRA(36),
    /** The second line that goes with the main line. */
    SECOND_EXTRA(30),
    /** Common to several categories of a department, so that a click does not reveal which. */
    SHARED(18);

    final int weight;

    Role(int weight) {
      this.weight = weight;
    }
  }

  ProductLine {
    if (brands.isEmpty() || attributes.isEmpty() || kinds.isEmpty() || styles.isEmpty()) {
      throw new IllegalArgumentException(
          category + " must have brands, attributes, kinds and styles");
    }
    if (!(lowestPrice > 0 && lowestPrice < highestPrice)) {
      throw new IllegalArgumentException(
          "the prices of %s must be ascending and positive, but are %s-%s"
              .formatted(category, lowestPrice, highestPrice));
    }
  }

  /** The number of distinct titles that its words allow. */
  int capacity() {
    return brands.size() * attributes.size() * kinds.size() * styles.size();
  }
}
