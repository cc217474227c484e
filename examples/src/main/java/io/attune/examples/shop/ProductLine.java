package io.attune.examples.shop;

import java.util.List;

/**
 * Products that are alternatives of one another, such as all boots for hiking, and the words their
 * titles are made of.
 *
 * @param role what visitors come to this line for
 * @param category the path that its products carry
 * @param idPrefix begins the ids of its products; the lines of one category share it
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

  /**
   * What visitors come to a product line for. The weight says how many products it has beside
   * others.
   */
  enum Role {
    /** What the visitor came for. */
    MAIN(50),
    /** What goes with the main line, first. */
    FIRST_EXTRA(36),
    /** What goes with the main line, second. */
    SECOND_EXTRA(30),
    /**
     * What several categories of a department lead to; a click on it does not tell from which one.
     */
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
          "prices of %s must rise, are %s-%s".formatted(category, lowestPrice, highestPrice));
    }
  }

  /** How many different titles its words allow. */
  int capacity() {
    return brands.size() * attributes.size() * kinds.size() * styles.size();
  }
}
