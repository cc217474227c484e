package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import io.attune.model.AtomicFile;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A simulated shop: its products and the clicks of its visitors.
 *
 * <p>Visitors look for a product line, a brand, a style, a price, and for what goes with it, in
 * some order. They compare, return to products seen before, stray, and change their mind. So the
 * next click depends on the whole visit, which a session model can learn, and not just on
 * popularity or the last click. The same configuration and seed give the same shop, byte for byte.
 *
 * <pre>{@code
 * Shop shop = Shop.simulate(ShopConfig.DEFAULT, 42);
 * shop.writeClicks(folder.resolve("clicks.csv"));
 * shop.writeItems(folder.resolve("items.tsv"));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
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
   * Simulates a shop.
   *
   * @param seed the seed of the products and of the visits
   */
  public static Shop simulate(ShopConfig config, long seed) {
    return simulate(config, seed, (visit, chances, clicked) -> {});
  }

  /** Observes each click after the first of a visit, with the probabilities before it. */
  @FunctionalInterface
  interface Watcher {
    void clicked(int visit, Chances chances, Stocked clicked);
  }

  static Shop simulate(ShopConfig config, long seed, Watcher watcher) {
    // The numbers of java.util.Random are specified, and so the same on every JDK.
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

  /** All products, grouped by category. */
  public List<Product> products() {
    return products;
  }

  /** All clicks in time order, with overlapping visits interleaved. */
  public Stream<ShopClick> clicks() {
    return clicks.stream();
  }

  /**
   * The product with this id.
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
   * Writes the click log: CSV with the header {@code session_id,item_id,timestamp}, times in ISO
   * 8601, ordered by time. The file is written completely or not at all.
   */
  public void writeClicks(Path target) throws IOException {
    write(
        target,
        "session_id,item_id,timestamp",
        clicks().map(click -> click.sessionId() + "," + click.itemId() + "," + click.time()));
  }

  /**
   * Writes the items: tab-separated with the header {@code item_id title category brand price},
   * since titles contain commas. The file is written completely or not at all.
   */
  public void writeItems(Path target) throws IOException {
    write(
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
   * Draws a length of at least two clicks, with the same probability of a next click after each, so
   * that most visits are short.
   */
  private static int length(ShopConfig config, Random random) {
    double onward = 1 - 1 / (config.meanClicks() - 1);
    int length = 2;
    while (length < config.maxClicks() && random.nextDouble() < onward) {
      length++;
    }
    return length;
  }

  /** Draws an exponentially distributed time between two clicks. */
  private static long secondsOfLooking(Random random) {
    return 3 + Math.round(-40 * StrictMath.log(1 - random.nextDouble()));
  }

  /** Writes a header and lines in UTF-8 that end with a line feed on every system. */
  private static void write(Path target, String header, Stream<String> lines) throws IOException {
    AtomicFile.replace(target, beside -> {
      try (Writer writer = Files.newBufferedWriter(beside, StandardCharsets.UTF_8)) {
        writer.append(header).append('\n');
        for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
          writer.append(line.next()).append('\n');
        }
      }
    });
  }
}
