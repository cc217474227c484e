package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.node.NodeValidationException;

/** Tests the plugin over HTTP on a node in this process. */
class LocalNodeTest {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 80).mapToObj(i -> "i" + i).toList();
  private static final int DOCUMENTS = 100; // the last 20 are of items that the model does not know

  @TempDir
  private static Path home;

  private static ServingModel model;
  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    Path directory = home.resolve("config/attune/shop");
    RandomModel.save(directory, ITEMS, 16, 1);
    model = ServingModel.open(directory);
    RandomModel.save(home.resolve("config/attune/narrow"), ITEMS, 8, 2);
    RandomModel.save(home.resolve("config/attune/worn"), ITEMS, 16, 3);
    node = LocalNode.start(home);
    http = node.http();
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (int i = 1; i <= DOCUMENTS; i++) {
      bulk.append("{\"index\": {\"_id\": \"").append(i).append("\"}}\n");
      bulk.append("{\"sku\": \"i").append(i).append("\", \"title\": \"");
      bulk.append("shoe ".repeat(1 + i % 7)).append("\"}\n");
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
    http.ok("PUT", "/_ingest/pipeline/vectors", """
        {"processors": [{"attune_vector":
         {"model": "shop", "item_field": "sku", "vector_field": "vector"}}]}
        """);
    http.ok("PUT", "/vectors", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0, "default_pipeline": "vectors"},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"},
          "vector": {"type": "attune_vector", "dimension": 16}}}}
        """);
    http.ok("POST", "/vectors/_bulk?refresh=true", bulk.toString());
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  private static String search(String rescore, String more) {
    return """
        {"query": {"match": {"title": "shoe"}}, "size": 100, %s
         "rescore": {"window_size": 100, "session": {%s}}}
        """.formatted(more, rescore);
  }

  private static String session(String clicks, String more) {
    return "\"model\": \"shop\", \"clicks\": [" + clicks + "], " + more;
  }

  private static JsonNode hits(JsonNode answer) {
    assertThat(answer.at("/_shards/failed").asInt()).as("%s", answer).isZero();
    return answer.at("/hits/hits");
  }

  private static List<String> ids(JsonNode hits) {
    return StreamSupport.stream(hits.spliterator(), false)
        .map(hit -> hit.get("_source").get("sku").asText())
        .toList();
  }

  @Test
  void hitsAreRankedByTheSessionAndNameTheModel() throws IOException, InterruptedException {
    JsonNode hits = hits(http.ok(
        "POST",
        "/shop/_search",
        search(
            session("\"i3\", \"i9\"", "\"item_field\": \"sku\", \"blend\": {\"replace\": {}}"),
            "")));
    assertThat(hits).hasSize(DOCUMENTS);
    SessionVector vector = model.vector(List.of("i3", "i9"));
    List<String> known = new ArrayList<>(ITEMS);
    known.sort(
        Comparator.comparingDouble(id -> -score(vector, model.vocabulary().row(id))));
    assertThat(ids(hits).stream().filter(ITEMS::contains)).containsExactlyElementsOf(known);
    for (JsonNode hit : hits) {
      boolean isKnown = ITEMS.contains(hit.at("/_source/sku").asText());
      assertThat(hit.at("/fields/attune_model/0").asText())
          .isEqualTo(isKnown ? "shop@" + model.version().substring(0, 12) : "");
    }
  }

  @Test
  void anEmptySessionIsTheFirstPass() throws IOException, InterruptedException {
    JsonNode plain = hits(http.ok(
        "POST", "/shop/_search", "{\"query\": {\"match\": {\"title\": \"shoe\"}}, \"size\": 100}"));
    for (String clicks : List.of("", "\"unheard of\"")) {
      JsonNode hits = hits(
          http.ok("POST", "/shop/_search", search(session(clicks, "\"item_field\": \"sku\""), "")));
      assertThat(hits).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void explanationsNameClicksAndAddUpToTheScore(int shards)
      throws IOException, InterruptedException {
    String index = shards == 2 ? "/shop" : "/one";
    if (shards == 1) {
      http.ok("PUT", "/one", """
          {"settings": {"number_of_shards": 1, "number_of_replicas": 0},
           "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
          """);
      http.ok("PUT", "/one/_doc/1?refresh=true", "{\"sku\": \"i1\", \"title\": \"shoe\"}");
    }
    JsonNode hits = hits(http.ok(
        "POST",
        index + "/_search",
        search(session("\"i3\"", "\"item_field\": \"sku\""), "\"explain\": true,")));
    assertThat(hits).isNotEmpty();
    for (JsonNode hit : hits) {
      JsonNode explanation = hit.get("_explanation");
      assertThat(explanation.get("value").floatValue())
          .isEqualTo(hit.get("_score").floatValue());
      assertThat(explanation.get("description").asText()).contains("in the first pass");
      if (ITEMS.contains(hit.at("/_source/sku").asText())) {
        assertThat(explanation.toString()).contains("click 1 of 1, id i3: 100 %");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "model": "none", "clicks": ["i1"], "item_field": "sku"                | unknown model [none]; known models: [narrow, shop, worn]
      "model": "shop", "item_field": "sku"                                  | Required [clicks]
      "clicks": ["i1"], "item_field": "sku"                                 | Required [model]
      "model": "shop", "clicks": ["i1"]                                     | set either [item_field]
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "vector_field": "v" | set either [item_field]
      "model": "shop", "clicks": ["i1"], "item_field": "nothing"            | has no such field
      "model": "shop", "clicks": ["i1"], "item_field": "title"              | must be a [keyword] field
      "model": "shop", "clicks": ["i1"], "vector_field": "nothing"          | has no such field
      "model": "shop", "clickz": ["i1"], "item_field": "sku"                | did you mean [clicks]
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "blend": {"sum": {}} | unknown [blend] [sum]
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "blend": {"weighted": {"weight": 2}} | [weight] must be from 0 to 1
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "blend": {"weighted": {"normalization": "l2"}} | must be [min_max], [z_score] or [none]
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "on_failure": "panic" | must be [first_pass] or [fail]
      """)
  void badRequestsAreToldWhatToDo(String rescore, String message)
      throws IOException, InterruptedException {
    Http.Answer answer = http.send("POST", "/shop/_search", search(rescore, ""));
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().toString().replace("\\\"", "\"")).contains(message);
  }

  @Test
  void tenThousandClicksAreTooMany() throws IOException, InterruptedException {
    String clicks = String.join(",", Collections.nCopies(10_000, "\"i1\""));
    Http.Answer answer =
        http.send("POST", "/shop/_search", search(session(clicks, "\"item_field\": \"sku\""), ""));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().toString()).contains("send the newest 1000");
  }

  @Test
  void aWindowIsAtLeastAPage() throws IOException, InterruptedException {
    Http.Answer answer = http.send("POST", "/shop/_search", """
        {"query": {"match_all": {}}, "from": 20, "size": 10, "rescore": {"window_size": 29,
         "session": {"model": "shop", "clicks": ["i1"], "item_field": "sku"}}}
        """);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().toString()).contains("set [window_size] to 30 or more");
  }

  @Test
  void modelsAreListedByNode() throws IOException, InterruptedException {
    JsonNode nodes = http.ok("GET", "/_attune/models", "").get("nodes");
    assertThat(nodes).hasSize(1);
    JsonNode status = nodes.iterator().next();
    assertThat(status.at("/models/shop/in_use").asText()).isEqualTo(model.version());
    assertThat(status.at("/models/shop/versions/0").asText()).isEqualTo(model.version());
    assertThat(status.at("/models/shop/dimension").asInt()).isEqualTo(16);
    assertThat(status.at("/models/shop/items").asInt()).isEqualTo(ITEMS.size());
  }

  private static List<String> best(List<String> clicks) {
    SessionVector vector = model.vector(clicks);
    List<String> best = new ArrayList<>(ITEMS);
    best.sort(Comparator.comparingDouble(id -> -score(vector, model.vocabulary().row(id))));
    return best;
  }

  @Test
  void itemsAreFoundBySessionAmongThoseThatPassAFilter() throws IOException, InterruptedException {
    String query = """
        {"size": 100, "query": {"attune": {"vector_field": "vector", "model": "shop",
         "clicks": ["i3", "i9"], "k": 100%s}}}
        """;
    JsonNode hits =
        hits(http.ok("POST", "/vectors/_search", String.format(Locale.ROOT, query, "")));
    assertThat(ids(hits)).isEqualTo(best(List.of("i3", "i9")));
    assertThat(hits.get(0).get("_score").asDouble()).isPositive();

    List<String> wanted = List.of("i7", "i20", "i50", "i99"); // the last has no vector
    hits = hits(http.ok(
        "POST",
        "/vectors/_search",
        String.format(
            Locale.ROOT,
            query,
            ", \"filter\": {\"terms\": {\"sku\": [\"i7\", \"i20\", \"i50\", \"i99\"]}}")));
    assertThat(ids(hits))
        .isEqualTo(best(List.of("i3", "i9")).stream().filter(wanted::contains).toList());
  }

  @Test
  void everyDocumentHasTheScoreOfTheModelsOwnVectors() throws IOException, InterruptedException {
    String joined = """
        {"size": 100, "query": {"attune": {"item_field": "sku", "model": "shop",
         "clicks": ["i3", "i9"], "filter": {"terms": {"sku": ["i7", "i20", "i50", "i99"]}}}}}
        """;
    JsonNode hits = hits(http.ok("POST", "/vectors/_search", joined));
    List<String> expected = new ArrayList<>(best(List.of("i3", "i9")));
    expected.retainAll(List.of("i7", "i20", "i50"));
    expected.add("i99"); // which the model does not know
    assertThat(ids(hits)).isEqualTo(expected);
    assertThat(hits.get(3).get("_score").asDouble()).isZero();
    assertThat(hits.get(2).get("_score").asDouble()).isPositive();
    String indexed = joined.replace("item_field\": \"sku", "vector_field\": \"vector");
    JsonNode same = hits(http.ok("POST", "/vectors/_search", indexed));
    for (int i = 0; i < 3; i++) {
      assertThat(same.get(i).get("_score").asDouble())
          .isCloseTo(hits.get(i).get("_score").asDouble(), within(1e-4));
    }
  }

  @Test
  void vectorsInTheIndexRankAsThoseOfTheModelDo() throws IOException, InterruptedException {
    String replace = ", \"blend\": {\"replace\": {}}";
    JsonNode joined = hits(http.ok(
        "POST",
        "/vectors/_search",
        search(session("\"i3\"", "\"item_field\": \"sku\"" + replace), "")));
    JsonNode indexed = hits(http.ok(
        "POST",
        "/vectors/_search",
        search(session("\"i3\"", "\"vector_field\": \"vector\"" + replace), "")));
    assertThat(ids(indexed)).isEqualTo(ids(joined));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"vector_field": "vector", "model": "narrow", "clicks": ["i1"]}           | with 16 dimensions, but the model's vectors have 8
      {"vector_field": "nothing", "model": "shop", "clicks": ["i1"]}            | has no such field
      {"vector_field": "sku", "model": "shop", "clicks": ["i1"]}                | must be of type [attune_vector]
      {"vector_field": "vector", "model": "none", "clicks": ["i1"]}             | unknown model [none]
      {"model": "shop", "clicks": ["i1"]}                                       | set either [item_field], the field with the item's id, or [vector_field]
      {"item_field": "title", "model": "shop", "clicks": ["i1"]}                | must be a [keyword] field
      {"vector_field": "vector", "model": "shop", "clicks": ["i1"], "k": 0}     | [k] must be from 1 to 10000
      """)
  void badQueriesAreToldWhatToDo(String query, String message)
      throws IOException, InterruptedException {
    Http.Answer answer =
        http.send("POST", "/vectors/_search", "{\"query\": {\"attune\": " + query + "}}");
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().toString()).contains(message);
  }

  @Test
  void vectorsOfAnotherDimensionAreRefused() throws IOException, InterruptedException {
    Http.Answer rescored = http.send(
        "POST",
        "/vectors/_search",
        search("\"model\": \"narrow\", \"clicks\": [\"i1\"], \"vector_field\": \"vector\"", ""));
    assertThat(rescored.status()).isEqualTo(400);
    assertThat(rescored.body().toString()).contains("or use [item_field]");

    Http.Answer document =
        http.send("PUT", "/vectors/_doc/x?pipeline=_none", "{\"vector\": [1, 2]}");
    assertThat(document.status()).isEqualTo(400);
    assertThat(document.body().toString()).contains("has 2 numbers, but its mapping says");

    Http.Answer mapping = http.send(
        "PUT", "/bad", "{\"mappings\": {\"properties\": {\"v\": {\"type\": \"attune_vector\"}}}}");
    assertThat(mapping.status()).isEqualTo(400);
    assertThat(mapping.body().toString()).contains("GET _attune/models");
  }

  @Test
  void vectorsOfAnotherVersionAreNotComparedWithASession() throws Exception {
    http.ok("PUT", "/stale", """
        {"settings": {"number_of_shards": 1, "number_of_replicas": 0},
         "mappings": {"properties": {"title": {"type": "text"},
          "vector": {"type": "attune_vector", "dimension": 16}}}}
        """);
    String values = "[" + "1, ".repeat(15) + "1]";
    String document =
        "{\"title\": \"shoe\", \"vector\": {\"version\": \"%s\", \"row\": 7, \"values\": %s}}";
    http.ok(
        "PUT", "/stale/_doc/1?refresh=true", String.format(Locale.ROOT, document, "0ld", values));
    String query = """
        {"query": {"attune": {"vector_field": "vector", "model": "shop", "clicks": ["i1"]}}}""";
    Http.Answer refused = http.send("POST", "/stale/_search", query);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().toString())
        .contains("are of version 0ld", "only vectors of the same model can be compared");
    String request = search(session("\"i1\"", "\"vector_field\": \"vector\""), "");
    JsonNode kept = hits(http.ok("POST", "/stale/_search", request)).get(0);
    assertThat(kept.at("/fields/attune_model").isMissingNode()).as("%s", kept).isTrue();

    http.ok(
        "PUT",
        "/stale/_doc/2?refresh=true",
        String.format(Locale.ROOT, document, model.version(), values));
    JsonNode found = hits(http.ok("POST", "/stale/_search", query));
    assertThat(found).hasSize(1);
    assertThat(found.get(0).get("_id").asText()).isEqualTo("2");

    JsonNode wrong = http.send("PUT", "/stale/_doc/3", "{\"vector\": {\"values\": " + values + "}}")
        .body();
    assertThat(wrong.toString()).contains("must have [version], the model's version, and [values]");
  }

  @Test
  void aVectorWhoseItemIsNotRecordedIsRefusedByAModelThatCorrectsScores() throws Exception {
    http.ok("PUT", "/rowless", """
        {"settings": {"number_of_shards": 1, "number_of_replicas": 0},
         "mappings": {"properties": {"vector": {"type": "attune_vector", "dimension": 16}}}}
        """);
    String values = "[" + "1, ".repeat(15) + "1]";
    http.ok("PUT", "/rowless/_doc/1?refresh=true", "{\"vector\": " + values + "}");
    Http.Answer refused = http.send("POST", "/rowless/_search", """
        {"query": {"attune": {"vector_field": "vector", "model": "shop", "clicks": ["i1"]}}}""");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().toString()).contains("a vector and no row in field vector#row");
    String below = "{\"vector\": {\"version\": \"v\", \"row\": -1, \"values\": " + values + "}}";
    assertThat(http.send("PUT", "/rowless/_doc/2", below).body().toString())
        .contains("[row] of 1 or more");
  }

  @Test
  void aModelThatIsOverwrittenUnderLoadGoesOnAnsweringAndSaysWhatIsWrong() throws Exception {
    String request = search(
        "\"model\": \"worn\", \"clicks\": [\"i3\"], \"item_field\": \"sku\","
            + " \"blend\": {\"replace\": {}}, \"on_failure\": \"fail\"",
        "");
    List<String> expected = ids(hits(http.ok("POST", "/shop/_search", request)));
    Path weights = home.resolve("config/attune/worn/weights.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService load = Executors.newSingleThreadExecutor()) {
      Future<Integer> searching = load.submit(() -> {
        int searches = 0;
        while (!stop.get()) {
          assertThat(ids(hits(http.ok("POST", "/shop/_search", request)))).isEqualTo(expected);
          searches++;
        }
        return searches;
      });
      for (int size : new int[] {whole.length, 1000, 0}) {
        Files.write(weights, new byte[size]);
        awaitFailure(failure -> failure.contains("truncated or changed"));
        assertThat(searching.isDone()).isFalse();
        Files.write(weights, whole);
        awaitFailure(String::isEmpty);
      }
      stop.set(true);
      assertThat(searching.get()).isPositive();
    }
  }

  /** Polls until a refresh of the models has noticed a change. */
  private static void awaitFailure(Predicate<String> expected) throws Exception {
    String failure = "";
    for (int i = 0; i < 5_000; i++) {
      JsonNode node =
          http.ok("GET", "/_attune/models", "").at("/nodes").elements().next();
      failure = node.at("/models/worn/failure").asText("");
      if (expected.test(failure)) {
        return;
      }
    }
    throw new AssertionError("the node says: " + failure);
  }

  /** The plain computation. */
  private static float score(SessionVector vector, int row) {
    return model.items().dot(vector.query(), row) + vector.clicked().of(row);
  }
}
