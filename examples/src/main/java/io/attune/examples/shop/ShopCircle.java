package io.attune.examples.shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.lucene.TeamDraft;
import io.attune.lucene.TeamDraft.Pick;
import io.attune.lucene.TeamDraft.Team;
import io.attune.model.ModelHistory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Three days of a simulated shop that searches with OpenSearch and learns from its visitors.
 *
 * <ol>
 *   <li>On the first day visitors click, and nobody is re-ranked. At night a model is trained on
 *       their events and brought to the cluster.
 *   <li>On the second day there are new products. Visitors search, and the cluster re-ranks what it
 *       finds by their clicks. At night {@code attune update} grows the model by these events, and
 *       replaces it if the grown one is not worse.
 *   <li>On the third day visitors see the hits of both versions interleaved, and {@code attune
 *       compare-online} says which of them they click.
 * </ol>
 *
 * <p>Each step is checked, and the first that does not do what it should ends the program with exit
 * code 1. The same seed gives the same shop and the same visitors.
 *
 * <p>{@code engines/opensearch/example circle} starts a cluster and runs this.
 */
public final class ShopCircle {
  private static final ShopConfig CONFIG =
      new ShopConfig(600, 3_600, LocalDate.of(2025, 3, 3), 3, 5.0, 20, 0.10, 0.26, 0.03, 0.3);
  private static final int SHOWN = 10;
  private static final int AT_A_TIME = 200; // visitors between two refreshes of the events
  private static final String MODEL = "shop";
  private static final String BEFORE = "shop-before";

  /** The names of both versions in events; the present one is the second. */
  private static final List<String> VERSIONS = List.of("before", "after");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Shop shop;
  private final List<List<ShopClick>> visits;
  private final ShopCluster cluster;
  private final Path folder;
  private final Path attune;
  private final Random random;
  private final PrintStream out;

  private ShopCircle(ShopCluster cluster, Path folder, Path attune, long seed, PrintStream out) {
    this.shop = Shop.simulate(CONFIG, seed);
    this.visits = List.copyOf(shop.clicks()
        .collect(
            Collectors.groupingBy(ShopClick::sessionId, LinkedHashMap::new, Collectors.toList()))
        .values());
    this.cluster = cluster;
    this.folder = folder;
    this.attune = attune;
    this.random = new Random(seed);
    this.out = out;
  }

  private void run() throws IOException, InterruptedException {
    cluster.open();
    Files.createDirectories(folder.resolve("events"));

    cluster.sell(arrivals(1));
    browse(visits(1));
    export(1);
    String first = train();

    cluster.sell(arrivals(2));
    search(visits(2), first);
    export(2);
    String second = update(first);

    cluster.sell(arrivals(3));
    compare(visits(3), first, second);
    judge(export(3));
  }

  /** The first night. Returns the version that is in use then. */
  private String train() throws IOException, InterruptedException {
    attune(
        "no model was trained",
        line -> line.startsWith("model model:"),
        "train",
        "events",
        "--out",
        "model");
    String version = cluster.use(folder.resolve("model"), MODEL);
    out.printf(
        Locale.ROOT,
        "  version %s is in use on the cluster, nodes: %d%n",
        version,
        cluster.nodes());
    return version;
  }

  /**
   * The second night. Returns the version that is in use then; the one before is kept beside it.
   */
  private String update(String first) throws IOException, InterruptedException {
    attune(
        "the grown model did not replace the present one, although it knows what is new",
        line -> line.startsWith("HR@20: ") || line.startsWith("replaced: "),
        "update",
        "events",
        "--model",
        "model",
        "--report",
        "night.html");
    String second = cluster.use(folder.resolve("model"), MODEL);
    String before =
        cluster.use(new ModelHistory(folder.resolve("model")).versions().getLast(), BEFORE);
    require(
        before.equals(first) && !second.equals(first),
        "expected a new version, and " + first + " before it, but they are " + second + " and "
            + before);
    out.printf(
        Locale.ROOT, "  version %s came into use on the cluster, without a restart%n", second);
    return second;
  }

  /** The third evening: whose hits were clicked. */
  private void judge(Path events) throws IOException, InterruptedException {
    attune(
        "the comparison failed",
        line -> line.contains(" wins: ") || line.startsWith("after: "),
        "compare-online",
        folder.relativize(events).toString(),
        "--single-look",
        "--json",
        "comparison.json");
    JsonNode comparison = JSON.readTree(folder.resolve("comparison.json").toFile());
    require(
        comparison.path("outcome").asText().equals(VERSIONS.getLast()),
        "growth shows no gain: " + comparison.path("verdict").asText());
  }

