package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.opensearch.cluster.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opensearch.node.NodeValidationException;

/** The README's commands work in a cluster like the example's. */
class ReadmeTest {
  private static final List<String> ITEMS = IntStream.rangeClosed(1, 50)
      .mapToObj(i -> String.format(Locale.ROOT, "hik-%03d", i))
      .toList();
  private static final int DIMENSION = 12;
  private static final Pattern REQUEST =
      Pattern.compile("(PUT|POST|DELETE) (\\S+)\n(.*?)(?=\n\n|\n*\\z)", Pattern.DOTALL);
  private static final Pattern CURL = Pattern.compile(
      "curl -X (\\S+) \"?\\$node(/[^\" ]*)\"? -H \"\\$json\" -d '\n(.*?)'\n\n", Pattern.DOTALL);

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    RandomModel.saveWithTexts(home.resolve("config/attune/shop"), ITEMS, DIMENSION, 1);
    node = LocalNode.start(home, List.of(UbiExt.class));
    http = node.http();
    // As the example makes it.
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (String item : ITEMS) {
      bulk.append("""
          {"index": {"_id": "%s"}}
          {"sku": "%s", "title": "a boot"}
          """.formatted(item, item));
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  /** The first block of code below a heading. */
  private static String block(String heading) throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("\n```\n", readme.indexOf("\n## " + heading + "\n")) + 5;
    return readme.substring(from, readme.indexOf("```\n", from)) + "\n";
  }

  @Test
  void theSectionOnRetrievalWorksAsPasted() throws IOException, InterruptedException {
    String dimension = http.ok("GET", "/_attune/models", "")
        .at("/nodes")
        .iterator()
        .next()
        .at("/models/shop/dimension")
        .asText();
    assertThat(dimension).isEqualTo("" + DIMENSION);
    List<MatchResult> commands = CURL.matcher(block("Retrieve")).results().toList();
    assertThat(commands).hasSize(4);
    JsonNode last = null;
    for (MatchResult command : commands) {
      last = http.ok(
          command.group(1), command.group(2), command.group(3).replace("'$dimension'", dimension));
      assertThat(last.path("errors").asBoolean()).as("%s", last).isFalse();
    }
    assertThat(last).isNotNull();
    assertThat(last.at("/hits/hits")).hasSize(3);
  }

  @Test
  void theSectionOnNewItemsWorksAsPasted() throws IOException, InterruptedException {
    List<MatchResult> commands = CURL.matcher(block("New items")).results().toList();
    assertThat(commands).hasSize(2);
    JsonNode last = null;
    for (MatchResult command : commands) {
      last = http.ok(command.group(1), command.group(2), command.group(3));
    }
    try {
      assertThat(last).isNotNull();
      assertThat(last.at("/hits/total/value").asInt()).isEqualTo(ITEMS.size() + 1);
      JsonNode all = http.ok(
          "POST",
          "/shop/_search",
          commands.getLast().group(3).replace("\"size\": 3", "\"size\": 100"));
      for (JsonNode hit : all.at("/hits/hits")) {
        assertThat(hit.get("_explanation").toString().contains("from its words alone"))
            .isEqualTo(hit.get("_id").asText().equals("new-1"));
        assertThat(hit.at("/fields/attune_model")).hasSize(1);
      }
    } finally {
      http.ok("DELETE", "/shop/_doc/new-1?refresh=true", "");
    }
  }

  @Test
  void theSectionOnRanksWorksAsPasted() throws IOException, InterruptedException {
    String[] lines = block("Re-rank").split("\n", 2);
    assertThat(lines[0]).isEqualTo("POST shop/_search");
    JsonNode hits = http.ok("POST", "/shop/_search", lines[1]).at("/hits/hits");
    assertThat(hits).hasSize(10);
    for (JsonNode hit : hits) {
      assertThat(hit.at("/fields/attune_model")).hasSize(1);
    }
  }

