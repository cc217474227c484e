package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.opensearch.cluster.Http;
import io.attune.serving.Click;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.core.action.ActionListener;
import org.opensearch.node.NodeValidationException;

/** Tests clicks that are sent to the plugin, over HTTP on a node in this process. */
class SessionStoreTest {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 30).mapToObj(i -> "i" + i).toList();

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    RandomModel.save(home.resolve("config/attune/shop"), ITEMS, 16, 1);
    node = LocalNode.start(home);
    http = node.http();
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    for (String item : ITEMS) {
      bulk.append(String.format(Locale.ROOT, """
          {"index": {"_id": "%s"}}
          {"sku": "%s", "title": "shoe"}
          """, item, item));
    }
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
    http.ok("PUT", "/_search/pipeline/by-session", """
        {"request_processors": [{"attune_session": {"model": "shop", "item_field": "sku",
         "clicks_from": "sessions", "timeout": "30s"}}]}
        """);
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  private static JsonNode click(String session, String click)
      throws IOException, InterruptedException {
    return http.ok("POST", "/_attune/sessions/" + session + "/clicks", click);
  }

  private static JsonNode search(String session) throws IOException, InterruptedException {
    return http.ok("POST", "/shop/_search?search_pipeline=by-session", """
        {"query": {"match": {"title": "shoe"}}, "ext": {"attune": {"session": "%s"}}}
        """.formatted(session))
        .at("/hits/hits");
  }

  private static JsonNode withClicks(String clicks) throws IOException, InterruptedException {
    return http.ok("POST", "/shop/_search", """
        {"query": {"match": {"title": "shoe"}}, "rescore": {"window_size": 500, "session":
         {"model": "shop", "item_field": "sku", "clicks": [%s]}}}
        """.formatted(clicks)).at("/hits/hits");
  }

  @Test
  void aClickCountsInTheNextSearchUntilTheSessionIsForgotten()
      throws IOException, InterruptedException {
    JsonNode firstPass = withClicks("");
    assertThat(search("ann")).isEqualTo(firstPass);
    assertThat(click("ann", "{\"item\": \"i3\"}")).hasToString("{\"clicks\":1,\"replay\":false}");
    assertThat(search("ann")).isEqualTo(withClicks("\"i3\"")).isNotEqualTo(firstPass);
    click("ann", "{\"item\": \"i9\"}");
    click("bob", "{\"item\": \"i20\"}");
    assertThat(search("ann")).isEqualTo(withClicks("\"i3\", \"i9\""));
    assertThat(http.ok("DELETE", "/_attune/sessions/ann", "")).hasToString("{\"existed\":true}");
    assertThat(search("ann")).isEqualTo(firstPass);
    assertThat(http.ok("DELETE", "/_attune/sessions/ann", "")).hasToString("{\"existed\":false}");
    assertThat(search("bob")).isEqualTo(withClicks("\"i20\""));
  }

  @Test
  void aClickThatIsSentAgainWithItsTimeCountsOnce() throws IOException, InterruptedException {
    String timed = "{\"item\": \"i3\", \"time\": 1764288000000}";
    assertThat(click("again", timed)).hasToString("{\"clicks\":1,\"replay\":false}");
    assertThat(click("again", timed)).hasToString("{\"clicks\":1,\"replay\":true}");
    assertThat(click("again", "{\"item\": \"i3\", \"time\": \"2025-11-28T00:00:00Z\"}"))
        .hasToString("{\"clicks\":1,\"replay\":true}");
    assertThat(click("again", "{\"item\": \"i3\", \"time\": \"2025-11-28T00:00:00.001Z\"}"))
        .hasToString("{\"clicks\":2,\"replay\":false}");
    // Older than the pipeline's half an hour.
    assertThat(search("again")).isEqualTo(withClicks(""));
  }

  @Test
  void anIdMayHaveAnyVisibleCharacters() throws IOException, InterruptedException {
    click("%C3%A9%2F%20%3F", "{\"item\": \"i7\"}");
    assertThat(search("é/ ?")).isEqualTo(withClicks("\"i7\""));
  }

  @Test
  void clicksAtTheSameTimeAreAllKeptUpToTheLimit() throws Exception {
    SessionStore store = new SessionStore(node.client());
    List<CompletableFuture<SessionStore.Appended>> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      CompletableFuture<SessionStore.Appended> stored = new CompletableFuture<>();
      store.append(
          "busy",
          Click.of("i" + i),
          ActionListener.wrap(stored::complete, stored::completeExceptionally));
      all.add(stored);
    }
    for (CompletableFuture<SessionStore.Appended> stored : all) {
      stored.get(1, TimeUnit.MINUTES);
    }
    JsonNode session = http.ok("GET", "/attune_sessions/_doc/busy", "").get("_source");
    assertThat(session.get("clicks").findValuesAsText("item"))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 40).mapToObj(i -> "i" + i).toList());
    for (int i = 40; i <= SessionStore.MAX_CLICKS; i++) {
      click("busy", "{\"item\": \"i" + i + "\"}");
    }
    session = http.ok("GET", "/attune_sessions/_doc/busy", "").get("_source");
    assertThat(session.get("clicks")).hasSize(SessionStore.MAX_CLICKS);
    assertThat(session.at("/clicks/199/item").asText()).isEqualTo("i200");
  }

  @Test
  void theIndexIsHiddenAndSearchesOfAllIndexesDoNotSeeIt()
      throws IOException, InterruptedException {
    click("seen", "{\"item\": \"i3\"}");
    http.ok("POST", "/attune_sessions/_refresh", "");
    assertThat(http.ok("GET", "/_search", "").at("/hits/hits").findValuesAsText("_index"))
        .isNotEmpty()
        .doesNotContain(SessionStore.INDEX);
    JsonNode mapping = http.ok("GET", "/attune_sessions/_mapping", "");
    assertThat(mapping.findValue("properties").findValue("clicks"))
        .hasToString("{\"type\":\"object\",\"enabled\":false}");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      a      | {}                                   | Required [item]
      a      | {"item": ""}                         | [item]: must be an item id of 1 to 512 characters
      a      | {"item": 7}                          | [click] item doesn't support values of type: VALUE_NUMBER
      a      | {"item": null}                       | item doesn't support values of type: VALUE_NULL
      a      | {"item": "i1", "sku": "x"}           | unknown field [sku]
      a      | {"item": "i1", "time": 1764288000}   | [time]: must be milliseconds since 1970 such as 1764288000000
      a      | {"item": "i1", "time": "yesterday"}  | not [yesterday]
      a      | {"item": "i1", "time": 1e300}        | [time]: must be milliseconds
      a      | {"item": "i1"                        | Unexpected end-of-input
      a      | ``                                   | request body is required
      a%00b  | {"item": "i1"}                       | the id of a session must have 1 to 512 bytes
      """)
  void aWrongClickIsToldWhatToDo(String session, String click, String message)
      throws IOException, InterruptedException {
    Http.Answer answer = http.send("POST", "/_attune/sessions/" + session + "/clicks", click);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().at("/error/reason").asText()).contains(message);
  }

  @Test
  void anIdIsNotLongerThanThatOfADocument() throws IOException, InterruptedException {
    assertThat(http.send("DELETE", "/_attune/sessions/" + "x".repeat(513), "").status())
        .isEqualTo(400);
    assertThat(http.send("DELETE", "/_attune/sessions/" + "x".repeat(512), "").status())
        .isEqualTo(200);
  }
}