  private static LocalDate date(int day) {
    return CONFIG.firstDay().plusDays(day - 1);
  }

  private static Instant begin(int day) {
    return date(day).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** The products that are sold from a day on. */
  private List<Product> arrivals(int day) {
    List<Product> arrivals = shop.products().stream()
        .filter(product -> product.onSaleFrom().equals(date(day)))
        .toList();
    out.printf(Locale.ROOT, "day %d: %,d new products are indexed%n", day, arrivals.size());
    return arrivals;
  }

  /** The visits that begin on a day. */
  private List<List<ShopClick>> visits(int day) {
    return visits.stream()
        .filter(visit -> !visit.getFirst().time().isBefore(begin(day))
            && visit.getFirst().time().isBefore(begin(day + 1)))
        .toList();
  }

  /** Writes the events of a day to a file, those of the last day with what comes after midnight. */
  private Path export(int day) throws IOException, InterruptedException {
    Path file = folder.resolve("events").resolve("day-" + day + ".jsonl");
    Instant end = begin(day + 1).plus(day == CONFIG.days() ? Duration.ofDays(1) : Duration.ZERO);
    out.printf(
        Locale.ROOT,
        "  %,d events of the day are written to %s%n",
        cluster.export(begin(day), end, file),
        file);
    return file;
  }

  /** A day on which visitors only click. */
  private void browse(List<List<ShopClick>> day) throws IOException, InterruptedException {
    List<ObjectNode> events =
        day.stream().flatMap(List::stream).map(ShopCircle::event).toList();
    for (int i = 0; i < events.size(); i += 1000) {
      cluster.log(events.subList(i, Math.min(i + 1000, events.size())));
    }
    out.printf(
        Locale.ROOT,
        "  %,d visitors click %,d times; nobody is re-ranked%n",
        day.size(),
        events.size());
  }

  private static ObjectNode event(ShopClick click) {
    return ShopCluster.click(click.sessionId(), click.itemId(), click.time(), "");
  }

  /** What a visitor does after some clicks that were logged. */
  @FunctionalInterface
  private interface Search {
    /** Searches, and returns the events. */
    List<ObjectNode> by(Shopper visitor) throws IOException, InterruptedException;
  }

  /** The visitors of a day click and search, some at a time, and their events are logged. */
  private void shop(List<List<ShopClick>> day, Search search)
      throws IOException, InterruptedException {
    for (int i = 0; i < day.size(); i += AT_A_TIME) {
      List<Shopper> visitors = day.subList(i, Math.min(i + AT_A_TIME, day.size())).stream()
          .map(visit -> Shopper.of(shop, visit, random))
          .toList();
      cluster.log(visitors.stream()
          .flatMap(visitor -> visitor.browsed().stream())
          .map(ShopCircle::event)
          .toList());
      List<ObjectNode> events = new ArrayList<>();
      for (Shopper visitor : visitors) {
        events.addAll(search.by(visitor));
      }
      cluster.log(events);
    }
  }

  /** A day on which the cluster re-ranks what visitors search. */
  private void search(List<List<ShopClick>> day, String version)
      throws IOException, InterruptedException {
    int[] counts = new int[2]; // re-ranked, found
    shop(day, visitor -> {
      ShopCluster.Hits hits = cluster.search(visitor.words(), visitor.session(), MODEL);
      if (isRankedBy(hits, MODEL, version)) {
        counts[0]++;
      }
      List<String> clicked = visitor.click(hits.items(), random);
      if (clicked.contains(visitor.wanted().itemId())) {
        counts[1]++;
      }
      return clicks(visitor, clicked, "");
    });
    out.printf(
        Locale.ROOT,
        "  %,d visitors click and search; %,d searches are re-ranked on the cluster by version %s,"
            + " %,d visitors find what they want%n",
        day.size(),
        counts[0],
        version,
        counts[1]);
    requireHalf(counts[0], day.size());
  }

  /** A day on which visitors see the hits of two versions interleaved. */
  private void compare(List<List<ShopClick>> day, String before, String after)
      throws IOException, InterruptedException {
    int[] counts = new int[2]; // re-ranked, found
    shop(day, visitor -> {
      ShopCluster.Hits a = cluster.search(visitor.words(), visitor.session(), BEFORE);
      ShopCluster.Hits b = cluster.search(visitor.words(), visitor.session(), MODEL);
      boolean byBefore = isRankedBy(a, BEFORE, before);
      boolean byAfter = isRankedBy(b, MODEL, after);
      if (byBefore && byAfter) {
        counts[0]++;
      }
      long coins = TeamDraft.seed(visitor.session(), visitor.words());
      List<Pick<String>> shown = TeamDraft.of(a.items(), b.items(), SHOWN, coins);
      String query = "query-" + visitor.session();
      List<ObjectNode> events = new ArrayList<>();
      for (int i = 0; i < shown.size(); i++) {
        Team team = shown.get(i).team();
        events.add(ShopCluster.impression(
            visitor.session(),
            shown.get(i).hit(),
            visitor.wanted().time(),
            query,
            i + 1,
            VERSIONS,
            HexFormat.of().toHexDigits(coins),
            team == Team.NONE ? "" : VERSIONS.get(team == Team.A ? 0 : 1)));
      }
      List<String> clicked = visitor.click(shown.stream().map(Pick::hit).toList(), random);
      if (clicked.contains(visitor.wanted().itemId())) {
        counts[1]++;
      }
      events.addAll(clicks(visitor, clicked, query));
      return events;
    });
    out.printf(
        Locale.ROOT,
        "  %,d visitors click and search, and see the hits of versions %s and %s interleaved, %,d of"
            + " them re-ranked by both; %,d find what they want%n",
        day.size(),
        before,
        after,
        counts[0],
        counts[1]);
    requireHalf(counts[0], day.size());
  }

  /**
   * Whether hits were re-ranked. None is where nothing was found that the model knows, or the
   * visitor clicked nothing that it knows.
   *
   * @throws IOException if another model ranked them
   */
  private static boolean isRankedBy(ShopCluster.Hits hits, String model, String version)
      throws IOException {
    for (String each : hits.rankedBy()) {
      require(
          each.equals(model + "@" + version),
          "expected " + model + " in version " + version + ", but hits were ranked by " + each);
    }
    return !hits.rankedBy().isEmpty();
  }

  private static void requireHalf(int reranked, int searches) throws IOException {
    require(
        reranked > searches / 2,
        "only " + reranked + " of " + searches + " searches were re-ranked on the cluster; GET"
            + " _attune/models says why");
  }

  /** The clicks on hits, a second each. */
  private static List<ObjectNode> clicks(Shopper visitor, List<String> clicked, String query) {
    List<ObjectNode> events = new ArrayList<>();
    for (String item : clicked) {
      Instant time = visitor.wanted().time().plusSeconds(events.size() + 1);
      events.add(ShopCluster.click(visitor.session(), item, time, query));
    }
    return events;
  }

  /**
   * Runs a command in the folder, and shows some of what it prints; all of it is in a log.
   *
   * @throws IOException with {@code otherwise}, if its exit code is not 0
   */
  private void attune(String otherwise, Predicate<String> shown, String... arguments)
      throws IOException, InterruptedException {
    out.printf(Locale.ROOT, "  $ attune %s%n", String.join(" ", arguments));
    Path log = folder.resolve(arguments[0] + ".log");
    List<String> command = new ArrayList<>(List.of(attune.toString()));
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    Thread atExit = new Thread(process::destroy, "ends the command");
    Runtime.getRuntime().addShutdownHook(atExit);
    int code = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(atExit);
    List<String> lines = Files.readAllLines(log);
    lines.stream().filter(shown).forEach(line -> out.printf(Locale.ROOT, "    %s%n", line));
    require(
        code == 0,
        otherwise + " (exit code " + code + "); the end of " + log + ":\n"
            + String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size())));
  }

  private static void require(boolean isSo, String otherwise) throws IOException {
    if (!isSo) {
      throw new IOException(otherwise);
    }
  }

  /**
   * Runs it.
   *
   * @param args a folder that is new or empty, the command {@code attune}, a seed, and for each
   *     node {@code ADDRESS=MODELS}: its address, and its {@code config/attune}
   */
  public static void main(String... args) throws InterruptedException {
    if (args.length < 4) {
      System.err.println("usage: ShopCircle FOLDER ATTUNE SEED ADDRESS=MODELS...");
      System.exit(2);
    }
    try (ShopCluster cluster =
        new ShopCluster(Arrays.stream(args).skip(3).map(ShopCluster.Node::parse).toList())) {
      Path folder = Files.createDirectories(Path.of(args[0]));
      requireEmpty(folder);
      new ShopCircle(cluster, folder, Path.of(args[1]).toAbsolutePath(), seed(args[2]), System.out)
          .run();
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("circle: " + e.getMessage());
      System.exit(1);
    }
  }

  private static long seed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the seed must be a whole number, not '" + text + "'", e);
    }
  }

  private static void requireEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      require(
          entries.findAny().isEmpty(),
          folder + " is not empty; name a new folder for events, model and reports");
    }
  }
}
