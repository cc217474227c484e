package io.attune.opensearch.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The shop's index and searches. */
final class ShopSearch {
  static final int WINDOW = 500;

  private static final ObjectMapper JSON = new ObjectMapper();

  private ShopSearch() {}

  /**
   * Creates an index with two shards and a replica of each, with the item's id as a keyword, and
   * fills it.
   */
  static void index(LocalCluster cluster, Map<String, String> titles)
      throws IOException, InterruptedException {
    Http http = cluster.node(0).http();
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 1},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (Map.Entry<String, String> item : titles.entrySet()) {
      ObjectNode action = JSON.createObjectNode();
      action.putObject("index").put("_id", item.getKey());
      ObjectNode document =
          JSON.createObjectNode().put("sku", item.getKey()).put("title", item.getValue());
      bulk.append(action).append('\n').append(document).append('\n');
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
    cluster.awaitGreen("shop");
  }

  /** A text search. */
  static String textSearch(String words, int size) {
    return json(words(words, size));
  }

  /** The same search, re-ranked by the clicks of a visit. */
  static String sessionSearch(String words, int size, List<String> clicks) {
    ObjectNode body = words(words, size);
    ObjectNode rescore = body.putObject("rescore").put("window_size", WINDOW);
    ObjectNode session = rescore.putObject("session");
    session.put("model", "shop").put("item_field", "sku").putPOJO("clicks", clicks);
    return json(body);
  }

  /** The same search by a pipeline that finds the clicks of a session. */
  static String namedSearch(String words, int size, String session) {
    ObjectNode body = words(words, size);
    body.putObject("ext").putObject("attune").put("session", session);
    return json(body);
  }

  private static ObjectNode words(String words, int size) {
    ObjectNode body = JSON.createObjectNode().put("size", size);
    body.putObject("query").putObject("match").put("title", words);
    return body;
  }

  private static String json(ObjectNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be serialized", e);
    }
  }
}
