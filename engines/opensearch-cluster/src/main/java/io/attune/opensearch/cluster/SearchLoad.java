package io.attune.opensearch.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures searches with and without session rescoring in alternating short rounds, so that both
 * see the same machine. Each client sends its next request when it has received a response.
 */
final class SearchLoad {
  private static final int ROUNDS = 20;
  private static final int WARM_UP_ROUNDS = 4;

  private final List<ServerNode> nodes;
  private final String words;
  private final List<List<String>> visits;

  /**
   * Creates a load.
   *
   * @param words the query
   * @param visits the visits whose clicks re-rank, in turn
   */
  SearchLoad(List<ServerNode> nodes, String words, List<List<String>> visits) {
    this.nodes = nodes;
    this.words = words;
    this.visits = visits;
  }

  /**
   * The latencies of one kind of search.
   *
   * @param micros of each search
   * @param seconds total time of its rounds
   */
  private record Latencies(long[] micros, double seconds) {
    Latencies {
      Arrays.sort(micros);
    }

    double perSecond() {
      return micros.length / seconds;
    }

    double millis(double quantile) {
      return micros[(int) (quantile * (micros.length - 1))] / 1000.0;
    }
  }

  /**
   * Runs the load.
   *
   * @param clients number of concurrent clients
   * @param searches number of searches of each kind, over all rounds
   * @return a text table
   * @throws IOException if a search fails
   */
  String run(int clients, int searches) throws IOException, InterruptedException {
    List<Long> plain = new ArrayList<>();
    List<Long> ranked = new ArrayList<>();
    double plainSeconds = 0;
    double rankedSeconds = 0;
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      if (round == 0) {
        plain.clear();
        ranked.clear();
        plainSeconds = 0;
        rankedSeconds = 0;
      }
      plainSeconds += round(clients, searches / ROUNDS, false, plain);
      rankedSeconds += round(clients, searches / ROUNDS, true, ranked);
    }
    Latencies without =
        new Latencies(plain.stream().mapToLong(Long::longValue).toArray(), plainSeconds);
    Latencies with =
        new Latencies(ranked.stream().mapToLong(Long::longValue).toArray(), rankedSeconds);
    return row("clients " + clients, "searches/s", "p50 ms", "p99 ms")
        + row("by words", without)
        + row("re-ranked", with)
        + row(
            "difference",
            "",
            String.format(Locale.ROOT, "%+.2f", with.millis(0.5) - without.millis(0.5)),
            String.format(Locale.ROOT, "%+.2f", with.millis(0.99) - without.millis(0.99)));
  }

  private static String row(String name, Latencies latencies) {
    return row(
        name,
        String.format(Locale.ROOT, "%.0f", latencies.perSecond()),
        String.format(Locale.ROOT, "%.2f", latencies.millis(0.5)),
        String.format(Locale.ROOT, "%.2f", latencies.millis(0.99)));
  }

  private static String row(String name, String... cells) {
    return String.format(Locale.ROOT, "%-12s %10s %10s %10s%n", name, cells[0], cells[1], cells[2]);
  }

  /** Runs one round and returns its duration in seconds. */
  private double round(int clients, int searches, boolean reRanked, List<Long> micros)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<List<Long>>> parts = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        int number = client;
        parts.add(threads.submit(() -> {
          List<Long> times = new ArrayList<>();
          for (int i = number; i < searches; i += clients) {
            times.add(search(i, reRanked));
          }
          return times;
        }));
      }
      for (Future<List<Long>> part : parts) {
        micros.addAll(part.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a search failed", e.getCause());
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** Runs one search and returns its latency in microseconds. */
  private long search(int number, boolean reRanked) throws IOException, InterruptedException {
    String body = reRanked
        ? ShopSearch.sessionSearch(words, 10, visits.get(number % visits.size()))
        : ShopSearch.textSearch(words, 10);
    long start = System.nanoTime();
    JsonNode answer = nodes.get(number % nodes.size()).http().ok("POST", "/shop/_search", body);
    long micros = (System.nanoTime() - start) / 1000;
    boolean named = answer.at("/hits/hits/0/fields/attune_model").isArray();
    if (named != reRanked || answer.at("/_shards/failed").asInt() != 0) {
      throw new IOException("unexpected response to a search: " + answer);
    }
    return micros;
  }
}
