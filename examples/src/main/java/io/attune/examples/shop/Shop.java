package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A simulated shop: its products and the clicks of its visitors.
 *
 * <p>Visitors want something: a product line, a brand, a style, a price, and what goes with it, in
 * some order. They compare, come back to what they saw, stray, and change their mind. So the next
 * click depends on the whole visit, which is what a session model can learn and what popularity, or
 * the last click alone, cannot tell. The same configuration and seed make the same shop, byte by
 * byte.
 *
 * <pre>{@code
 * Shop shop = Shop.simulate(ShopConfig.DEFAULT, 42);
 * shop.writeClicks(folder.resolve("clicks.csv"));
 * shop.writeItems(folder.resolve("items.tsv"));
 * }</pre>
 *
 * <p>Immutable, so any thread may read it.
 */
public final class Shop {

  private final List<Product> products;
  private final List<ShopClick> clicks;
  private final Map<String, Product> byId = new LinkedHashMap<>();

  private Shop(List<Product> products, List<ShopClick> clicks) {
    this.products = products;
    this.clicks = clicks;
    products.forEach(product -> byId.put(product.itemId(), product));
  }

  /**
   * Opens a shop and lets its visitors in.
   *
   * @param seed makes the shop: another seed, another shop
   */
  public static Shop simulate(ShopConfig config, long seed) {
    return simulate(config, seed, (visit, chances, clicked) -> {});
  }

  /**
   * Sees every click after a visit's first, with the chances that all products had just before it.
   */
  @FunctionalInterface
  interface Watcher {
    void clicked(int visit, Chances chances, Stocked clicked);
  }

  static Shop simulate(ShopConfig config, long seed, Watcher watcher) {
    // java.util.Random, because its numbers are specified and so the same on every JDK.
    Random random = new Random(seed);
    Catalogue catalogue = Catalogue.fill(config, random);
    Demand demand = new Demand(catalogue, config, random);
    long[] starts = OpeningHours.starts(config, random);
    Instant opening = config.firstDay().atStartOfDay(ZoneOffset.UTC).toInstant();
    List<ShopClick> clicks = new ArrayList<>();
    for (int v = 0; v < starts.length; v++) {
      String sessionId = String.format(Locale.ROOT, "s%06d", v + 1);
      Visit visit = new Visit(catalogue, demand, config, OpeningHours.day(starts[v]), random);
      Instant time = opening.plusSeconds(starts[v]);
      int length = length(config, random);
      for (int i = 0; i < length; i++) {
        Chances chances = visit.chances();
        Stocked clicked = visit.click(chances);
        if (i > 0) {
          time = time.plusSeconds(secondsOfLooking(random));
          watcher.clicked(v, chances, clicked);
        }
        clicks.add(new ShopClick(sessionId, clicked.product().itemId(), time));
      }
    }
    clicks.sort(Comparator.comparing(ShopClick::time));
    return new Shop(catalogue.stock().stream().map(Stocked::product).toList(), List.copyOf(clicks));
  }

  /** All products, each category's together. */
  public List<Product> products() {
    return products;
  }

  /** All clicks in the order of time, so the visits that overlap are interleaved. */
  public Stream<ShopClick> clicks() {
    return clicks.stream();
  }

  /**
   * The product of an id.
   *
   * @throws IllegalArgumentException if the shop does not sell it
   */
  public Product product(String itemId) {
    Product product = byId.get(itemId);
    if (product == null) {
      throw new IllegalArgumentException("the shop has no product '" + itemId + "'");
    }
    return product;
  }

  /**
   * The title of a product.
   *
   * @throws IllegalArgumentException if the shop does not sell it
   */
  public String title(String itemId) {
    return product(itemId).title();
  }

  /**
   * Writes the click log: CSV with the header {@code session_id,item_id,timestamp}, times in
   * ISO-8601, ordered by time. The target appears complete or not at all.
   */
  public void writeClicks(Path target) throws IOException {
    ShopFiles.write(
        target,
        "session_id,item_id,timestamp",
        clicks().map(click -> click.sessionId() + "," + click.itemId() + "," + click.time()));
  }

  /**
   * Writes the items: tab-separated with the header {@code item_id title category brand price},
   * since titles hold commas. The target appears complete or not at all.
   */
  public void writeItems(Path target) throws IOException {
    ShopFiles.write(
        target,
        "item_id\ttitle\tcategory\tbrand\tprice",
        products.stream()
            .map(product -> String.join(
                "\t",
                product.itemId(),
                product.title(),
                product.category(),
                product.brand(),
                product.price().toPlainString())));
  }

  /**
   * At least two clicks, and after each of them the same chance of a next one, so short visits are
   * the most.
   */
  private static int length(ShopConfig config, Random random) {
    double onward = 1 - 1 / (config.meanClicks() - 1);
    int length = 2;
    while (length < config.maxClicks() && random.nextDouble() < onward) {
      length++;
    }
    return length;
  }

  /** Most looks are short, some are long. */
  private static long secondsOfLooking(Random random) {
    return 3 + Math.round(-40 * StrictMath.log(1 - random.nextDouble()));
  }
}
