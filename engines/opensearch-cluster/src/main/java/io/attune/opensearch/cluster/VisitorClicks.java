package io.attune.opensearch.cluster;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Clicks of the shop's visitors, as events and in the plugin's own index, with a search pipeline
 * for each, and how long a click takes to count.
 */
final class VisitorClicks {
  static final String BY_EVENTS = "/shop/_search?search_pipeline=by-events";
  static final String BY_SESSIONS = "/shop/_search?search_pipeline=by-sessions";

  private static final int TRIALS = 40;

  private final LocalCluster cluster;
  private final Http http;

  VisitorClicks(LocalCluster cluster) {
    this.cluster = cluster;
    this.http = cluster.node(0).http();
  }

  /** The session of a visit. */
  static String session(int visit) {
    return "visit-" + visit;
  }

  /** Stores the clicks of visits in both ways. */
  void store(List<List<String>> visits) throws IOException, InterruptedException {
    // As User Behavior Insights maps them.
    http.ok("PUT", "/ubi_events", """
        {"settings": {"number_of_shards": 1, "number_of_replicas": 1},
         "mappings": {"properties": {"action_name": {"type": "keyword"},
          "client_id": {"type": "keyword"},
          "timestamp": {"type": "date", "format": "strict_date_time"},
          "event_attributes": {"properties": {"object": {"properties": {
           "object_id": {"type": "keyword"}}}}}}}}
        """);
    cluster.awaitGreen("ubi_events");
    for (String source : List.of("events", "sessions")) {
      // What is measured is not cut off, and clicks stay young on a slow machine.
      http.ok("PUT", "/_search/pipeline/by-" + source, """
          {"request_processors": [{"attune_session": {"model": "shop", "item_field": "sku",
           "clicks_from": "%s", "timeout": "10s", "max_age": "1d"}}]}
          """.formatted(source));
    }
    for (int visit = 0; visit < visits.size(); visit++) {
      for (String item : visits.get(visit)) {
        event(session(visit), item);
        click(session(visit), item);
      }
    }
    http.ok("POST", "/ubi_events/_refresh", "");
    cluster.awaitGreen("attune_sessions");
  }

  private void event(String session, String item) throws IOException, InterruptedException {
    http.ok("POST", "/ubi_events/_doc", """
        {"client_id": "%s", "action_name": "click", "timestamp": "%s",
         "event_attributes": {"object": {"object_id": "%s"}}}
        """.formatted(session, Instant.now(), item));
  }

  private void click(String session, String item) throws IOException, InterruptedException {
    http.ok("POST", "/_attune/sessions/" + session + "/clicks", "{\"item\": \"" + item + "\"}");
  }

  /**
   * Measures how long after its acknowledgement the first click of a visitor counts, for one who
   * searches again and again. Clicks come at any time between two refreshes.
   *
   * @return a text table
   */
  String delays(String words, String item) throws IOException, InterruptedException {
    long[] events = new long[TRIALS];
    long[] clicks = new long[TRIALS];
    for (int trial = 0; trial < TRIALS; trial++) {
      String session = "late-" + trial;
      Thread.sleep(37L * trial % 1000);
      isRanked(BY_EVENTS, words, session, trial); // so that the node keeps that there are none
      event(session, item);
      events[trial] = delay(BY_EVENTS, words, session, trial);
      click(session, item);
      clicks[trial] = delay(BY_SESSIONS, words, session, trial);
    }
    return row("a click counts after", "p50 ms", "max ms")
        + row("as an event", events)
        + row("as a stored click", clicks);
  }

  private static String row(String name, long[] millis) {
    Arrays.sort(millis);
    return row(name, "" + millis[millis.length / 2], "" + millis[millis.length - 1]);
  }

  private static String row(String name, String... cells) {
    return String.format(Locale.ROOT, "%-22s %10s %10s%n", name, cells[0], cells[1]);
  }

  /** Searches until a search is re-ranked, and returns the milliseconds until that was sent. */
  private long delay(String path, String words, String session, int trial)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      long sent = System.nanoTime();
      if (isRanked(path, words, session, trial)) {
        return (sent - start) / 1_000_000;
      }
    }
  }

  private boolean isRanked(String path, String words, String session, int trial)
      throws IOException, InterruptedException {
    return cluster
        .node(trial % cluster.nodes().size())
        .http()
        .ok("POST", path, ShopSearch.namedSearch(words, 10, session))
        .at("/hits/hits/0/fields/attune_model")
        .isArray();
  }
}
