package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.opensearch.cluster.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.node.NodeValidationException;

/** Several shards and several indexes rank like a single shard, tested over HTTP. */
class ShardsTest {
  private static final int DOCUMENTS = 600;
  private static final int KNOWN = 450; // the model knows the items up to here
  private static final Offset<Double> BITS = Offset.offset(1e-5);

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    List<String> items = IntStream.rangeClosed(1, KNOWN).mapToObj(i -> "i" + i).toList();
    RandomModel.save(home.resolve("config/attune/shop"), items, 16, 1);
    Path learned = home.resolve("config/attune/learned");
    RandomModel.save(learned, items, 16, 1);
    Model.saveBlend(
        learned,
        Model.open(learned).version(),
        new LearnedBlend(
            SessionRescoreTest.LEARNED.weights(),
            new LearnedBlend.Origin("test", "", "today", 1, 1, Map.of())));
    Files.createDirectories(home.resolve("config/attune/broken"));
    Files.writeString(home.resolve("config/attune/broken/manifest.json"), "{");
    node = LocalNode.start(home);
    http = node.http();
    create("one", 1);
    create("five", 5);
    String documents = documents();
    http.ok("POST", "/one/_bulk?refresh=true", documents);
    http.ok("POST", "/five/_bulk?refresh=true", documents);
  }

  @AfterAll
  static void stop() throws IOException {
    if (node != null) {
      node.close();
    }
  }

  private static void create(String index, int shards) throws IOException, InterruptedException {
    http.ok("PUT", "/" + index, String.format(Locale.ROOT, """
        {"settings": {"number_of_shards": %d, "number_of_replicas": 0},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"},
          "rank": {"type": "double"}}}}
        """, shards));
  }

  /** Titles of three out of twenty words; every item has a distinct rank. */
  private static String documents() {
    Random random = new Random(3);
    StringBuilder bulk = new StringBuilder();
    for (int i = 1; i <= DOCUMENTS; i++) {
      bulk.append(String.format(
          Locale.ROOT,
          """
          {"index": {"_id": "%d"}}
          {"sku": "i%d", "title": "w%d w%d w%d", "rank": %s}
          """,
          i,
          i,
          random.nextInt(20),
          random.nextInt(20),
          random.nextInt(20),
          1 + (i * 7919 % 1009) / 100.0));
    }
    return bulk.toString();
  }

  /** A query scored by {@code rank}: distinct for each document, and independent of the shard. */
  private static String byRank(String word) {
    return """
        {"function_score": {"query": {"match": {"title": "%s"}}, "boost_mode": "replace",
         "field_value_factor": {"field": "rank", "missing": 1}}}
        """.formatted(word);
  }

  private static String search(String query, String options, String window, String session) {
    return """
        {"query": %s, "track_total_hits": true, %s
         "rescore": {"window_size": %s, "session": {"clicks": ["i3", "i9"],
          "item_field": "sku" %s}}}
        """.formatted(
            query,
            options,
            window,
            session.contains("\"model\"") ? session : session + ", \"model\": \"shop\"");
  }

  private static JsonNode hits(String index, String request)
      throws IOException, InterruptedException {
    JsonNode answer = http.ok("POST", "/" + index + "/_search", request);
    assertThat(answer.at("/_shards/failed").asInt()).as("%s", answer).isZero();
    return answer.at("/hits/hits");
  }

  private static List<String> ids(JsonNode hits) {
    return StreamSupport.stream(hits.spliterator(), false)
        .map(hit -> hit.get("_id").asText())
        .toList();
  }

  private static boolean isKnown(JsonNode hit) {
    return hit.get("_id").asInt() <= KNOWN;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"blend\": {\"weighted\": {\"weight\": 0.3, \"normalization\": \"z_score\"}}",
        ", \"blend\": {\"weighted\": {\"weight\": 0.3, \"normalization\": \"none\"}}",
        ", \"blend\": {\"reciprocal_rank_fusion\": {\"weight\": 0.4}}",
        ", \"blend\": {\"replace\": {}}",
        ", \"model\": \"learned\""
      })
  void fiveShardsSayWhatOneSays(String blend) throws IOException, InterruptedException {
    for (int window : new int[] {20, 500}) { // fewer than the hits, and more
      String request =
          search(byRank("w1 w2"), "\"size\": 20, \"explain\": true,", "" + window, blend);
      JsonNode one = hits("one", request);
      JsonNode five = hits("five", request);
      assertThat(one).hasSize(20);
      assertThat(ids(five)).isEqualTo(ids(one));
      assertThat(ids(one)).isNotEqualTo(ids(hits("one", """
          {"query": %s, "size": 20}
          """.formatted(byRank("w1 w2")))));
      for (int i = 0; i < 20; i++) {
        JsonNode hit = five.get(i);
        assertThat(hit.get("_score").asDouble())
            .isCloseTo(one.get(i).get("_score").asDouble(), BITS);
        assertThat(hit.at("/_explanation/value").floatValue())
            .isEqualTo(hit.get("_score").floatValue());
        assertThat(hit.at("/_explanation/description"))
            .isEqualTo(one.get(i).at("/_explanation/description"));
        assertThat(hit.at("/_explanation").toString().contains("click 1 of 1, id i9"))
            .isEqualTo(isKnown(hit));
        assertThat(hit.has("fields")).isEqualTo(isKnown(hit));
      }
    }
  }

  @Test
  void theLearnedBlendOfAModelIsUsedUnlessTheRequestNamesOne()
      throws IOException, InterruptedException {
    String query = "{\"match\": {\"title\": \"w1 w2\"}}";
    String explained = "\"size\": 5, \"explain\": true,";
    for (String index : List.of("one", "five")) {
      for (String[] expected : new String[][] {
        {", \"model\": \"learned\"", "for this query, by a learned blend: 2 words, "},
        {
          ", \"model\": \"learned\", \"blend\": {\"weighted\": {\"weight\": 0.3}}",
          "0.70 · first pass + 0.30 · session"
        },
        {"", "0.50 · first pass + 0.50 · session"}
      }) {
        String all = hits(index, search(query, explained, "100", expected[0])).toString();
        assertThat(all).as(index).contains(expected[1]);
      }
    }
  }

  @Test
  void pagesOfFiveShardsAddUp() throws IOException, InterruptedException {
    JsonNode all =
        hits("five", search(byRank("w1 w2"), "\"size\": 60, \"explain\": true,", "60", ""));
    List<JsonNode> pages = new ArrayList<>();
    for (int from = 0; from < 60; from += 15) {
      hits(
              "five",
              search(
                  byRank("w1 w2"),
                  "\"size\": 15, \"explain\": true, \"from\": " + from + ",",
                  "60",
                  ""))
          .forEach(pages::add);
    }
    assertThat(pages).hasSize(60);
    for (int i = 0; i < 60; i++) {
      assertThat(pages.get(i).get("_id")).isEqualTo(all.get(i).get("_id"));
      assertThat(pages.get(i).get("_score")).isEqualTo(all.get(i).get("_score"));
      assertThat(pages.get(i).at("/_explanation/description"))
          .isEqualTo(all.get(i).at("/_explanation/description"));
    }
  }

  @Test
  void byWordsTheDefaultBlendAgreesAsOftenAsWordsDo() throws IOException, InterruptedException {
    int byWords = 0;
    int blended = 0;
    for (int word = 0; word < 20; word++) {
      String match = String.format(
          Locale.ROOT, "{\"match\": {\"title\": \"w%d w%d\"}}", word, (word + 7) % 20);
      String plain = "{\"size\": 7, \"query\": " + match + "}";
      String ranked = search(match, "\"size\": 7,", "500", "");
      String dfs = "/_search?search_type=dfs_query_then_fetch";
      byWords += first("one" + dfs, plain).equals(first("five" + dfs, plain)) ? 1 : 0;
      blended += first("one" + dfs, ranked).equals(first("five" + dfs, ranked)) ? 1 : 0;
    }
    assertThat(blended).isGreaterThanOrEqualTo(byWords).isGreaterThan(17);
  }

  private static String first(String path, String request)
      throws IOException, InterruptedException {
    return http.ok("POST", "/" + path, request).at("/hits/hits/0/_id").asText();
  }

  @Test
  void shardsOfWhichNoHitIsKnownKeepTheirPlaces() throws IOException, InterruptedException {
    create("news", 1); // items that the model does not know, with ranks among those of the others
    create("together", 1);
    StringBuilder news = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      news.append(String.format(Locale.ROOT, """
          {"index": {"_id": "n%d"}}
          {"sku": "n%d", "title": "w1", "rank": %s}
          """, i, i, 1.003 + i / 2.0));
    }
    http.ok("POST", "/news/_bulk?refresh=true", news.toString());
    http.ok("POST", "/together/_bulk?refresh=true", news + documents());
    String request = search(byRank("w1"), "\"size\": 50,", "200", "");
    JsonNode apart = hits("news,one", request);
    assertThat(ids(apart)).isEqualTo(ids(hits("together", request)));
    assertThat(ids(apart).stream().filter(id -> id.startsWith("n"))).isNotEmpty();
    for (JsonNode hit : apart) {
      assertThat(hit.has("fields"))
          .isEqualTo(!hit.get("_id").asText().startsWith("n") && isKnown(hit));
    }
  }

  @Test
  void anIndexWithoutTheFieldKeepsItsFirstPass() throws IOException, InterruptedException {
    http.ok("PUT", "/pages", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0},
         "mappings": {"properties": {"title": {"type": "text"}, "rank": {"type": "double"}}}}
        """);
    http.ok("PUT", "/empty", "{\"settings\": {\"number_of_replicas\": 0}}");
    http.ok("PUT", "/pages/_doc/p1?refresh=true", "{\"title\": \"w1\", \"rank\": 100}");
    http.ok("PUT", "/pages/_doc/p2?refresh=true", "{\"title\": \"w1\", \"rank\": 0.1}");
    String request = search(byRank("w1"), "\"size\": 200, \"explain\": true,", "300", "");
    List<String> products = ids(hits("five", request));
    JsonNode all = hits("five,pages,empty", request);
    List<String> expected = new ArrayList<>(products);
    expected.addFirst("p1");
    expected.addLast("p2");
    assertThat(ids(all)).isEqualTo(expected);
    assertThat(all.get(0).has("fields")).isFalse();
    assertThat(all.get(0).at("/_explanation").toString()).contains("has no such field");
    assertThat(all.get(0).at("/_explanation/value").floatValue())
        .isEqualTo(all.get(0).get("_score").floatValue());

    JsonNode strict = http.ok(
        "POST",
        "/five,pages/_search",
        search(byRank("w1"), "\"size\": 200,", "300", ", \"on_failure\": \"fail\""));
    assertThat(strict.at("/_shards/failed").asInt()).isPositive();
    assertThat(strict.at("/_shards/failures/0/reason").toString()).contains("has no such field");
    assertThat(hits("empty", request)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "five"})
  void aFieldThatNoIndexHasIsTold(String index) throws IOException, InterruptedException {
    Http.Answer answer = http.send(
        "POST",
        "/" + index + "/_search",
        search(byRank("w1"), "", "10", "").replace("\"sku\"", "\"skuu\""));
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().at("/error").toString()).contains("has no such field");
  }

  @Test
  void aFieldWithinANestedObjectIsRefused() throws IOException, InterruptedException {
    http.ok("PUT", "/nested", """
        {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {
         "parts": {"type": "nested", "properties": {"sku": {"type": "keyword"}}}}}}
        """);
    http.ok("PUT", "/nested/_doc/1?refresh=true", "{\"parts\": [{\"sku\": \"i1\"}]}");
    Http.Answer answer = http.send(
        "POST",
        "/nested/_search",
        search("{\"match_all\": {}}", "", "10", "").replace("\"sku\"", "\"parts.sku\""));
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().toString()).contains("inside the [nested] object [parts]");
  }

  @Test
  void idsThatMatchNothingAreCountedAndNameNoModel() throws IOException, InterruptedException {
    create("upper", 2);
    StringBuilder documents = new StringBuilder();
    for (int i = 1; i <= 30; i++) {
      documents.append(String.format(Locale.ROOT, """
          {"index": {"_id": "%d"}}
          {"sku": "%s%d", "title": "w1", "rank": %d}
          """, i, i <= 10 ? "i" : "I", i, i));
    }
    http.ok("POST", "/upper/_bulk?refresh=true", documents.toString());
    http.ok(
        "PUT",
        "/upper/_mapping",
        "{\"properties\": {\"upper_sku\": {\"type\": \"alias\"," + " \"path\": \"sku\"}}}");
    JsonNode hits = hits(
        "upper",
        search(byRank("w1"), "\"size\": 30,", "30", "")
            .replace("\"item_field\": \"sku\"", "\"item_field\": \"upper_sku\""));
    assertThat(hits).hasSize(30);
    for (JsonNode hit : hits) {
      assertThat(hit.has("fields")).isEqualTo(hit.at("/_source/sku").asText().startsWith("i"));
    }
    JsonNode counts = http.ok("GET", "/_attune/models", "")
        .get("nodes")
        .iterator()
        .next()
        .at("/models/shop/hits_by_field/upper_sku");
    assertThat(counts.get("hits").asInt()).isEqualTo(30);
    assertThat(counts.get("with_vector").asInt()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "five"})
  void noAnswerIsKeptByTheRequestCache(String index) throws IOException, InterruptedException {
    String request = search(byRank("w1"), "\"size\": 5, \"explain\": true,", "20", "");
    String path = "/" + index + "/_search?request_cache=true";
    JsonNode first = http.ok("POST", path, request).at("/hits/hits");
    JsonNode again = http.ok("POST", path, request).at("/hits/hits");
    assertThat(first.get(0).get("_explanation").toString()).contains("in the first pass");
    assertThat(again).isEqualTo(first);
    JsonNode cache = http.ok("GET", "/" + index + "/_stats/request_cache", "")
        .at("/_all/primaries/request_cache");
    assertThat(cache.get("memory_size_in_bytes").asInt()).as("%s", cache).isZero();
  }

  @Test
  void aModelThatThisNodeCannotUseLeavesTheFirstPass() throws IOException, InterruptedException {
    for (String index : List.of("one", "five")) {
      String broken = search(byRank("w1"), "\"size\": 9, \"explain\": true,", "20", "%s")
          .replace("\"shop\"", "\"broken\"");
      JsonNode plain = hits(index, "{\"size\": 9, \"query\": " + byRank("w1") + "}");
      JsonNode hits = hits(index, String.format(Locale.ROOT, broken, ""));
      assertThat(ids(hits)).isEqualTo(ids(plain));
      assertThat(hits.get(0).get("_score")).isEqualTo(plain.get(0).get("_score"));
      assertThat(hits.get(0).has("fields")).isFalse();
      assertThat(hits.get(0).get("_explanation").toString())
          .contains("the model [broken] cannot be used: ")
          .doesNotContain(home.toString());
      Http.Answer strict = http.send(
          "POST",
          "/" + index + "/_search",
          String.format(Locale.ROOT, broken, ", \"on_failure\": \"fail\""));
      assertThat(strict.status()).as("%s", strict.body()).isEqualTo(503);
      assertThat(strict.body().toString())
          .contains("the model [broken] cannot be used: ")
          .doesNotContain(home.toString());
    }
  }

  @Test
  void sessionsAreEncodedByThreadsOfTheirOwn() throws IOException, InterruptedException {
    int before = encoded();
    hits("five", search(byRank("w1"), "", "20", ""));
    assertThat(encoded()).isEqualTo(before + 1);
  }

  private static int encoded() throws IOException, InterruptedException {
    return http.ok("GET", "/_nodes/stats/thread_pool", "")
        .get("nodes")
        .iterator()
        .next()
        .at("/thread_pool/attune_encode/completed")
        .asInt();
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "five"})
  void whatElseASearchAsksForIsThere(String index) throws IOException, InterruptedException {
    String counted = "\"aggs\": {\"highest\": {\"max\": {\"field\": \"rank\"}}},";
    for (int size : new int[] {0, 1, 300}) {
      String options =
          counted + "\"highlight\": {\"fields\": {\"title\": {}}}, \"size\": " + size + ",";
      JsonNode answer = http.ok(
          "POST",
          "/" + index + "/_search?batched_reduce_size=2",
          search("{\"match\": {\"title\": \"w1\"}}", options, "300", ""));
      int matching = answer.at("/hits/total/value").asInt();
      assertThat(answer.at("/hits/hits")).hasSize(Math.min(size, matching));
      assertThat(answer.at("/aggregations/highest/value").asDouble()).isPositive();
      for (JsonNode hit : answer.at("/hits/hits")) {
        assertThat(hit.at("/highlight/title/0").asText()).contains("<em>w1</em>");
        assertThat(hit.has("sort")).isFalse();
      }
      if (size > 0) {
        assertThat(answer.at("/hits/max_score")).isEqualTo(answer.at("/hits/hits/0/_score"));
      }
    }
    assertThat(hits(index, search(byRank("w1"), "\"from\": 280, \"size\": 20,", "300", "")))
        .isEmpty();
    assertThat(hits(index, search(byRank("nothing"), "", "10", ""))).isEmpty();
  }

  @Test
  void anEmptyNewIndexIsNoErrorForRetrievalEither() throws IOException, InterruptedException {
    create("fresh", 2);
    assertThat(hits("fresh", """
        {"query": {"attune": {"vector_field": "vector", "model": "shop", "clicks": ["i3"]}}}
        """)).isEmpty();
  }

  @Test
  void onSeveralShardsTheSessionIsTheLastRescorer() throws IOException, InterruptedException {
    String session =
        "{\"window_size\": 20, \"session\": {\"model\": \"shop\", \"clicks\": [\"i3\"],"
            + " \"item_field\": \"sku\"}}";
    String words = "{\"window_size\": 20, \"query\": {\"rescore_query\": {\"match_all\": {}}}}";
    String request = "{\"query\": " + byRank("w1") + ", \"rescore\": [%s, %s]}";
    assertThat(hits("five", String.format(Locale.ROOT, request, words, session)))
        .hasSize(10);
    Http.Answer answer =
        http.send("POST", "/five/_search", String.format(Locale.ROOT, request, session, words));
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().toString()).contains("[session] must be the last");
  }
}
