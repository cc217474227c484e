package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.node.NodeValidationException;

/**
 * Session rescoring combined with other search features: supported, or refused with an alternative.
 */
class SearchFeaturesTest {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 60).mapToObj(i -> "i" + i).toList();
  private static final int BRANDS = 7;
  private static final List<String> CLICKS = List.of("i3", "i9");
  private static final String SESSION =
      "\"model\": \"shop\", \"clicks\": [\"i3\", \"i9\"], \"item_field\": \"sku\"";
  private static final String REPLACE = SESSION + ", \"blend\": {\"replace\": {}}";

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
    node = LocalNode.start(home);
    http = node.http();
    http.ok("PUT", "/_ingest/pipeline/vectors", """
        {"processors": [{"attune_vector":
         {"model": "shop", "item_field": "sku", "vector_field": "vector"}}]}
        """);
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0, "default_pipeline": "vectors"},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "brand": {"type": "keyword"},
          "price": {"type": "integer"}, "title": {"type": "text"},
          "vector": {"type": "attune_vector", "dimension": 16},
          "variants": {"type": "nested", "properties": {"color": {"type": "keyword"}}}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (int i = 1; i <= ITEMS.size(); i++) {
      bulk.append(String.format(Locale.ROOT, """
          {"index": {"_id": "%d"}}
          {"sku": "i%d", "brand": "b%d", "price": %d, "title": "%s", "variants": [{"color": "red"}]}
          """, i, i, i % BRANDS, i, "shoe ".repeat(1 + i % 4)));
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  private static String search(String more, int window, String session) {
    return String.format(Locale.ROOT, """
        {"query": {"match": {"title": "shoe"}}, %s
         "rescore": {"window_size": %d, "session": {%s}}}
        """, more, window, session);
  }

  private static JsonNode ok(String path, String body) throws IOException, InterruptedException {
    JsonNode answer = http.ok("POST", path, body);
    assertThat(answer.at("/_shards/failed").asInt()).as("%s", answer).isZero();
    return answer;
  }

  private static List<String> skus(JsonNode hits) {
    List<String> skus = new ArrayList<>();
    hits.forEach(hit -> skus.add(hit.at("/_source/sku").asText()));
    return skus;
  }

  /** The items by descending session score. */
  private static List<String> best() {
    SessionVector vector = model.vector(CLICKS);
    List<String> best = new ArrayList<>(ITEMS);
    best.sort(Comparator.comparingDouble(id -> -score(vector, model.vocabulary().row(id))));
    return best;
  }

  private static String brand(String sku) {
    return "b" + Integer.parseInt(sku.substring(1)) % BRANDS;
  }

  /** The best item of each brand, the best first. */
  private static List<String> bestOfBrands() {
    Map<String, String> first = new LinkedHashMap<>();
    best().forEach(sku -> first.putIfAbsent(brand(sku), sku));
    return List.copyOf(first.values());
  }

  private static void assertRefused(String path, String body, String reason)
      throws IOException, InterruptedException {
    Http.Answer answer = http.send("POST", path, body);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    // the reason that clients show
    assertThat(answer.body().at("/error/root_cause/0/reason").asText()).contains(reason);
    assertThat(answer.body().at("/error/reason").asText()).contains(reason);
    assertThat(answer.body().toString()).doesNotContain(home.toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "collapse": {"field": "brand"},                              | with [docvalue_fields] [brand], and keep the first hit of each [brand]
      "collapse": {"field": "brand", "inner_hits": {"name": "x"}}, | or collapse the hits of an [attune] query
      "sort": [{"price": "asc"}],                                  | remove [sort] or the rescorer
      "sort": [{"_score": "asc"}],                                 | remove [sort] or the rescorer
      "sort": ["_score", "price"],                                 | remove [sort] or the rescorer
      "sort": ["_doc"],                                            | remove [sort] or the rescorer
      "sort": ["_score"], "search_after": [1.0],                   | page with [from] and [size]
      "search_after": [1.0],                                       | page with [from] and [size]
      "from": 25, "size": 10,                                      | set [window_size] to 35 or more, and to the same value for all pages
      "from": 2147483647, "size": 10,                              | set [window_size] to 2147483657 or more
      "aggs": {"x": {"top_hits": {}}},                             | the [top_hits] aggregation [x] has no [sort]
      "aggs": {"b": {"terms": {"field": "brand"}, "aggs": {"x": {"top_hits": {}}}}}, | add a [sort], or request it in a search without the rescorer
      "aggs": {"x": {"top_hits": {"sort": ["_score"]}}},           | keep the first of each group
      """)
  void whatASessionCannotGoWithIsRefusedWithTheWayOut(String more, String reason)
      throws IOException, InterruptedException {
    assertRefused("/shop/_search", search(more, 30, REPLACE), reason);
    assertRefused("/_search", search(more, 30, REPLACE), reason);
    JsonNode several = http.ok(
        "POST", "/shop/_msearch", "{}\n" + search(more, 30, REPLACE).replace('\n', ' ') + "\n");
    assertThat(several.at("/responses/0/status").asInt()).isEqualTo(400);
    assertThat(several.at("/responses/0/error/reason").asText()).contains(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void aWindowHasHits(int window) throws IOException, InterruptedException {
    assertRefused(
        "/shop/_search",
        search("\"size\": 0,", window, REPLACE),
        "[window_size] must be 1 or more for a [session] rescorer, not " + window);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"reciprocal_rank_fusion": {"k": 1e12}}     | [session] [blend]: [k] must be a whole number from 0 to 1000000, not 1.0E12
      {"reciprocal_rank_fusion": {"k": 1000000000000}} | from 0 to 1000000, not 1000000000000
      {"reciprocal_rank_fusion": {"k": 1000000000000000000000000000000}} | from 0 to 1000000, not 1000000000000000000000000000000
      {"reciprocal_rank_fusion": {"k": 4294967356}} | from 0 to 1000000, not 4294967356
      {"reciprocal_rank_fusion": {"k": 60.5}}     | must be a whole number
      {"reciprocal_rank_fusion": {"k": -1}}       | must be a whole number
      {"reciprocal_rank_fusion": {"k": "60"}}     | [k] must be a number, not [60]
      {"reciprocal_rank_fusion": {"weight": 2}}   | [weight] must be from 0 to 1, not 2.0
      {"weighted": {"weight": 1.00000000001}}     | [weight] must be from 0 to 1, not 1.00000000001
      {"weighted": {"weight": -1e-60}}            | [weight] must be from 0 to 1, not -1.0E-60
      {"weighted": {"weight": 1e400}}             | [weight] must be from 0 to 1
      {"weighted": {"weight": [1]}}               | [weight] must be a number, not [[1]]
      {"weighted": {"weight": 0.5, "k": 60}}      | unknown field [k] of the [blend] [weighted]
      {"weighted": 1}                             | [weighted] of [blend] must be an object
      {}                                          | [blend] must have exactly one field
      """)
  void numbersOfABlendAreCheckedWhenTheyAreRead(String blend, String reason)
      throws IOException, InterruptedException {
    assertRefused("/shop/_search", search("", 30, SESSION + ", \"blend\": " + blend), reason);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      [null]           | [session] [clicks]: must be a list of item ids, oldest first
      ["i1", null]     | but contains null at position 2
      [["i1"]]         | but contains a list at position 1
      [{"id": "i1"}]   | but contains an object at position 1
      null             | but contains null at position 1
      {"id": "i1"}     | clicks doesn't support values of type
      """)
  void whatIsNoClickIsRefused(String clicks, String reason)
      throws IOException, InterruptedException {
    String session = "\"model\": \"shop\", \"item_field\": \"sku\", \"clicks\": " + clicks;
    assertRefused("/shop/_search", search("", 30, session), reason);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "vector_field": "vector" | set either [item_field]
      "model": "none", "clicks": ["i1"], "item_field": "sku" | copy its directory to config/attune on every node
      "model": "shop", "clicks": ["i1"], "item_field": "sku", "on_failure": "panic" | must be [first_pass] or [fail]
      """)
  void theReasonIsOnTop(String session, String reason) throws IOException, InterruptedException {
    assertRefused("/shop/_search", search("", 30, session), reason);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "clicks": ["i1", null]     | [attune] [clicks]: must be a list of item ids
      "clicks": ["i1"], "k": 0   | [k] must be from 1 to 10000, not 0
      "clicks": ["i1"], "k": 1000000000000   | out of range of `int`
      """)
  void theReasonIsOnTopInsideOfAnotherQueryToo(String fields, String reason)
      throws IOException, InterruptedException {
    String query =
        "{\"attune\": {\"vector_field\": \"vector\", \"model\": \"shop\", " + fields + "}}";
    assertRefused("/shop/_search", "{\"query\": " + query + "}", reason);
    Http.Answer answer =
        http.send("POST", "/shop/_search", "{\"query\": {\"bool\": {\"must\": [" + query + "]}}}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/error/root_cause/0/reason").asText()).contains(reason);
  }

  @Test
  void insteadOfCollapseTheFirstHitOfEachGroupIsKept() throws IOException, InterruptedException {
    JsonNode hits = ok(
            "/shop/_search", search("\"size\": 60, \"docvalue_fields\": [\"brand\"],", 60, REPLACE))
        .at("/hits/hits");
    Map<String, String> first = new LinkedHashMap<>();
    hits.forEach(hit -> first.putIfAbsent(
        hit.at("/fields/brand/0").asText(), hit.at("/_source/sku").asText()));
    assertThat(List.copyOf(first.values())).isEqualTo(bestOfBrands());
  }

  @Test
  void theHitsOfAnAttuneQueryMayBeCollapsed() throws IOException, InterruptedException {
    JsonNode answer = ok("/shop/_search", """
        {"query": {"attune": {"vector_field": "vector", "model": "shop", "clicks": ["i3", "i9"],
          "filter": {"match": {"title": "shoe"}}}},
         "collapse": {"field": "brand", "inner_hits": {"name": "more", "size": 2}}}
        """);
    assertThat(skus(answer.at("/hits/hits"))).isEqualTo(bestOfBrands());
    for (JsonNode hit : answer.at("/hits/hits")) {
      String brand = brand(hit.at("/_source/sku").asText());
      assertThat(skus(hit.at("/inner_hits/more/hits/hits")))
          .isEqualTo(
              best().stream().filter(sku -> brand(sku).equals(brand)).limit(2).toList());
    }
  }

  static Stream<String> harmless() {
    return Stream.of(
        "\"track_total_hits\": false,",
        "\"track_scores\": true,",
        "\"profile\": true,",
        "\"sort\": [\"_score\"],",
        "\"sort\": [{\"_score\": \"desc\"}],",
        "\"min_score\": 0.0,",
        "\"timeout\": \"1m\",",
        "\"highlight\": {\"fields\": {\"title\": {}}},",
        "\"suggest\": {\"s\": {\"text\": \"shoo\", \"term\": {\"field\": \"title\"}}},",
        "\"aggs\": {\"b\": {\"terms\": {\"field\": \"brand\"}, \"aggs\": {\"x\":"
            + " {\"top_hits\": {\"size\": 2, \"sort\": [\"price\"]}}}}},");
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void whatDoesNotTouchTheOrderGoesWithASession(String more)
      throws IOException, InterruptedException {
    JsonNode answer = ok("/shop/_search", search(more, 60, REPLACE));
    assertThat(skus(answer.at("/hits/hits"))).isEqualTo(best().subList(0, 10));
  }

  @Test
  void aPointInTimeAndAFilterAfterwardsGoWithASession() throws IOException, InterruptedException {
    String pit = http.ok("POST", "/shop/_search/point_in_time?keep_alive=1m", "")
        .get("pit_id")
        .asText();
    JsonNode answer = ok("/_search", search("\"pit\": {\"id\": \"" + pit + "\"},", 60, REPLACE));
    assertThat(skus(answer.at("/hits/hits"))).isEqualTo(best().subList(0, 10));

    answer = ok(
        "/shop/_search", search("\"post_filter\": {\"term\": {\"brand\": \"b1\"}},", 60, REPLACE));
    assertThat(skus(answer.at("/hits/hits")))
        .isEqualTo(best().stream().filter(sku -> brand(sku).equals("b1")).toList());
  }

  @Test
  void nestedHitsAreLeftAsTheyAre() throws IOException, InterruptedException {
    JsonNode answer = ok("/shop/_search", """
        {"query": {"nested": {"path": "variants", "query": {"match_all": {}}, "inner_hits": {}}},
         "size": 3, "rescore": {"window_size": 60, "session": {%s}}}
        """.formatted(REPLACE));
    assertThat(skus(answer.at("/hits/hits"))).isEqualTo(best().subList(0, 3));
    for (JsonNode hit : answer.at("/hits/hits")) {
      JsonNode inner = hit.at("/inner_hits/variants/hits/hits/0");
      assertThat(inner.at("/_source/color").asText()).isEqualTo("red");
      assertThat(inner.has("fields")).isFalse();
    }
  }

  @Test
  void pagesOfOneWindowAreOneRanking() throws IOException, InterruptedException {
    List<String> pages = new ArrayList<>();
    for (int from = 0; from < 30; from += 7) {
      String page = "\"from\": " + from + ", \"size\": 7,";
      pages.addAll(skus(ok("/shop/_search", search(page, 40, SESSION)).at("/hits/hits")));
    }
    assertThat(pages)
        .isEqualTo(
            skus(ok("/shop/_search", search("\"size\": 35,", 40, SESSION)).at("/hits/hits")));
  }

  @Test
  void theSessionIsTheLastOfSeveralRescorers() throws IOException, InterruptedException {
    String session = "{\"window_size\": 60, \"session\": {" + REPLACE + "}}";
    String words = """
        {"window_size": 20, "query": {"rescore_query": {"term": {"brand": "b2"}}}}
        """;
    for (String chain : List.of(session + "," + words, session + "," + session)) {
      assertRefused(
          "/shop/_search",
          "{\"query\": {\"match\": {\"title\": \"shoe\"}}, \"rescore\": [" + chain + "]}",
          "of several rescorers, [session] must be the last");
    }
    JsonNode answer = ok(
        "/shop/_search",
        "{\"query\": {\"match_all\": {}}, \"rescore\": [" + words + "," + session + "]}");
    assertThat(skus(answer.at("/hits/hits"))).isEqualTo(best().subList(0, 10));
  }

  @Test
  void idsOfAnyKindGetTheVectorThatTheirHitsAreRankedBy() throws IOException, InterruptedException {
    // Two known items: the pipeline and the join by id must choose the same one of them.
    http.ok("PUT", "/mixed", """
        {"settings": {"number_of_shards": 1, "default_pipeline": "vectors"},
         "mappings": {"properties": {"sku": {"type": "keyword"},
          "vector": {"type": "attune_vector", "dimension": 16}}}}
        """);
    List<String> ids = List.of(
        "\"i3\"",
        "[\"i9\", \"i2\"]",
        "[\"i2\", \"i30\"]",
        "[\"x\", \"i4\"]",
        "4711",
        "null",
        "true");
    for (int i = 0; i < ids.size(); i++) {
      http.ok("PUT", "/mixed/_doc/" + i + "?refresh=true", "{\"sku\": " + ids.get(i) + "}");
    }
    List<List<String>> ranked = new ArrayList<>();
    for (String source : List.of("\"item_field\": \"sku\"", "\"vector_field\": \"vector\"")) {
      List<String> hits = new ArrayList<>();
      String search = """
          {"query": {"match_all": {}}, "rescore": {"window_size": 10, "session": {"model": "shop",
           "clicks": ["i3"], "blend": {"replace": {}}, %s}}}
          """.formatted(source);
      ok("/mixed/_search", search)
          .at("/hits/hits")
          .forEach(hit -> hits.add(hit.get("_id").asText()));
      ranked.add(hits);
    }
    assertThat(ranked.get(1)).hasSize(ids.size()).isEqualTo(ranked.get(0));

    Http.Answer refused = http.send("PUT", "/mixed/_doc/x", "{\"sku\": {\"id\": \"i1\"}}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().at("/error/root_cause/0/reason").asText())
        .contains("[sku] must be an item id or a list of item ids");
  }

  @Test
  void aScrollIsRefused() throws IOException, InterruptedException {
    assertRefused(
        "/shop/_search?scroll=1m",
        search("", 60, REPLACE),
        "[rescore] is not allowed in a scroll context");
  }

  /** The plain computation. */
  private static float score(SessionVector vector, int row) {
    return model.items().dot(vector.query(), row) + vector.clicked().of(row);
  }
}
