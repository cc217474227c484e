package io.attune.examples.shop;

import io.attune.examples.shop.CatalogueFile.Category;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The products of the shop, each with its product line, style, price rank and first day. */
final class Catalogue {

  /**
   * A product and the properties that visitors respond to.
   *
   * @param row its index in {@link #stock()}
   * @param priceRank 0 for the cheapest product of its line, 1 for the most expensive
   * @param firstDay the first day on which it is sold; 0 for the first day of the log
   */
  record Stocked(
      int row, Product product, ProductLine line, String style, double priceRank, int firstDay) {}

  /** A product without an id. */
  private record Draft(
      ProductLine line,
      String title,
      String brand,
      String style,
      double priceRank,
      BigDecimal price) {}

  private final List<Category> categories;
  private final List<Stocked> stock = new ArrayList<>();
  private final Map<ProductLine, List<Stocked>> byLine = new LinkedHashMap<>();

  private Catalogue(List<Category> categories) {
    this.categories = categories;
  }

  /** Creates as many products as the configuration says, distributed over all product lines. */
  static Catalogue fill(ShopConfig config, Random random) {
    Catalogue catalogue = new Catalogue(CatalogueFile.read());
    Map<String, List<Draft>> draftsByPrefix = new LinkedHashMap<>();
    shares(catalogue.allLines(), config.products())
        .forEach((line, count) -> draftsByPrefix
            .computeIfAbsent(line.idPrefix(), prefix -> new ArrayList<>())
            .addAll(draft(line, count, random)));
    draftsByPrefix.forEach((prefix, drafts) -> catalogue.put(prefix, drafts, config, random));
    return catalogue;
  }

  List<Category> categories() {
    return categories;
  }

  List<Stocked> stock() {
    return Collections.unmodifiableList(stock);
  }

  Collection<ProductLine> lines() {
    return Collections.unmodifiableSet(byLine.keySet());
  }

  List<Stocked> in(ProductLine line) {
    return byLine.getOrDefault(line, List.of());
  }

  private Set<ProductLine> allLines() {
    Set<ProductLine> lines = new LinkedHashSet<>();
    for (Category category : categories) {
      lines.addAll(category.own());
      lines.addAll(category.shared());
    }
    return lines;
  }

  /** Distributes products by the weight of each line's role; the first lines get the remainder. */
  private static Map<ProductLine, Integer> shares(Set<ProductLine> lines, int products) {
    int weights = lines.stream().mapToInt(line -> line.role().weight).sum();
    int left = products
        - lines.stream()
            .mapToInt(line -> products * line.role().weight / weights)
            .sum();
    Map<ProductLine, Integer> shares = new LinkedHashMap<>();
    for (ProductLine line : lines) {
      shares.put(line, products * line.role().weight / weights + (left-- > 0 ? 1 : 0));
    }
    return shares;
  }

  /**
   * Draws distinct titles from all combinations of the line's words and spreads them over its price
   * range.
   */
  private static List<Draft> draft(ProductLine line, int count, Random random) {
    if (count > line.capacity()) {
      throw new IllegalStateException(String.format(
          Locale.ROOT,
          "%s needs %d products, but its words allow only %d titles",
          line.category(),
          count,
          line.capacity()));
    }
    List<Integer> combinations = new ArrayList<>();
    for (int i = 0; i < line.capacity(); i++) {
      combinations.add(i);
    }
    Collections.shuffle(combinations, random);
    double ratio = line.highestPrice() / line.lowestPrice();
    List<Draft> drafts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int rest = combinations.get(i);
      String brand = line.brands().get(rest % line.brands().size());
      rest /= line.brands().size();
      String style = line.styles().get(rest % line.styles().size());
      rest /= line.styles().size();
      String kind = line.kinds().get(rest % line.kinds().size());
      String attribute = line.attributes().get(rest / line.kinds().size());
      String title = "%s %s %s, %s".formatted(brand, attribute, kind, style);
      double priceRank = i / (double) Math.max(1, count - 1);
      BigDecimal price = tag(line.lowestPrice() * StrictMath.pow(ratio, priceRank));
      drafts.add(new Draft(line, title, brand, style, priceRank, price));
    }
    return drafts;
  }

  /**
   * Assigns ids with one prefix in random order, so that they reveal neither product line nor
   * popularity.
   */
  private void put(String prefix, List<Draft> drafts, ShopConfig config, Random random) {
    Collections.shuffle(drafts, random);
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      List<Stocked> line = byLine.computeIfAbsent(draft.line(), unused -> new ArrayList<>());
      boolean arrives =
          random.nextDouble() < config.arrivalShare() && config.days() > 1 && !line.isEmpty();
      int firstDay = arrives ? 1 + random.nextInt(config.days() - 1) : 0;
      LocalDate onSaleFrom = config.firstDay().plusDays(firstDay);
      String id = String.format(Locale.ROOT, "%s-%03d", prefix, i + 1);
      Product product = new Product(
          id, draft.title(), draft.line().category(), draft.brand(), draft.price(), onSaleFrom);
      Stocked stocked = new Stocked(
          stock.size(), product, draft.line(), draft.style(), draft.priceRank(), firstDay);
      stock.add(stocked);
      line.add(stocked);
    }
  }

  /** Rounds to a typical retail price: 7.45, 89.95, 1,249.00. */
  private static BigDecimal tag(double price) {
    if (price >= 500) {
      return new BigDecimal(Math.round(price / 10) * 10 - 1).setScale(2, RoundingMode.UNNECESSARY);
    }
    double step = price >= 30 ? 1 : 0.5;
    return BigDecimal.valueOf(Math.max(step, Math.round(price / step) * step) - 0.05)
        .setScale(2, RoundingMode.HALF_UP);
  }
}
