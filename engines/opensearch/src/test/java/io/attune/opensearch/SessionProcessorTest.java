package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.ActionType;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.index.query.QueryBuilders;
import org.opensearch.node.NodeValidationException;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.transport.client.Client;
import org.opensearch.transport.client.FilterClient;

/** Tests searches that get their session from a pipeline, over HTTP on a node in this process. */
class SessionProcessorTest {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 60).mapToObj(i -> "i" + i).toList();
  private static final long NOW = System.currentTimeMillis();
  private static final AtomicInteger VISITORS = new AtomicInteger();
  private static final String UBI_FORMAT = "strict_date_time"; // of UBI 2.18 and later
  private static final String EARLIER_UBI_FORMAT = "rfc3339_lenient||epoch_millis";

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    RandomModel.save(home.resolve("config/attune/shop"), ITEMS, 16, 1);
    node = LocalNode.start(home, List.of(UbiExt.class));
    http = node.http();
    for (int shards = 1; shards <= 2; shards++) {
      String index = shards == 1 ? "/one" : "/shop";
      http.ok("PUT", index, String.format(Locale.ROOT, """
          {"settings": {"number_of_shards": %d, "number_of_replicas": 0},
           "mappings": {"properties": {"sku": {"type": "keyword"}, "brand": {"type": "keyword"},
            "title": {"type": "text"}}}}
          """, shards));
      StringBuilder bulk = new StringBuilder();
      for (int i = 1; i <= ITEMS.size(); i++) {
        bulk.append(String.format(Locale.ROOT, """
            {"index": {"_id": "%d"}}
            {"sku": "i%d", "brand": "b%d", "title": "%s"}
            """, i, i, i % 7, "shoe ".repeat(1 + i % 4)));
      }
      http.ok("POST", index + "/_bulk?refresh=true", bulk.toString());
    }
    // As User Behavior Insights maps them.
    http.ok("PUT", "/ubi_events", """
        {"settings": {"number_of_shards": 1, "number_of_replicas": 0},
         "mappings": {"properties": {
          "action_name": {"type": "keyword", "ignore_above": 100},
          "client_id": {"type": "keyword", "ignore_above": 100},
          "timestamp": {"type": "date", "format": "strict_date_time", "ignore_malformed": true},
          "event_attributes": {"properties": {"object": {"properties": {
           "object_id": {"type": "keyword", "ignore_above": 256}}}}}}}}
        """);
    StringBuilder events = new StringBuilder();
    event(events, "ann", "click", "i3", 3);
    event(events, "ann", "item_hover", "i40", 2);
    event(events, "ann", "click", null, 2);
    event(events, "ann", "click", "i9", 1);
    event(events, "ann", "click", "i50", 100);
    event(events, "bob", "click", "i20", 1);
    event(events, "lurker", "item_hover", "i20", 1);
    http.ok("POST", "/ubi_events/_bulk?refresh=true", events.toString());
    pipeline("by-session", "");
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  private static void event(
      StringBuilder bulk, String client, String action, String item, int minutesAgo) {
    String object = item == null
        ? "{}"
        : "{\"object\": {\"object_id\": \"" + item + "\", \"object_id_field\": \"sku\"}}";
    bulk.append(String.format(
        Locale.ROOT,
        """
        {"index": {}}
        {"client_id": "%s", "action_name": "%s", "timestamp": "%s", "event_attributes": %s}
        """,
        client,
        action,
        Instant.ofEpochMilli(NOW - 60_000L * minutesAgo),
        object));
  }

  /** Tests run on busy machines, so clicks are waited for longer than by default. */
  private static String processor(String more) {
    return "{\"attune_session\": {\"model\": \"shop\", \"item_field\": \"sku\","
        + " \"timeout\": \"30s\"" + more + "}}";
  }

  private static void pipeline(String name, String more) throws IOException, InterruptedException {
    http.ok(
        "PUT", "/_search/pipeline/" + name, "{\"request_processors\": [" + processor(more) + "]}");
  }

  private static JsonNode search(String path, String body)
      throws IOException, InterruptedException {
    JsonNode answer = http.ok("POST", path, body);
    assertThat(answer.at("/_shards/failed").asInt()).as("%s", answer).isZero();
    return answer.at("/hits/hits");
  }

  private static String firstPass(String more) {
    return "{\"query\": {\"match\": {\"title\": \"shoe\"}}" + more + "}";
  }

  private static String ext(String ext) {
    return firstPass(", \"ext\": {" + ext + "}");
  }

  private static String ubi(String client) {
    return ext("\"ubi\": {\"query_id\": \"q\", \"client_id\": \"" + client + "\"}");
  }

  private static String attune(String session) {
    return ext("\"attune\": {\"session\": \"" + session + "\"}");
  }

  /** The same search with the clicks in the request. */
  private static JsonNode withClicks(String index, String clicks, String more)
      throws IOException, InterruptedException {
    return search(index + "/_search", firstPass(more + """
        , "rescore": {"window_size": 500, "session":
         {"model": "shop", "item_field": "sku", "clicks": [%s]}}
        """.formatted(clicks)));
  }

  private static long count(String outcome) throws IOException, InterruptedException {
    return status().at("/searches_by_pipeline/" + outcome).asLong();
  }

  private static JsonNode status() throws IOException, InterruptedException {
    return http.ok("GET", "/_attune/models", "").get("nodes").iterator().next();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/one", "/shop"})
  void theLastClicksOfAClientReRankItsSearch(String index)
      throws IOException, InterruptedException {
    JsonNode expected = withClicks(index, "\"i3\", \"i9\"", "");
    assertThat(expected).isNotEqualTo(search(index + "/_search", firstPass("")));
    long before = count("session_added");
    String path = index + "/_search?search_pipeline=by-session";
    assertThat(search(path, ubi("ann"))).isEqualTo(expected);
    assertThat(search(path, attune("ann"))).isEqualTo(expected);
    assertThat(search(path, attune("bob"))).isEqualTo(withClicks(index, "\"i20\"", ""));
    assertThat(count("session_added")).isEqualTo(before + 3);
  }

  @Test
  void aPipelineMayBeTheDefaultOfAnIndexOrStandInTheRequest()
      throws IOException, InterruptedException {
    JsonNode expected = withClicks("/shop", "\"i3\", \"i9\"", "");
    assertThat(search(
            "/shop/_search",
            firstPass(", \"ext\": {\"attune\": {\"session\": \"ann\"}}, \"search_pipeline\":"
                + " {\"request_processors\": [" + processor("") + "]}")))
        .isEqualTo(expected);
    http.ok(
        "POST", "/_aliases", "{\"actions\": [{\"add\": {\"index\": \"shop\", \"alias\": \"a\"}}]}");
    http.ok("PUT", "/shop/_settings", "{\"index.search.default_pipeline\": \"by-session\"}");
    try {
      assertThat(search("/shop/_search", ubi("ann"))).isEqualTo(expected);
      assertThat(search("/a/_search", ubi("ann"))).isEqualTo(expected);
      JsonNode several =
          http.ok("POST", "/shop/_msearch", "{}\n" + ubi("ann") + "\n{}\n" + ubi("bob") + "\n");
      assertThat(several.at("/responses/0/hits/hits")).isEqualTo(expected);
      assertThat(several.at("/responses/1/hits/hits"))
          .isEqualTo(withClicks("/shop", "\"i20\"", ""));
    } finally {
      http.ok("PUT", "/shop/_settings", "{\"index.search.default_pipeline\": null}");
    }
  }

  @Test
  void thePipelinesSessionIsThatOfSearchesThatNameNone() throws IOException, InterruptedException {
    pipeline("as-bob", ", \"session\": \"bob\"");
    JsonNode bob = withClicks("/shop", "\"i20\"", "");
    String path = "/shop/_search?search_pipeline=as-bob";
    assertThat(search(path, firstPass(""))).isEqualTo(bob);
    assertThat(search(path, attune(""))).isEqualTo(bob);
    assertThat(search(path, attune("ann"))).isEqualTo(withClicks("/shop", "\"i3\", \"i9\"", ""));
    String both = ext("\"ubi\": {\"client_id\": \"bob\"}, \"attune\": {\"session\": \"ann\"}");
    assertThat(search(path, both)).isEqualTo(withClicks("/shop", "\"i3\", \"i9\"", ""));
  }

  @Test
  void whatCountsAsAClickIsSaidByThePipeline() throws IOException, InterruptedException {
    pipeline("one-click", ", \"max_clicks\": 1");
    assertThat(search("/shop/_search?search_pipeline=one-click", ubi("ann")))
        .isEqualTo(withClicks("/shop", "\"i9\"", ""));
    pipeline("long-ago", ", \"max_age\": \"3h\"");
    assertThat(search("/shop/_search?search_pipeline=long-ago", ubi("ann")))
        .isEqualTo(withClicks("/shop", "\"i50\", \"i3\", \"i9\"", ""));
    pipeline("hovers", ", \"events\": {\"actions\": [\"click\", \"item_hover\"]}");
    assertThat(search("/shop/_search?search_pipeline=hovers", ubi("ann")))
        .isEqualTo(withClicks("/shop", "\"i3\", \"i40\", \"i9\"", ""));
    pipeline(
        "blended",
        ", \"blend\": {\"replace\": {}}, \"window_size\": 20, \"clicks_from\": \"events\"");
    assertThat(search("/shop/_search?search_pipeline=blended", ubi("ann")))
        .isEqualTo(search("/shop/_search", firstPass("""
            , "rescore": {"window_size": 20, "session": {"model": "shop", "item_field": "sku",
              "clicks": ["i3", "i9"], "blend": {"replace": {}}}}
            """)));
  }

  @Test
  void fieldsOfAnotherIndexOfClicksMayBeNamed() throws IOException, InterruptedException {
    http.ok("PUT", "/clicks", """
        {"mappings": {"properties": {"visit": {"type": "keyword"}, "what": {"type": "keyword"},
          "at": {"type": "date"}, "product": {"type": "integer"}}}}
        """);
    http.ok(
        "POST",
        "/clicks/_doc?refresh=true",
        "{\"visit\": \"v\", \"what\": \"seen\", \"at\": " + NOW + ", \"product\": 7}");
    pipeline("own-clicks", """
        , "events": {"index": "clicks", "session_field": "visit", "item_field": "product",
           "action_field": "what", "time_field": "at", "actions": ["seen"]}
        """);
    long before = count("session_added");
    // No item is called 7, so the order is that of words.
    assertThat(search("/shop/_search?search_pipeline=own-clicks", attune("v")))
        .isEqualTo(search("/shop/_search", firstPass("")));
    assertThat(count("session_added")).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ``                                       | without_session
      , "ext": {"ubi": {"query_id": "q"}}      | without_session
      , "ext": {"attune": {}}                  | without_session
      , "ext": {"attune": {"session": null}}   | without_session
      , "ext": {"ubi": {"client_id": ""}}      | without_session
      , "ext": {"ubi": {"client_id": "eve"}}   | without_clicks
      , "ext": {"attune": {"session": "lurker"}} | without_clicks
      """)
  void aSearchWithoutASessionOrClicksIsAsItWas(String more, String outcome)
      throws IOException, InterruptedException {
    JsonNode expected = search("/shop/_search", firstPass(""));
    long before = count(outcome);
    assertThat(search("/shop/_search?search_pipeline=by-session", firstPass(more)))
        .isEqualTo(expected);
    assertThat(count(outcome)).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ", \"rescore\": {\"window_size\": 20, \"query\": {\"rescore_query\": {\"term\": {\"brand\": \"b2\"}}}}",
        ", \"rescore\": {\"window_size\": 20, \"session\": {\"model\": \"shop\", \"item_field\": \"sku\", \"clicks\": [\"i1\"]}}",
        ", \"sort\": [\"brand\", \"sku\"]",
        ", \"sort\": [{\"brand\": \"desc\"}, {\"sku\": \"asc\"}], \"search_after\": [\"b2\", \"i9\"]",
        ", \"collapse\": {\"field\": \"brand\"}",
        ", \"from\": 495, \"size\": 10",
        ", \"size\": 0, \"aggs\": {\"b\": {\"terms\": {\"field\": \"brand\"}}}",
        ", \"aggs\": {\"x\": {\"top_hits\": {}}}"
      })
  void aSearchThatCannotBeReRankedIsAsItWas(String more) throws IOException, InterruptedException {
    JsonNode expected = http.ok("POST", "/shop/_search", firstPass(more));
    long before = count("left_as_is");
    JsonNode found = http.ok(
        "POST",
        "/shop/_search?search_pipeline=by-session",
        firstPass(more + ", \"ext\": {\"attune\": {\"session\": \"ann\"}}"));
    assertThat(found.get("hits")).isEqualTo(expected.get("hits"));
    assertThat(found.get("aggregations")).isEqualTo(expected.get("aggregations"));
    assertThat(count("left_as_is")).isEqualTo(before + 1);
  }

  @Test
  void aScrollIsAsItWas() throws IOException, InterruptedException {
    long before = count("left_as_is");
    assertThat(search("/shop/_search?scroll=1m&search_pipeline=by-session", attune("ann")))
        .isEqualTo(search("/shop/_search", firstPass("")));
    assertThat(count("left_as_is")).isEqualTo(before + 1);
  }

  @Test
  void whatDoesNotTouchTheOrderGoesWithASession() throws IOException, InterruptedException {
    String more = ", \"sort\": [\"_score\"], \"from\": 3, \"size\": 7, \"min_score\": 0.0,"
        + " \"rescore\": [], \"aggs\": {\"b\": {\"terms\": {\"field\": \"brand\"}}}";
    assertThat(search(
            "/shop/_search?search_pipeline=by-session",
            firstPass(more + ", \"ext\": {\"attune\": {\"session\": \"ann\"}}")))
        .isEqualTo(withClicks(
            "/shop", "\"i3\", \"i9\"", ", \"from\": 3, \"size\": 7, \"sort\": [\"_score\"]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/one", "/shop"})
  void explanationsAreThoseOfARequestWithClicks(String index)
      throws IOException, InterruptedException {
    JsonNode found = search(
        index + "/_search?search_pipeline=by-session",
        firstPass(", \"explain\": true, \"ext\": {\"ubi\": {\"client_id\": \"ann\"}}"));
    JsonNode expected = withClicks(index, "\"i3\", \"i9\"", ", \"explain\": true");
    assertThat(expected.at("/0/_explanation/description").asText()).contains("in the first pass");
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i).get("_explanation")).isEqualTo(expected.get(i).get("_explanation"));
    }
  }

  @Test
  void aVerbosePipelineShowsTheRescorer() throws IOException, InterruptedException {
    JsonNode answer = http.ok(
        "POST", "/shop/_search?search_pipeline=by-session&verbose_pipeline=true", attune("ann"));
    JsonNode step = answer.at("/processor_results/0");
    assertThat(step.get("processor_name").asText()).isEqualTo("attune_session");
    assertThat(step.get("input_data").toString()).doesNotContain("rescore");
    assertThat(step.get("output_data").toString()).contains("rescore", "i3", "i9");
  }

  @Test
  void aRequestIsNotChangedForItsSender() throws ExecutionException, InterruptedException {
    SearchRequest request = new SearchRequest("shop")
        .pipeline("by-session")
        .source(new SearchSourceBuilder()
            .query(QueryBuilders.matchQuery("title", "shoe"))
            .ext(List.of(new SessionExtBuilder("ann"))));
    List<String> orders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      orders.add(node.client().search(request).get().getHits().getAt(0).getSourceAsString());
      assertThat(request.source().rescores()).isNull();
    }
    assertThat(orders.get(1)).isEqualTo(orders.get(0));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      , "events": {"index": "nowhere"}            | no such index [nowhere]
      , "events": {"session_field": "visitor"}    | No mapping found for [visitor]
      , "events": {"time_field": "when"}          | No mapping found for [when]
      , "events": {"action_field": "what"}        | No mapping found for [what]
      , "events": {"item_field": "product"}       | No mapping found for [product]
      , "events": {"index": "dynamic_events"}     | Text fields are not optimised
      """)
  void whereClicksCannotBeFoundTheSearchIsAsItWas(String more, String reason)
      throws IOException, InterruptedException {
    http.send("DELETE", "/dynamic_events", "");
    http.ok(
        "POST",
        "/dynamic_events/_doc?refresh=true",
        "{\"client_id\": \"ann\", \"action_name\": \"click\", \"timestamp\": " + NOW + ","
            + " \"event_attributes\": {\"object\": {\"object_id\": \"i3\"}}}");
    pipeline("broken", more);
    long before = count("failed");
    JsonNode expected = search("/shop/_search", firstPass(""));
    for (int i = 1; i <= 2; i++) {
      assertThat(search("/shop/_search?search_pipeline=broken", attune("ann"))).isEqualTo(expected);
      assertThat(count("failed")).isEqualTo(before + i);
    }
    assertThat(status().at("/searches_by_pipeline/last_failure").asText()).contains(reason);
  }

  static Stream<Arguments> readTimes() {
    Instant second = Instant.ofEpochMilli(NOW).truncatedTo(ChronoUnit.SECONDS);
    return Stream.of(
        Arguments.of(UBI_FORMAT, "\"" + second + "\""),
        Arguments.of(UBI_FORMAT, "\"" + second.plusMillis(1) + "\""),
        Arguments.of("rfc3339_lenient", "\"" + second.plusMillis(1) + "\""),
        Arguments.of(EARLIER_UBI_FORMAT, "" + NOW),
        Arguments.of("epoch_second", "" + NOW / 1000));
  }

  @ParameterizedTest
  @MethodSource("readTimes")
  void clicksAreFoundHoweverTheirTimesAreMapped(String format, String time)
      throws IOException, InterruptedException {
    long before = count("session_added");
    searchByClickAt(format, time);
    assertThat(count("session_added")).isEqualTo(before + 1);
  }

  static Stream<Arguments> ignoredTimes() {
    return Stream.of(
        Arguments.of(UBI_FORMAT, "" + NOW),
        Arguments.of(EARLIER_UBI_FORMAT, "\"" + Instant.ofEpochMilli(NOW) + "\""));
  }

  /** What the README warns of; if this fails, the server reads more. */
  @ParameterizedTest
  @MethodSource("ignoredTimes")
  void aTimeThatTheMappingDoesNotReadIsIgnoredAndAQueryTellsSo(String format, String time)
      throws IOException, InterruptedException {
    long before = count("without_clicks");
    searchByClickAt(format, time);
    assertThat(count("without_clicks")).isEqualTo(before + 1);
    JsonNode ignored = http.ok(
        "GET", "/other_events/_count", "{\"query\": {\"term\": {\"_ignored\": \"timestamp\"}}}");
    assertThat(ignored.get("count").asInt()).isEqualTo(1);
  }

  /** Searches by a pipeline over an index of events with a single click, of a new visitor. */
  private static void searchByClickAt(String format, String time)
      throws IOException, InterruptedException {
    String visitor = "visitor-" + VISITORS.incrementAndGet(); // what was found is kept for a second
    http.send("DELETE", "/other_events", "");
    http.ok("PUT", "/other_events", """
        {"mappings": {"properties": {"action_name": {"type": "keyword"},
         "client_id": {"type": "keyword"},
         "timestamp": {"type": "date", "format": "%s", "ignore_malformed": true},
         "event_attributes": {"properties": {"object": {"properties": {
          "object_id": {"type": "keyword"}}}}}}}}
        """.formatted(format));
    http.ok("POST", "/other_events/_doc?refresh=true", """
        {"client_id": "%s", "action_name": "click", "timestamp": %s,
         "event_attributes": {"object": {"object_id": "i3"}}}
        """.formatted(visitor, time));
    pipeline("other", ", \"events\": {\"index\": \"other_events\"}");
    search("/shop/_search?search_pipeline=other", attune(visitor));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/one", "/shop"})
  void anIndexWithoutTheItemsFieldKeepsItsFirstPass(String index)
      throws IOException, InterruptedException {
    http.ok("PUT", "/_search/pipeline/no-field", """
        {"request_processors": [{"attune_session":
         {"model": "shop", "item_field": "article", "timeout": "30s"}}]}
        """);
    long before = status().at("/shard_searches_failed").asLong();
    assertThat(search(index + "/_search?search_pipeline=no-field", attune("ann")))
        .isEqualTo(search(index + "/_search", firstPass("")));
    assertThat(status().at("/shard_searches_failed").asLong()).isGreaterThan(before);
    assertThat(status().at("/last_failure").asText())
        .contains("[item_field] is [article], but the index [" + index.substring(1));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {}                                                            | Required [model]
      {"model": "shop"}                                             | set either [item_field]
      {"model": "shop", "item_field": "sku", "vector_field": "v"}   | set either [item_field]
      {"model": "none", "item_field": "sku"}                        | unknown model [none]; known models: [shop]
      {"model": "shop", "item_field": "sku", "windows": 5}          | unknown field [windows] did you mean [window_size]?
      {"model": "shop", "item_field": "sku", "window_size": 0}      | [window_size] must be from 1 to 10000, not 0
      {"model": "shop", "item_field": "sku", "window_size": 10001}  | [window_size] must be from 1 to 10000, not 10001
      {"model": "shop", "item_field": "sku", "max_clicks": 201}     | [max_clicks] must be from 1 to 200, not 201
      {"model": "shop", "item_field": "sku", "max_age": "10"}       | unit is missing or unrecognized
      {"model": "shop", "item_field": "sku", "max_age": "-1"}       | [max_age] must be 1ms or more, such as [30m], not -1
      {"model": "shop", "item_field": "sku", "timeout": "0s"}       | [timeout] must be 1ms or more
      {"model": "shop", "item_field": "sku", "session": ""}         | 1 to 512 bytes
      {"model": "shop", "item_field": "sku", "blend": {"sum": {}}}  | unknown [blend] [sum]
      {"model": "shop", "item_field": "sku", "clicks_from": "logs"} | [clicks_from] must be [events] or [sessions], not [logs]
      {"model": "shop", "item_field": "sku", "clicks_from": "sessions", "events": {}} | with [sessions], omit it
      {"model": "shop", "item_field": "sku", "events": {"action": "x"}} | unknown field [action]
      {"model": "shop", "item_field": "sku", "events": {"actions": []}} | [actions] must name what counts as a click
      """)
  void aWrongPipelineIsToldWhatToDo(String config, String message)
      throws IOException, InterruptedException {
    String request = "{\"request_processors\": [{\"attune_session\": " + config + "}]}";
    Http.Answer put = http.send("PUT", "/_search/pipeline/wrong", request);
    assertThat(put.status()).as("%s", put.body()).isEqualTo(400);
    assertThat(put.body().at("/error/reason").asText()).contains(message);
    Http.Answer search =
        http.send("POST", "/shop/_search", firstPass(", \"search_pipeline\": " + request));
    assertThat(search.status()).as("%s", search.body()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"sessions": "ann"}     | did you mean [session]
      {"session": ["ann"]}    | [attune] session doesn't support values of type: START_ARRAY
      {"session": "a\\u0000"} | 1 to 512 bytes
      """)
  void aWrongSessionIsToldWhatToDo(String ext, String message)
      throws IOException, InterruptedException {
    Http.Answer answer = http.send("POST", "/shop/_search", ext("\"attune\": " + ext));
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().at("/error/reason").asText()).contains(message);
  }

  /** A client that counts, and answers nothing if it is told so. */
  private static final class Counting extends FilterClient {
    private final boolean answers;
    private final AtomicInteger searches = new AtomicInteger();

    Counting(Client client, boolean answers) {
      super(client);
      this.answers = answers;
    }

    @Override
    protected <Request extends ActionRequest, Response extends ActionResponse> void doExecute(
        ActionType<Response> action, Request request, ActionListener<Response> listener) {
      searches.incrementAndGet();
      if (answers) {
        super.doExecute(action, request, listener);
      }
    }
  }

  private static CompletableFuture<List<String>> find(RecentClicks clicks, String timeout) {
    CompletableFuture<List<String>> found = new CompletableFuture<>();
    clicks.find(
        new RecentClicks.Query(
            ClickSource.Events.defaults(),
            "ann",
            20,
            TimeValue.timeValueMinutes(30),
            TimeValue.parseTimeValue(timeout, "timeout")),
        ActionListener.wrap(found::complete, found::completeExceptionally));
    return found;
  }

  @Test
  void clicksAreKeptForASecond() throws Exception {
    Counting client = new Counting(node.client(), true);
    RecentClicks clicks = new RecentClicks(client);
    long start = System.nanoTime();
    int finds = 0;
    while (client.searches.get() < 3) {
      assertThat(find(clicks, "30s").get(1, TimeUnit.MINUTES)).containsExactly("i3", "i9");
      finds++;
    }
    // Three queries are two spans between them, each of a second or more.
    assertThat(System.nanoTime() - start)
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(2 * RecentClicks.KEPT.millis()));
    assertThat(finds).isGreaterThan(3);
  }

  @Test
  void aNodeThatDoesNotAnswerIsNotWaitedForLongerThanSaid() throws Exception {
    Counting client = new Counting(node.client(), false);
    RecentClicks clicks = new RecentClicks(client);
    for (int i = 0; i < 2; i++) {
      CompletableFuture<List<String>> found = find(clicks, "100ms");
      assertThat(found.handle((items, failure) -> String.valueOf(failure)).get(1, TimeUnit.MINUTES))
          .contains("[clicks of a session] timed out after [100ms]");
    }
    assertThat(client.searches).hasValue(1); // the failure is kept as well
  }

  @Test
  void pipelinesAreReadAgainByANodeWithoutTheModel() throws Exception {
    // A node that starts reads pipelines, also those whose model has been removed.
    AttuneService service = new AttuneService(new ModelRegistry(home.resolve("nothing")), () -> 0);
    assertThat(SessionProcessor.factory(service, new RecentClicks(node.client()))
            .create(
                Map.of(),
                "tag",
                "",
                false,
                new HashMap<>(Map.of("model", "gone", "item_field", "sku")),
                new Processor.PipelineContext(Processor.PipelineSource.UPDATE_PIPELINE))
            .getType())
        .isEqualTo("attune_session");
  }
}
