package io.attune.opensearch.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs one query for two visitors on a cluster of three nodes with the simulated shop, or another
 * program on an empty cluster.
 *
 * <p>Arguments: the server's directory, the plugin's zip, the directory of a quickstart, and
 * {@code once}, {@code keep} (run until the process is ended) or {@code load} (measure). Or the
 * first two and {@code run}, the number of nodes and a command, which gets {@code ADDRESS=MODELS}
 * for each node as its last arguments, and whose exit code is that of this program. With a single
 * argument, a file, it only writes how to start it: the JDK's directory on the first line and the
 * class path on the second.
 */
public final class ShopExample {
  private static final int TOP = 5;
  private static final int MIN_CLICKS = 3;
  private static final int MAX_CLICKS = 6;
  private static final int VISITS = 50;
  private static final int COMMON_WORDS = 12; // as a query they match most titles
  private static final int SEARCHES = 2000;

  private final ShopData shop;
  private final LocalCluster cluster;
  private final PrintStream out;

  private ShopExample(ShopData shop, LocalCluster cluster, PrintStream out) {
    this.shop = shop;
    this.cluster = cluster;
    this.out = out;
  }

  /** See the class comment. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 1) {
      Files.write(
          Path.of(arguments[0]),
          List.of(System.getProperty("java.home"), System.getProperty("java.class.path")));
      return;
    }
    boolean isProgram = arguments.length > 4 && arguments[2].equals("run");
    if (arguments.length != 4 && !isProgram) {
      System.err.println("usage: ShopExample SERVER PLUGIN.zip SHOP once|keep|load\n"
          + "       ShopExample SERVER PLUGIN.zip run NODES COMMAND...");
      System.exit(2);
    }
    try {
      ServerFiles files = new ServerFiles(Path.of(arguments[0]), Path.of(arguments[1]));
      if (isProgram) {
        List<String> command = List.of(arguments).subList(4, arguments.length);
        System.exit(run(files, Integer.parseInt(arguments[3]), command));
      }
      run(files, ShopData.read(Path.of(arguments[2])), arguments[3]);
    } catch (IOException e) {
      System.err.println("example: " + e.getMessage());
      System.exit(1);
    }
  }

  private static LocalCluster start(
      ServerFiles files, int nodes, LocalCluster.Preparation preparation)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("attune-cluster");
    System.out.println("starting " + nodes + (nodes == 1 ? " node" : " nodes")
        + " (half a minute); logs are in " + folder + " until they end");
    return LocalCluster.temporary(
        files, folder, nodes, List.of("-Xmx512m", "-XX:+UseSerialGC"), preparation);
  }

  /** Runs a program on an empty cluster, and returns its exit code. */
  private static int run(ServerFiles files, int nodes, List<String> command)
      throws IOException, InterruptedException {
    try (LocalCluster cluster = start(files, nodes, models -> {})) {
      List<String> whole = new ArrayList<>(command);
      for (ServerNode node : cluster.nodes()) {
        whole.add("http://127.0.0.1:" + node.port() + "=" + node.models());
      }
      Process program = new ProcessBuilder(whole).inheritIO().start();
      Runtime.getRuntime().addShutdownHook(new Thread(program::destroy, "ends the program"));
      return program.waitFor();
    }
  }

  private static void run(ServerFiles files, ShopData shop, String mode)
      throws IOException, InterruptedException {
    try (LocalCluster cluster =
        start(files, 3, models -> copy(shop.model(), models.resolve("shop")))) {
      System.out.println("indexing " + shop.titles().size() + " items");
      ShopSearch.index(cluster, shop.titles());
      ShopExample example = new ShopExample(shop, cluster, System.out);
      String search = example.show();
      switch (mode) {
        case "keep" -> example.keep(search);
        case "load" -> example.load();
        default -> {}
      }
    }
  }

  /**
   * Runs the same query on two nodes, for the two visitors whose top hits have the least in common.
   *
   * @return the body of the last search
   */
  private String show() throws IOException, InterruptedException {
    String word = shop.words().stream()
        .skip(COMMON_WORDS)
        .findFirst()
        .orElseThrow(() -> new IOException("the titles have too few words"));
    List<List<String>> visits = visits();
    List<String> first = visits.getFirst();
    List<String> best = items(search(0, ShopSearch.sessionSearch(word, TOP, first)));
    List<String> other = first;
    long fewest = TOP + 1;
    for (List<String> visit : visits) {
      long shared = items(search(0, ShopSearch.sessionSearch(word, TOP, visit))).stream()
          .filter(best::contains)
          .count();
      if (shared < fewest) {
        fewest = shared;
        other = visit;
      }
    }
    out.printf("%nThe query '%s' without a session:%n", word);
    print(search(0, ShopSearch.textSearch(word, TOP)));
    List<List<String>> shown = List.of(first, other);
    for (int i = 0; i < shown.size(); i++) {
      out.printf("%nFor a visitor who clicked%n");
      shown.get(i).forEach(item -> out.println("    " + shop.titles().get(item)));
      JsonNode hits = search(i + 1, ShopSearch.sessionSearch(word, TOP, shown.get(i)));
      out.printf("by %s:%n", hits.at("/0/fields/attune_model/0").asText());
      print(hits);
    }
    return ShopSearch.sessionSearch(word, TOP, other);
  }

  private List<List<String>> visits() {
    return shop.visits().reversed().stream()
        .filter(visit -> visit.size() >= MIN_CLICKS && visit.size() <= MAX_CLICKS)
        .limit(VISITS)
        .toList();
  }

  private JsonNode search(int node, String body) throws IOException, InterruptedException {
    return cluster.node(node).http().ok("POST", "/shop/_search", body).at("/hits/hits");
  }

  private static List<String> items(JsonNode hits) {
    List<String> items = new ArrayList<>();
    hits.forEach(hit -> items.add(hit.get("_id").asText()));
    return items;
  }

  private void print(JsonNode hits) {
    hits.forEach(hit -> out.printf(
        Locale.ROOT,
        "    %7.3f  %s%n",
        hit.get("_score").asDouble(),
        shop.titles().get(hit.get("_id").asText())));
  }

  private void keep(String search) throws InterruptedException {
    out.printf(
        Locale.ROOT,
        "%nTry it:%n  node=localhost:%d%n"
            + "  curl -s $node/shop/_search -H 'Content-Type: application/json' -d '%s'%n",
        cluster.node(0).port(),
        search);
    out.println("\nThe cluster runs until this process is ended (Ctrl-C).");
    Thread.currentThread().join();
  }

  private void load() throws IOException, InterruptedException {
    String words = String.join(" ", shop.words().subList(0, COMMON_WORDS));
    JsonNode answer =
        cluster.node(0).http().ok("POST", "/shop/_search", ShopSearch.textSearch(words, 10));
    out.printf(
        Locale.ROOT,
        "%n%d hits on two shards, the best %d of each re-ranked; %d searches of each kind, in turn%n",
        answer.at("/hits/total/value").asInt(),
        ShopSearch.WINDOW,
        SEARCHES);
    VisitorClicks clicks = new VisitorClicks(cluster);
    clicks.store(visits());
    for (int clients : new int[] {1, 4}) {
      out.println();
      out.print(new SearchLoad(cluster.nodes(), words, visits()).run(clients, SEARCHES));
    }
    out.println();
    out.print(clicks.delays(words, visits().getFirst().getLast()));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
