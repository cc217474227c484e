package io.attune.examples.shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.examples.NextItems;
import io.attune.lucene.ItemIndex;
import io.attune.online.InterleavedSearches;
import io.attune.online.OnlineComparison;
import io.attune.report.OnlineReport;
import io.attune.server.AttuneServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * The visitors of a simulated shop decide which ranking wins: a model learns from the earlier
 * visits and is served over HTTP; later visitors click, search, and see the hits by words and by
 * words and session interleaved. Their clicks are logged and compared. {@code Shopper} has what
 * they do.
 */
public final class ShopComparison {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http;
  private final String address;
  private final Random random;

  private ShopComparison(HttpClient http, String address, long seed) {
    this.http = http;
    this.address = address;
    this.random = new Random(seed);
  }

  /**
   * Runs the comparison.
   *
   * @param config the shop
   * @param folder gets the log, the model and the events
   * @param searching number of visits, the last ones, that search; the others are learned from
   */
  public static OnlineComparison run(ShopConfig config, Path folder, int searching, long seed)
      throws IOException, InterruptedException {
    Shop shop = Shop.simulate(config, seed);
    Map<String, List<ShopClick>> visits = shop.clicks()
        .collect(
            Collectors.groupingBy(ShopClick::sessionId, LinkedHashMap::new, Collectors.toList()));
    List<List<ShopClick>> all = List.copyOf(visits.values());
    Path log = folder.resolve("clicks.csv");
    Files.write(
        log,
        Stream.concat(
                Stream.of("session_id,item_id,timestamp"),
                all.subList(0, all.size() - searching).stream()
                    .flatMap(List::stream)
                    .map(click -> click.sessionId() + "," + click.itemId() + "," + click.time()))
            .toList());
    NextItems.train(log, folder.resolve("model"));
    Path events = folder.resolve("events.jsonl");
    AtomicLong now = new AtomicLong(); // in milliseconds
    try (ByteBuffersDirectory index = new ByteBuffersDirectory();
        HttpClient http = HttpClient.newHttpClient()) {
      ItemIndex.write(
          index,
          shop.products().stream()
              .map(each -> new ItemIndex.Item(each.itemId(), Map.of("title", each.title())))
              .toList());
      try (AttuneServer server = AttuneServer.builder(
              folder.resolve("model"), shopClock(now), Ticker.systemTicker())
          .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .index(DirectoryReader.open(index), "id")
          .events(events)
          .start()) {
        ShopComparison visitors =
            new ShopComparison(http, "http://127.0.0.1:" + server.address().getPort(), seed);
        for (List<ShopClick> visit : all.subList(all.size() - searching, all.size())) {
          now.set(visit.getLast().time().toEpochMilli());
          visitors.visit(Shopper.of(shop, visit, visitors.random));
        }
      }
    }
    return OnlineComparison.of(InterleavedSearches.read(List.of(events), List.of()), false, seed);
  }

  /** The time in the shop. */
  private static Clock shopClock(AtomicLong now) {
    return new Clock() {
      @Override
      public ZoneOffset getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.ofEpochMilli(now.get());
      }
    };
  }

  private void visit(Shopper shopper) throws IOException, InterruptedException {
    for (ShopClick click : shopper.browsed()) {
      click(shopper.session(), click.itemId(), "");
    }
    JsonNode found = JSON.readTree(send(HttpRequest.newBuilder(
        URI.create(address + "/search?compare=words,fixed&session=" + shopper.session() + "&q="
            + URLEncoder.encode(shopper.words(), StandardCharsets.UTF_8)))));
    List<String> hits = found.path("hits").findValuesAsText("id");
    for (String item : shopper.click(hits, random)) {
      click(shopper.session(), item, found.path("queryId").asText());
    }
  }

  private void click(String session, String item, String queryId)
      throws IOException, InterruptedException {
    Map<String, String> click =
        queryId.isEmpty() ? Map.of("item", item) : Map.of("item", item, "queryId", queryId);
    send(HttpRequest.newBuilder(URI.create(address + "/sessions/" + session + "/clicks"))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(JSON.writeValueAsString(click))));
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    var answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("status " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  /**
   * Runs it with 400 products and 3,000 visits, of which 800 search, and prints who wins. After the
   * first command of {@code ./attune}: {@code java -cp 'cli/target/cli.jar:cli/target/lib/*'
   * io.attune.examples.shop.ShopComparison}
   *
   * @param args a folder for its files
   */
  public static void main(String... args) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of(args.length == 0 ? "shop-comparison" : args[0]));
    Consumer<String> out = System.out::println;
    OnlineReport.lines(
            run(ShopConfig.DEFAULT.withProducts(400).withSessions(3_000), folder, 800, 1))
        .forEach(out);
  }
}