  /** Sends the requests of a section, up to one that another plugin answers, and returns that. */
  private static JsonNode send(String heading) throws IOException, InterruptedException {
    List<MatchResult> requests = REQUEST.matcher(block(heading)).results().toList();
    assertThat(requests).hasSizeGreaterThan(2);
    JsonNode answer = JsonNodeFactory.instance.missingNode();
    for (MatchResult request : requests) {
      if (request.group(2).startsWith("_plugins/")) {
        return new ObjectMapper().readTree(request.group(3));
      }
      answer = http.ok(request.group(1), "/" + request.group(2), request.group(3));
    }
    return answer;
  }

  private static List<String> ids(JsonNode answer) {
    assertThat(answer.at("/hits/hits")).hasSize(10);
    return answer.at("/hits/hits").findValuesAsText("_id");
  }

  private static List<String> byClicks(String clicks) throws IOException, InterruptedException {
    return ids(http.ok("POST", "/shop/_search", """
        {"query": {"match": {"title": "boot"}}, "rescore": {"window_size": 500, "session":
         {"model": "shop", "item_field": "sku", "clicks": [%s]}}}
        """.formatted(clicks)));
  }

  @Test
  void theSectionOnEventsWorksAsPasted() throws IOException, InterruptedException {
    http.ok("PUT", "/ubi_events", """
        {"mappings": {"properties": {"action_name": {"type": "keyword"},
         "client_id": {"type": "keyword"}, "timestamp": {"type": "date"},
         "event_attributes": {"properties": {"object": {"properties": {
          "object_id": {"type": "keyword"}}}}}}}}
        """);
    http.ok("POST", "/ubi_events/_doc?refresh=true", """
        {"client_id": "visitor-1", "action_name": "click", "timestamp": %s,
         "event_attributes": {"object": {"object_id": "hik-007"}}}
        """.formatted(System.currentTimeMillis()));
    try {
      List<String> expected = byClicks("\"hik-007\"");
      assertThat(expected).isNotEqualTo(byClicks(""));
      // On a busy machine it may take more than its time to find clicks.
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      List<String> found = List.of();
      while (!found.equals(expected) && System.nanoTime() - end < 0) {
        found = ids(send("Sessions from events"));
      }
      assertThat(found).isEqualTo(expected);
    } finally {
      http.ok("PUT", "/shop/_settings", "{\"index.search.default_pipeline\": null}");
    }
  }

  /** The events in the page about the server go into the index that UBI makes. */
  @Test
  void eventsOfTheServerAreReadByTheMappingOfUbi() throws IOException, InterruptedException {
    http.ok("PUT", "/logged_events", """
        {"mappings": {"properties": {"timestamp":
         {"type": "date", "format": "strict_date_time", "ignore_malformed": true}}}}
        """);
    String page = Files.readString(Path.of("../../docs/serving.md"));
    int from = page.indexOf("\n```\n", page.indexOf("\n### Events\n")) + 5;
    int events = 0;
    try (MappingIterator<JsonNode> lines = new ObjectMapper()
        .readerFor(JsonNode.class)
        .readValues(page.substring(from, page.indexOf("```\n", from)))) {
      while (lines.hasNext()) {
        http.ok("POST", "/logged_events/_doc?refresh=true", lines.next().toString());
        events++;
      }
    }
    JsonNode found = http.ok("GET", "/logged_events/_count", """
        {"query": {"range": {"timestamp": {"gte": "2026-03-01T00:00:00Z"}}}}
        """);
    assertThat(events).isEqualTo(2);
    assertThat(found.get("count").asInt()).isEqualTo(events);
  }

  @Test
  void theSectionOnClicksWithoutEventsWorksAsPasted() throws IOException, InterruptedException {
    assertThat(send("Clicks without events").get("existed").asBoolean()).isTrue();
  }

  @Test
  void theSearchConfigurationIsASearchByItsPipeline() throws IOException, InterruptedException {
    JsonNode configuration = send("Experiments");
    // As Search Relevance Workbench fills its placeholder.
    String query = configuration.get("query").asText().replace("%SearchText%", "boot");
    String path = "/" + configuration.get("index").asText() + "/_search?search_pipeline="
        + configuration.get("searchPipeline").asText();
    assertThat(ids(http.ok("POST", path, query)))
        .isEqualTo(byClicks("\"hik-001\", \"hik-003\""))
        .isNotEqualTo(byClicks(""));
  }
}
