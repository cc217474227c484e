package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRanking;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.server.Client.Reply;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every endpoint and every refusal, over a socket. */
class AttuneServerTest {
  private static final int ITEMS = 30;
  private static final long TIME = 1_764_288_000_000L;
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(TIME + 5_000), ZoneOffset.UTC);

  @TempDir
  private Path folder;

  private Path directory;
  private ServingModel model;
  private final Directory index = new ByteBuffersDirectory();
  private final List<String> notices = new ArrayList<>();
  private AttuneServer server;
  private Client client;

  @BeforeEach
  void start() throws IOException {
    directory = folder.resolve("model");
    model = ServingModel.of(RandomModel.save(directory, ITEMS, 1));
    writeItems(ITEMS + 2);
    server = builder().start();
    client = new Client(server.address());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    index.close();
  }

  private AttuneServer.Builder builder() throws IOException {
    return withoutItems().index(DirectoryReader.open(index), "id");
  }

  private AttuneServer.Builder withoutItems() {
    return AttuneServer.builder(directory, CLOCK, Ticker.systemTicker())
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .notices(notices::add);
  }

  /**
   * Writes the items i3, i4, …: two that the model knows are not sold, and some it does not know.
   */
  private void writeItems(int last) throws IOException {
    ItemIndex.write(
        index,
        IntStream.rangeClosed(3, last)
            .mapToObj(i -> new ItemIndex.Item(
                "i" + i,
                Map.of(
                    "title",
                    (i % 2 == 0 ? "red shoe " : "red <b>boot</b> ") + i,
                    "brand",
                    i % 3 == 0 ? "acme" : "zeta")))
            .toList());
  }

  private SessionVector vector(String... items) {
    return model.vector(List.of(items));
  }

  private float score(SessionVector vector, String item) {
    int row = model.vocabulary().row(item);
    return model.items().dot(vector.query(), row) + vector.clicked().of(row);
  }

  /** The best of some items by a plain computation, joined by blanks. */
  private String best(SessionVector vector, IntStream items, int count) {
    return items
        .mapToObj(i -> "i" + i)
        .sorted(Comparator.comparingDouble((String item) -> -score(vector, item)))
        .limit(count)
        .collect(Collectors.joining(" "));
  }

  private void assertRefused(Reply reply, int status, String where, String expected) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.response().headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(reply.json().path("error").asText()).isNotEmpty();
    assertThat(reply.json().path("where").asText()).isEqualTo(where);
    assertThat(reply.json().path("expected").asText()).contains(expected);
    assertThat(reply.body()).doesNotContain("Exception", "\tat ", "java.");
  }

  @Test
  void aClickTakesEffectOnceAndSaysWhetherTheModelKnowsTheItem() {
    Reply first = client.click("anna", "i5", TIME);
    assertThat(first.status()).as(first.body()).isEqualTo(200);
    assertThat(first.json().path("model").asText()).isEqualTo(model.version());
    assertThat(first.json().path("clicks").asInt()).isEqualTo(1);
    assertThat(first.json().path("known").asBoolean()).isTrue();
    assertThat(first.json().path("replay").asBoolean()).isFalse();

    Reply again = client.click("anna", "i5", TIME);
    assertThat(again.json().path("clicks").asInt()).isEqualTo(1);
    assertThat(again.json().path("replay").asBoolean()).isTrue();

    Reply unknown = client.click("anna", "new", TIME + 1);
    assertThat(unknown.json().path("clicks").asInt()).isEqualTo(2);
    assertThat(unknown.json().path("known").asBoolean()).isFalse();
  }

  @Test
  void clicksWithoutATimeAllCount() {
    client.click("anna", "i5", 0);
    assertThat(client.click("anna", "i5", 0).json().path("clicks").asInt()).isEqualTo(2);
    Reply list = client.get("/sessions/anna/recommendations?k=5");
    assertThat(list.ids("items"))
        .isEqualTo(best(vector("i5", "i5"), IntStream.rangeClosed(3, ITEMS), 5));
  }

  @Test
  void recommendationsAreTheBestItemsThatAreSold() {
    client.click("anna", "i5", TIME);
    client.click("anna", "i1", TIME + 1);
    client.click("anna", "unknown", TIME + 2);
    SessionVector vector = vector("i5", "i1");
    Reply list = client.get("/sessions/anna/recommendations?k=7");
    assertThat(list.ids("items")).isEqualTo(best(vector, IntStream.rangeClosed(3, ITEMS), 7));
    JsonNode answer = list.json();
    assertThat(answer.path("basis").asText()).isEqualTo("session");
    JsonNode item = answer.path("items").path(0);
    assertThat(item.path("rank").asInt()).isEqualTo(1);
    assertThat((float) item.path("score").asDouble())
        .isCloseTo(score(vector, item.path("id").asText()), within(1e-5f));
    assertThat(item.path("fields").path("title").asText()).startsWith("red ");
    assertThat(answer.path("clicks")).hasSize(2);
    assertThat(answer.path("clicks").path(0).path("item").asText()).isEqualTo("i5");
    assertThat(answer.path("clicks").path(0).path("attention").asDouble()
            + answer.path("clicks").path(1).path("attention").asDouble())
        .isCloseTo(1, within(1e-5));
  }

  @Test
  void filtersAreAlternativesInAFieldAndMustMatchInEachField() {
    client.click("anna", "i5", TIME);
    String path = "/sessions/anna/recommendations?k=100";
    assertThat(client.get(path + "&filter=brand%3Dacme").ids("items"))
        .isEqualTo(
            best(vector("i5"), IntStream.rangeClosed(3, ITEMS).filter(i -> i % 3 == 0), 100));
    assertThat(client.get(path + "&filter=brand=acme&filter=brand=zeta").ids("items"))
        .isEqualTo(best(vector("i5"), IntStream.rangeClosed(3, ITEMS), 100));
    assertThat(client.get(path + "&filter=brand=acme&filter=title=red+shoe+12").ids("items"))
        .isEqualTo("i12");
    assertThat(client.get(path + "&filter=brand=nobody").ids("items")).isEmpty();
    assertRefused(
        client.get(path + "&filter=colour=red"), 400, "query.filter", "the fields brand, title");
    assertRefused(client.get(path + "&filter=brand"), 400, "query.filter", "FIELD=VALUE");
  }

  @Test
  void aSessionWithoutKnownClicksGetsThePopularItems() {
    assertThat(client.get("/sessions/nobody/recommendations?k=3").ids("items"))
        .isEqualTo("i30 i29 i28");
    client.click("anna", "unknown", TIME);
    Reply list = client.get("/sessions/anna/recommendations?k=2");
    assertThat(list.ids("items")).isEqualTo("i30 i29");
    assertThat(list.json().path("basis").asText()).isEqualTo("popularity");
    assertThat(list.json().path("items").path(0).has("score")).isFalse();
  }

  @Test
  void hitsAreRankedAsByTheLibrary() {
    client.click("anna", "i5", TIME);
    String hits = """
        "hits":[{"id":"i9","score":3},{"id":"stranger","score":2.5},
                {"id":"i4","score":2e0},{"id":"i5","score":-1}]}""";
    SessionVector vector = vector("i5");
    float[] session = {score(vector, "i9"), Float.NaN, score(vector, "i4"), score(vector, "i5")};
    SessionRanking.Places places = SessionRanking.of(
            new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX),
            new float[] {3, 2.5f, 2, -1},
            session)
        .top(4);
    String[] ids = {"i9", "stranger", "i4", "i5"};
    String expected = IntStream.of(places.before())
        .mapToObj(before -> ids[before])
        .collect(Collectors.joining(" "));

    Reply live = client.post("/rerank", "{\"query\":\"shoe\",\"session\":\"anna\"," + hits);
    Reply sent = client.post("/rerank", "{\"clicks\":[\"i5\"]," + hits);
    Reply timed =
        client.post("/rerank", "{\"clicks\":[{\"item\":\"i5\",\"time\":" + TIME + "}]," + hits);
    assertThat(live.ids("hits")).as(live.body()).isEqualTo(expected);
    assertThat(sent.json()).isEqualTo(live.json());
    assertThat(timed.json()).isEqualTo(live.json());
    assertThat(live.json().path("reranked").asBoolean()).isTrue();
    for (int i = 0; i < 4; i++) {
      JsonNode hit = live.json().path("hits").path(i);
      assertThat(hit.path("was").asInt()).isEqualTo(places.before()[i] + 1);
      assertThat((float) hit.path("score").asDouble()).isEqualTo(places.scores()[i]);
    }

    Reply nobody = client.post("/rerank", "{\"session\":\"nobody\"," + hits);
    assertThat(nobody.ids("hits")).isEqualTo("i9 stranger i4 i5");
    assertThat(nobody.json().path("reranked").asBoolean()).isFalse();
    assertThat(client.post("/rerank", "{\"clicks\":[],\"hits\":[]}").ids("hits"))
        .isEmpty();
  }

  @Test
  void aBlendThatIsLearnedLaterComesIntoUseAndKnowsTheWordsOfTheQuery() throws IOException {
    LearnedBlend blend = RandomModel.blend();
    Model.saveBlend(directory, model.version(), blend);
    server.look();

    String hits = """
        "clicks":["i5"],"hits":[{"id":"i9","score":3},{"id":"i4","score":2},{"id":"i7","score":1}]}""";
    SessionVector vector = vector("i5");
    float[] session = {score(vector, "i9"), score(vector, "i4"), score(vector, "i7")};
    for (int words : new int[] {0, 2}) {
      SessionRanking.Places places = SessionRanking.of(
              new Blend.Learned(blend.weights(), words), new float[] {3, 2, 1}, session)
          .top(3);
      Reply reply = client.post("/rerank", (words == 0 ? "{" : "{\"query\":\"red shoe\",") + hits);
      for (int i = 0; i < 3; i++) {
        JsonNode hit = reply.json().path("hits").path(i);
        assertThat(hit.path("was").asInt()).as(reply.body()).isEqualTo(places.before()[i] + 1);
        assertThat((float) hit.path("score").asDouble()).isEqualTo(places.scores()[i]);
      }
    }
  }

  @Test
  void twoVisitorsSeeTwoRankingsOfOneSearch() {
    client.click("anna", "i4", TIME);
    client.click("bert", "i12", TIME);
    Reply words = client.get("/search?q=shoe&k=100");
    Reply anna = client.get("/search?q=shoe&k=100&session=anna");
    Reply bert = client.get("/search?q=shoe&k=100&session=bert");
    assertThat(words.status()).as(words.body()).isEqualTo(200);
    assertThat(words.json().path("reranked").asBoolean()).isFalse();
    assertThat(words.json().path("total").asInt()).isEqualTo(15);
    assertThat(anna.json().path("reranked").asBoolean()).isTrue();
    assertThat(anna.json().path("complete").asBoolean()).isTrue();
    assertThat(anna.ids("hits")).isNotEqualTo(words.ids("hits")).isNotEqualTo(bert.ids("hits"));
    assertThat(List.of(anna.ids("hits").split(" ")))
        .containsExactlyInAnyOrder(words.ids("hits").split(" "));
    List<String> before = List.of(words.ids("hits").split(" "));
    anna.json()
        .path("hits")
        .forEach(hit -> assertThat(before.get(hit.path("was").asInt() - 1))
            .isEqualTo(hit.path("id").asText()));
    assertThat(anna.json().path("hits").path(0).path("fields").path("title").asText())
        .startsWith("red shoe");
    assertThat(client.get("/search?q=nothing+of+this").ids("hits")).isEmpty();
  }

  @Test
  void aForgottenSessionIsGone() {
    client.click("anna", "i5", TIME);
    assertThat(client.delete("/sessions/anna").json().path("existed").asBoolean())
        .isTrue();
    assertThat(client.delete("/sessions/anna").json().path("existed").asBoolean())
        .isFalse();
    assertThat(client.get("/sessions/anna/recommendations").json().path("clicks"))
        .isEmpty();
    // The same click begins the session anew.
    Reply click = client.click("anna", "i5", TIME);
    assertThat(click.json().path("replay").asBoolean()).isFalse();
    assertThat(client.get("/sessions/anna/recommendations").json().path("clicks"))
        .hasSize(1);
  }

  @Test
  void idsMayHaveAnyVisibleCharacters() {
    String id = "a%2Fb%20%C3%A4%3F%25..%2F+";
    assertThat(client.click(id, "i5", TIME).status()).isEqualTo(200);
    assertThat(client.get("/sessions/" + id + "/recommendations").json().path("clicks"))
        .hasSize(1);
    assertThat(
            client.get("/search?q=shoe&session=a/b%20%C3%A4?%25..%2F%2B").json().path("clicks"))
        .hasSize(1);
  }

  @Test
  void modelsHealthMetricsAndDescriptionAreThere() {
    client.click("anna", "i5", TIME);
    JsonNode inUse = client.get("/models").json().path("models").path(0);
    assertThat(inUse.path("version").asText()).isEqualTo(model.version());
    assertThat(inUse.path("encoder").asText()).isEqualTo("narm");
    assertThat(inUse.path("items").asInt()).isEqualTo(ITEMS);
    assertThat(inUse.path("since").asText()).isEqualTo("2025-11-28T00:00:05Z");
    assertThat(inUse.has("next")).isFalse();
    assertThat(client.get("/health").json().path("status").asText()).isEqualTo("ok");
    assertThat(client.get("/openapi.json").json().path("openapi").asText()).isEqualTo("3.1.0");
    Reply metrics = client.get("/metrics");
    assertThat(metrics.response().headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.body().lines())
        .contains(
            "# TYPE attune_requests_seconds histogram",
            "attune_requests_seconds_count{path=\"/sessions/{id}/clicks\",status=\"200\"} 1.0",
            "attune_sessions 1.0",
            "attune_sessions_clicks_total{result=\"miss\"} 1.0")
        .allMatch(
            line -> line.matches(
                "# (HELP|TYPE) [a-z_]+ .*|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [0-9.E+-]+"));
    assertThat(metrics.body()).doesNotContain("anna", "i5");
  }

  @Test
  void headIsAnsweredWithoutABody() {
    Reply head = client.send(client.request("/health").method("HEAD", BodyPublishers.noBody()));
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.response().headers().firstValue("Content-Length")).hasValue("15");
  }

  @Test
  void aPathOrMethodThatDoesNotExistIsRefused() {
    assertRefused(client.get("/shop"), 404, "path", "/sessions/{id}/clicks");
    assertRefused(client.get("/shop.html"), 404, "path", "/sessions/{id}/clicks");
    assertRefused(client.get("/sessions"), 404, "path", "/sessions/{id}");
    assertRefused(client.get("/sessions/anna/clicks/"), 404, "path", "/sessions/{id}");
    assertRefused(client.get("/health/x"), 404, "path", "/health");
    Reply method = client.get("/sessions/anna/clicks");
    assertRefused(method, 405, "method", "POST");
    assertThat(method.response().headers().firstValue("Allow")).hasValue("POST");
    assertRefused(client.delete("/rerank"), 405, "method", "POST");
  }

  @Test
  void aParameterThatIsNotUnderstoodIsRefused() {
    String path = "/sessions/anna/recommendations";
    assertRefused(client.get(path + "?k=0"), 400, "query.k", "from 1 to 1000");
    assertRefused(client.get(path + "?k=1001"), 400, "query.k", "from 1 to 1000");
    assertRefused(client.get(path + "?k=%D9%A3"), 400, "query.k", "from 1 to 1000");
    assertRefused(client.get(path + "?k=99999999999999999999"), 400, "query.k", "from 1 to 1000");
    assertRefused(client.get(path + "?k=3&k=4"), 400, "query.k", "one value");
    assertRefused(client.get(path + "?n=3"), 400, "query", "only filter, k");
    assertRefused(client.get(path + "?k=%C3"), 400, "query.k", "UTF-8");
    assertRefused(client.get("/health?x"), 400, "query", "no parameters");
    assertRefused(client.get("/sessions/%00/recommendations"), 400, "path.session", "control");
    assertRefused(client.get("/sessions//recommendations"), 400, "path.session", "1 to 512");
    assertRefused(
        client.get("/sessions/" + "x".repeat(513) + "/recommendations"),
        400,
        "path.session",
        "1 to 512");
    assertRefused(client.get("/search"), 400, "query.q", "words");
    assertRefused(client.get("/search?q=+"), 400, "query.q", "words");
    assertRefused(client.get("/search?q=" + "a".repeat(513)), 400, "query.q", "512");
    assertRefused(client.get("/search?q=a&session="), 400, "query.session", "1 to 512");
  }

  @Test
  void aQueryOfTooManyWordsIsRefused() {
    String words = IntStream.range(0, 250).mapToObj(i -> "a+").collect(Collectors.joining());
    Reply repeated = client.get("/search?q=" + words);
    assertThat(repeated.status()).as(repeated.body()).isEqualTo(200);
  }

  @Test
  void aBodyThatIsNotUnderstoodIsRefused() {
    String click = "/sessions/anna/clicks";
    assertRefused(client.post(click, ""), 400, "body", "an object");
    assertRefused(client.post(click, "{\"item\":"), 400, "body", "a JSON object");
    assertRefused(client.post(click, "[]"), 400, "body", "an object with item, queryId, time");
    assertRefused(client.post(click, "{}"), 400, "body.item", "the id");
    assertRefused(client.post(click, "{\"item\":\"a\"} x"), 400, "body", "a JSON object");
    assertRefused(client.post(click, "{\"item\":\"a\",\"item\":\"b\"}"), 400, "body", "JSON");
    assertRefused(client.post(click, "{\"item\":7}"), 400, "body.item", "a string");
    assertRefused(client.post(click, "{\"item\":\"\\ud800\"}"), 400, "body.item", "1 to 512");
    assertRefused(
        client.post(click, "{\"item\":\"a\",\"id\":1}"), 400, "body", "only item, queryId, time");
    assertRefused(client.post(click, "[".repeat(5000)), 400, "body", "a JSON object");
    for (String time : List.of(
        "1764288000", "-1", "1e400", "1.5", "\"yesterday\"", "true", "9".repeat(30), "{}")) {
      assertRefused(
          client.post(click, "{\"item\":\"i5\",\"time\":" + time + "}"),
          400,
          "body.time",
          "milliseconds since 1970");
    }
    assertRefused(
        client.post("/rerank", "{\"session\":\"a\",\"hits\":[{\"id\":\"a\",\"score\":\"1\"}]}"),
        400,
        "body.hits[0].score",
        "a number");
    assertRefused(
        client.post("/rerank", "{\"session\":\"a\",\"hits\":[{\"id\":\"a\",\"score\":1e99}]}"),
        400,
        "body.hits[0].score",
        "a number");
    assertRefused(client.post("/rerank", "{\"session\":\"a\"}"), 400, "body.hits", "the hits");
    assertRefused(client.post("/rerank", "{\"hits\":[]}"), 400, "body", "session");
    assertRefused(
        client.post("/rerank", "{\"hits\":[],\"session\":\"a\",\"clicks\":[]}"),
        400,
        "body",
        "or clicks");
    assertRefused(
        client.post("/rerank", "{\"hits\":[],\"clicks\":[3]}"),
        400,
        "body.clicks[0]",
        "item, time");
    // Nothing of all this was a click.
    assertThat(client.get("/sessions/anna/recommendations").json().path("clicks"))
        .isEmpty();
  }

  @Test
  void aBodyOfAnotherTypeIsRefused() {
    String path = "/sessions/anna/clicks";
    for (String type : List.of(
        "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1")) {
      assertRefused(
          client.send(client
              .request(path)
              .header("Content-Type", type)
              .POST(BodyPublishers.ofString("{\"item\":\"i5\"}"))),
          415,
          "header.Content-Type",
          "application/json");
    }
    assertRefused(
        client.send(client.request(path).POST(BodyPublishers.ofString("{\"item\":\"i5\"}"))),
        415,
        "header.Content-Type",
        "application/json");
    Reply right = client.send(client
        .request(path)
        .header("Content-Type", "Application/JSON; charset=\"UTF-8\"")
        .POST(BodyPublishers.ofString("{\"item\":\"i5\"}")));
    assertThat(right.status()).as(right.body()).isEqualTo(200);
    assertRefused(
        client.send(client
            .request(path)
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("{\"item\":\"i5\"}"))),
        415,
        "header.Content-Encoding",
        "not compressed");
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedAndTheNextRequestIsAnswered() {
    String path = "/sessions/anna/clicks";
    int limit = ServerLimits.defaults().bodyBytes();
    assertRefused(client.post(path, "x".repeat(limit + 1)), 413, "body", limit + " bytes");
    assertRefused(client.post(path, " ".repeat(5 * limit)), 413, "body", limit + " bytes");
    assertThat(client.click("anna", "i5", TIME).status()).isEqualTo(200);
  }

  @Test
  void withoutItemsTheModelsOwnAreRecommendedAndNothingIsSearched() throws IOException {
    try (AttuneServer bare = withoutItems().start();
        Client its = new Client(bare.address())) {
      its.click("anna", "i5", TIME);
      Reply list = its.get("/sessions/anna/recommendations?k=5");
      assertThat(list.ids("items"))
          .isEqualTo(best(vector("i5"), IntStream.rangeClosed(1, ITEMS), 5));
      assertThat(list.json().path("items").path(0).has("fields")).isFalse();
      assertRefused(its.get("/search?q=shoe"), 404, "path", "--items or --index");
      assertRefused(
          its.get("/sessions/anna/recommendations?filter=brand=acme"),
          400,
          "query.filter",
          "--items or --index");
    }
  }

  @Test
  void withATokenOnlyItsOwnerChangesSessions() throws IOException {
    try (AttuneServer guarded = builder().token("s3cret").start();
        Client its = new Client(guarded.address())) {
      Reply without = its.click("anna", "i5", TIME);
      assertRefused(without, 401, "header.Authorization", "Bearer");
      assertThat(without.response().headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
      assertRefused(its.delete("/sessions/anna"), 401, "header.Authorization", "Bearer");
      assertRefused(
          its.send(its.request("/sessions/anna")
              .header("Authorization", "Bearer s3cre")
              .DELETE()),
          401,
          "header.Authorization",
          "Bearer");
      Reply right = its.send(its.request("/sessions/anna/clicks")
          .header("Authorization", "bearer s3cret")
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString("{\"item\":\"i5\"}")));
      assertThat(right.status()).as(right.body()).isEqualTo(200);
      assertThat(its.get("/sessions/anna/recommendations").json().path("clicks"))
          .hasSize(1);
      assertThat(its.post("/rerank", "{\"clicks\":[],\"hits\":[]}").status()).isEqualTo(200);
    }
  }

  @Test
  void anAddressThatIsTakenIsNamed() {
    assertThatThrownBy(() -> builder().address(server.address()).start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:" + server.address().getPort());
  }

  @Test
  void anIndexWithoutTheIdsIsRefused() {
    assertThatThrownBy(
            () -> withoutItems().index(DirectoryReader.open(index), "sku").start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'sku'")
        .hasMessageContaining("id");
  }

  @Test
  void newDocumentsAreFoundWithoutARestart() throws IOException {
    assertThat(client.get("/search?q=33").ids("hits")).isEmpty();
    writeItems(33);
    server.look();
    assertThat(client.get("/search?q=33").ids("hits")).isEqualTo("i33");
    assertThat(notices).containsExactly("now searching a newer index: 31 items");
  }

  @Test
  void itemsThatCameAfterTrainingAreKnownByTheirWordsAsSoonAsTheyAreFound() throws IOException {
    assertThat(client.click("anna", "i31", TIME).json().path("known").asBoolean())
        .isFalse();
    Model plain = Model.load(directory);
    int dimension = plain.manifest().encoder().dimension();
    Map<String, Tensor> weights = new HashMap<>(plain.weights());
    float[] drawn = new float[64 * dimension];
    float[] rarity = new float[64];
    Arrays.fill(rarity, 1);
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) Math.sin(i * i);
    }
    new TextMap(rarity, new Tensor(new long[] {64, dimension}, drawn), 1)
        .addTo(weights, Model.ITEMS);
    new Model(plain.manifest(), plain.vocabulary(), plain.counts(), weights).save(directory);
    server.look();
    assertThat(client.get("/models").json().path("models").path(0).path("items").asInt())
        .isEqualTo(ITEMS + 2);
    Reply list = client.get("/sessions/anna/recommendations?k=40");
    assertThat(list.ids("items").split(" ")).contains("i31", "i32").hasSize(ITEMS);
    assertThat(list.json().path("clicks").path(0).path("item").asText()).isEqualTo("i31");
    writeItems(33);
    server.look();
    assertThat(client.get("/sessions/anna/recommendations?k=40").ids("items").split(" "))
        .contains("i33")
        .hasSize(ITEMS + 1);
    assertThat(client.click("anna", "i33", TIME + 1).json().path("known").asBoolean())
        .isTrue();
    assertThat(
            client.get("/models").json().path("models").path(0).path("version").asText())
        .isEqualTo(Model.version(Model.manifest(directory)));
  }

  @Test
  void aModelThatIsReplacedComesIntoUseAndSeesTheClicksOfLiveSessions() throws IOException {
    client.click("anna", "i5", TIME);
    client.click("anna", "i31", TIME + 1); // which only the next model knows
    server.look();
    assertThat(notices).isEmpty();
    Model next = RandomModel.save(directory, ITEMS + 1, 2);
    model = ServingModel.of(next);
    server.look();
    Reply list = client.get("/sessions/anna/recommendations?k=6");
    assertThat(list.json().path("model").asText()).isEqualTo(next.version());
    assertThat(list.ids("items"))
        .isEqualTo(best(vector("i5", "i31"), IntStream.rangeClosed(3, ITEMS + 1), 6));
    assertThat(client.get("/models").json().path("models").path(0).path("items").asInt())
        .isEqualTo(31);
    assertThat(notices).containsExactly("now serving model " + next.version().substring(0, 12));
    assertThat(client.get("/metrics").body()).contains("attune_model_changes_total 1.0");
  }

  @Test
  void aModelThatCannotBeOpenedLeavesTheOldOneInUse() throws IOException {
    client.click("anna", "i5", TIME);
    RandomModel.save(folder.resolve("other"), ITEMS, 9);
    Files.copy(
        folder.resolve("other/manifest.json"),
        directory.resolve("manifest.json"),
        StandardCopyOption.REPLACE_EXISTING);
    server.look();
    server.look();
    assertThat(notices).hasSize(1);
    assertThat(notices.getFirst())
        .startsWith("still serving model " + model.version().substring(0, 12))
        .contains("weights.safetensors");
    assertThat(client.get("/sessions/anna/recommendations?k=4").ids("items"))
        .isEqualTo(best(vector("i5"), IntStream.rangeClosed(3, ITEMS), 4));
    JsonNode inUse = client.get("/models").json().path("models").path(0);
    assertThat(inUse.path("version").asText()).isEqualTo(model.version());
    assertThat(inUse.path("next").asText()).isNotEmpty().doesNotContain(folder.toString());
  }
}
