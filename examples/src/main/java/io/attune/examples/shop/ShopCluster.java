package io.attune.examples.shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.model.Model;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What a shop does with an OpenSearch cluster that has Attune's plugin: it indexes products,
 * searches by a pipeline that finds the visitor's clicks, writes events, and brings models into
 * use. Thread-safe; requests go to the nodes in turn.
 */
final class ShopCluster implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int SHOWN = 10;
  private static final int PAGE = 5000; // of events
  private static final int SHORT = 12; // characters of a version

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger requests = new AtomicInteger();
  private final List<Node> nodes;

  /**
   * A node.
   *
   * @param address such as {@code http://127.0.0.1:9200}
   * @param models its {@code config/attune}
   */
  record Node(URI address, Path models) {
    /** Reads {@code ADDRESS=FOLDER}. */
    static Node parse(String text) {
      int sign = text.indexOf('=');
      if (sign < 0) {
        throw new IllegalArgumentException(
            "not ADDRESS=FOLDER, such as http://127.0.0.1:9200=/opt/opensearch/config/attune: "
                + text);
      }
      return new Node(URI.create(text.substring(0, sign)), Path.of(text.substring(sign + 1)));
    }
  }

  /**
   * What a search found.
   *
   * @param items ids, best first
   * @param rankedBy the models, as {@code name@version}, by which hits were re-ranked
   */
  record Hits(List<String> items, Set<String> rankedBy) {}

  ShopCluster(List<Node> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** The number of nodes. */
  int nodes() {
    return nodes.size();
  }

  /** Creates the indexes of products and of events, both with a replica where there are nodes. */
  void open() throws IOException, InterruptedException {
    int replicas = Math.min(1, nodes.size() - 1);
    send("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": %s},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """.formatted(replicas));
    // As the plugin User Behavior Insights maps them.
    send("PUT", "/ubi_events", """
        {"settings": {"number_of_shards": 1, "number_of_replicas": %s},
         "mappings": {"properties": {"action_name": {"type": "keyword"},
          "client_id": {"type": "keyword"}, "session_id": {"type": "keyword"},
          "query_id": {"type": "keyword"},
          "timestamp": {"type": "date", "format": "strict_date_time"},
          "event_attributes": {"properties": {"object": {"properties": {
           "object_id": {"type": "keyword"}}}}}}}}
        """.formatted(replicas));
    send("GET", "/_cluster/health/shop,ubi_events?wait_for_status=green&timeout=60s", "");
  }

  /** Adds products to the index. */
  void sell(List<Product> products) throws IOException, InterruptedException {
    StringBuilder lines = new StringBuilder();
    for (Product product : products) {
      ObjectNode action = JSON.createObjectNode();
      action.putObject("index").put("_id", product.itemId());
      ObjectNode document =
          JSON.createObjectNode().put("sku", product.itemId()).put("title", product.title());
      lines.append(action).append('\n').append(document).append('\n');
    }
    bulk("shop", lines);
  }

  /** Adds events, which count when this returns. */
  void log(List<ObjectNode> events) throws IOException, InterruptedException {
    StringBuilder lines = new StringBuilder();
    events.forEach(event -> lines.append("{\"index\": {}}\n").append(event).append('\n'));
    bulk("ubi_events", lines);
  }

  private void bulk(String index, StringBuilder lines) throws IOException, InterruptedException {
    if (lines.isEmpty()) {
      return;
    }
    JsonNode answer = send("POST", "/" + index + "/_bulk?refresh=true", lines.toString());
    if (answer.path("errors").asBoolean()) {
      throw new IOException("not all was indexed, such as: "
          + answer.findValues("error").stream()
              .map(JsonNode::toString)
              .findFirst()
              .orElse(""));
    }
  }

  /**
   * Writes the events of a time to a file of JSON lines, in any order: who reads them goes by their
   * times.
   *
   * @return their number
   * @throws IOException if not all came
   */
  long export(Instant from, Instant to, Path file) throws IOException, InterruptedException {
    long events = 0;
    long all;
    try (Writer writer = Files.newBufferedWriter(file)) {
      JsonNode page = send("POST", "/ubi_events/_search?scroll=2m", """
          {"size": %s, "sort": ["_doc"], "track_total_hits": true, "query": {"range": {"timestamp":
           {"gte": %s, "lt": %s, "format": "epoch_millis"}}}}
          """.formatted(
              PAGE, from.toEpochMilli(), to.toEpochMilli()));
      all = page.at("/hits/total/value").asLong();
      while (!page.at("/hits/hits").isEmpty()) {
        for (JsonNode hit : page.at("/hits/hits")) {
          writer.append(hit.path("_source").toString()).append('\n');
          events++;
        }
        ObjectNode next = JSON.createObjectNode().put("scroll", "2m");
        next.set("scroll_id", page.path("_scroll_id"));
        page = send("POST", "/_search/scroll", next.toString());
      }
      ObjectNode end = JSON.createObjectNode();
      end.set("scroll_id", page.path("_scroll_id"));
      send("DELETE", "/_search/scroll", end.toString());
    }
    if (events != all) {
      throw new IOException("got " + events + " of " + all + " events from the cluster");
    }
    return events;
  }

  /**
   * Brings a model into use by a name, while searches go on, with a search pipeline of that name.
   *
   * @return its version, as hits name it
   * @throws IOException if it is not in use on all nodes within a minute
   */
  String use(Path model, String name) throws IOException, InterruptedException {
    for (Node node : nodes) {
      Path place = node.models.resolve(name);
      Path beside = node.models.resolve(name + ".new"); // names with a dot are not read
      copy(model, beside);
      if (Files.exists(place)) {
        Files.move(place, node.models.resolve(name + ".old"));
      }
      Files.move(beside, place);
    }
    String version = Model.version(Model.manifest(model)).substring(0, SHORT);
    await(name, version);
    // For visitors of any day, and also on a slow machine.
    send("PUT", "/_search/pipeline/" + name, """
        {"request_processors": [{"attune_session": {"model": "%s", "item_field": "sku",
         "max_age": "3650d", "timeout": "10s"}}]}
        """.formatted(name));
    return version;
  }

  private void await(String name, String version) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode models = send("GET", "/_attune/models", "");
      long ready = 0;
      for (JsonNode node : models.path("nodes")) {
        if (node.at("/models/" + name + "/in_use").asText().startsWith(version)) {
          ready++;
        }
      }
      if (ready == nodes.size()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new IOException(name + " is not in use as " + version + " on all nodes after "
            + PATIENCE + ": " + models);
      }
      Thread.sleep(200);
    }
  }

  /**
   * Searches products by words.
   *
   * @param pipeline {@code _none} for words alone
   */
  Hits search(String words, String session, String pipeline)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("size", SHOWN);
    body.putObject("query").putObject("match").put("title", words);
    body.putObject("ext").putObject("attune").put("session", session);
    JsonNode hits = send("POST", "/shop/_search?search_pipeline=" + pipeline, body.toString())
        .at("/hits/hits");
    Set<String> rankedBy = new LinkedHashSet<>();
    hits.forEach(
        hit -> hit.at("/fields/attune_model").forEach(model -> rankedBy.add(model.asText())));
    return new Hits(hits.findValuesAsText("_id"), rankedBy);
  }

  private JsonNode send(String method, String path, String body)
      throws IOException, InterruptedException {
    Node node = nodes.get(Math.floorMod(requests.getAndIncrement(), nodes.size()));
    var answer = http.send(
        HttpRequest.newBuilder(node.address.resolve(path))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE.multipliedBy(2))
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(
          method + " " + path + ": status " + answer.statusCode() + ": " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  @Override
  public void close() {
    http.close();
  }

  /** A click as an event; without {@code queryId} where no search showed the product. */
  static ObjectNode click(String session, String item, Instant time, String queryId) {
    return event("click", session, item, time, queryId);
  }

  /** A hit of an interleaved search as an event, as {@code attune serve} logs them. */
  static ObjectNode impression(
      String session,
      String item,
      Instant time,
      String queryId,
      int place,
      List<String> rankings,
      String coins,
      String team) {
    ObjectNode event = event("impression", session, item, time, queryId);
    ObjectNode attributes = (ObjectNode) event.path("event_attributes");
    attributes.putObject("position").put("ordinal", place);
    ObjectNode interleaving = attributes.putObject("interleaving");
    ArrayNode names = interleaving.putArray("rankings");
    rankings.forEach(names::add);
    interleaving.put("coins", coins);
    if (!team.isEmpty()) {
      interleaving.put("team", team);
    }
    return event;
  }

  private static ObjectNode event(
      String action, String session, String item, Instant time, String queryId) {
    ObjectNode event = JSON.createObjectNode()
        .put("action_name", action)
        .put("client_id", session)
        .put("session_id", session)
        .put("timestamp", time.toString());
    if (!queryId.isEmpty()) {
      event.put("query_id", queryId);
    }
    event.putObject("event_attributes").putObject("object").put("object_id", item);
    return event;
  }
}
