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
 * Measures searches with and without session rescoring in alternating short rounds, so that all see
 * the same machine. Each client sends its next request when it has received a response.
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

  /** A kind of search; words come first, with which the others are compared. */
  private enum Kind {
    WORDS("by words"),
    CLICKS_SENT("re-ranked"),
    EVENTS("by events"),
    SESSIONS("by stored clicks");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
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

  /** What has been measured of a kind of search. */
  private static final class Measured {
    private final Kind kind;
    private final List<Long> micros = new ArrayList<>();
    private double seconds;

    Measured(Kind kind) {
      this.kind = kind;
    }

    Latencies latencies() {
      return new Latencies(micros.stream().mapToLong(Long::longValue).toArray(), seconds);
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
    List<Measured> all = Arrays.stream(Kind.values()).map(Measured::new).toList();
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (Measured each : all) {
        if (round == 0) {
          each.micros.clear();
          each.seconds = 0;
        }
        each.seconds += round(clients, searches / ROUNDS, each.kind, each.micros);
      }
    }
    Latencies words = all.getFirst().latencies();
    StringBuilder table =
        new StringBuilder(row("clients " + clients, "searches/s", "p50 ms", "p99 ms"));
    table.append(row(Kind.WORDS.text, words));
    for (Measured each : all.subList(1, all.size())) {
      Latencies ranked = each.latencies();
      table.append(row(each.kind.text, ranked));
      table.append(row(
          "",
          "",
          String.format(Locale.ROOT, "%+.2f", ranked.millis(0.5) - words.millis(0.5)),
          String.format(Locale.ROOT, "%+.2f", ranked.millis(0.99) - words.millis(0.99))));
    }
    return table.toString();
  }

  private static String row(String name, Latencies latencies) {
    return row(
        name,
        String.format(Locale.ROOT, "%.0f", latencies.perSecond()),
        String.format(Locale.ROOT, "%.2f", latencies.millis(0.5)),
        String.format(Locale.ROOT, "%.2f", latencies.millis(0.99)));
  }

  private static String row(String name, String... cells) {
    return String.format(Locale.ROOT, "%-16s %10s %10s %10s%n", name, cells[0], cells[1], cells[2]);
  }

  /** Runs one round and returns its duration in seconds. */
  private double round(int clients, int searches, Kind kind, List<Long> micros)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<List<Long>>> parts = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        int number = client;
        parts.add(threads.submit(() -> {
          List<Long> times = new ArrayList<>();
          for (int i = number; i < searches; i += clients) {
            times.add(search(i, kind));
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
  private long search(int number, Kind kind) throws IOException, InterruptedException {
    int visit = number % visits.size();
    String body =
        switch (kind) {
          case WORDS -> ShopSearch.textSearch(words, 10);
          case CLICKS_SENT -> ShopSearch.sessionSearch(words, 10, visits.get(visit));
          case EVENTS, SESSIONS -> ShopSearch.namedSearch(words, 10, VisitorClicks.session(visit));
        };
    String path =
        switch (kind) {
          case WORDS, CLICKS_SENT -> "/shop/_search";
          case EVENTS -> VisitorClicks.BY_EVENTS;
          case SESSIONS -> VisitorClicks.BY_SESSIONS;
        };
    long start = System.nanoTime();
    JsonNode answer = nodes.get(number % nodes.size()).http().ok("POST", path, body);
    long micros = (System.nanoTime() - start) / 1000;
    boolean named = answer.at("/hits/hits/0/fields/attune_model").isArray();
    if (named == (kind == Kind.WORDS) || answer.at("/_shards/failed").asInt() != 0) {
      throw new IOException("unexpected response to a search " + kind.text + ": " + answer);
    }
    return micros;
  }
}
