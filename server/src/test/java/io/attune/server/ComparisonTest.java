package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.TeamDraft;
import io.attune.model.Model;
import io.attune.model.ModelHistory;
import io.attune.server.Client.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches that compare two rankings, and what is logged of them. */
class ComparisonTest {
  private static final String TIME = "2025-11-28T00:00:05.000Z"; // always with milliseconds
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse(TIME).plusNanos(456_789), ZoneOffset.UTC);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir
  private Path folder;

  private Path events;
  private String model;
  private final Directory index = new ByteBuffersDirectory();
  private final List<String> notices = new ArrayList<>();
  private AttuneServer server;
  private Client client;

  @BeforeEach
  void start() throws IOException {
    model = RandomModel.save(folder.resolve("model"), 30, 1).version();
    events = folder.resolve("events.jsonl");
    // Longer titles stand lower by words.
    ItemIndex.write(
        index,
        IntStream.rangeClosed(1, 30)
            .mapToObj(i ->
                new ItemIndex.Item("i" + i, Map.of("title", "red" + " shoe".repeat(1 + i / 4))))
            .toList());
    open(builder().events(events));
  }

  private void open(AttuneServer.Builder builder) throws IOException {
    server = builder.start();
    client = new Client(server.address());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    index.close();
  }

  private void restart(AttuneServer.Builder builder) throws IOException {
    client.close();
    server.close();
    open(builder);
  }

  private AttuneServer.Builder builder() throws IOException {
    return AttuneServer.builder(folder.resolve("model"), CLOCK, Ticker.systemTicker())
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .index(DirectoryReader.open(index), "id")
        .notices(notices::add);
  }

  private List<JsonNode> logged() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(events)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static List<String> list(String ids) {
    return Arrays.asList(ids.split(" "));
  }

  private static void assertRefused(Reply reply, int status, String where, String expected) {
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().path("where").asText()).isEqualTo(where);
    assertThat(reply.json().path("expected").asText()).contains(expected);
  }

  @Test
  void theHitsAreTheDraftOfBothRankingsAndTheSameWhenTheSearchIsRepeated() {
    Set<String> firstTeams = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (int visitor = 0; visitor < 20; visitor++) {
      String session = "s" + visitor;
      client.click(session, "i" + (1 + visitor), 0);
      List<String> words = list(client.get("/search?q=red&k=30").ids("hits"));
      List<String> fixed =
          list(client.get("/search?q=red&k=30&session=" + session).ids("hits"));
      List<TeamDraft.Pick<String>> draft =
          TeamDraft.of(words, fixed, 12, TeamDraft.seed(session, "red", "words", "fixed"));
      for (int time = 0; time < 2; time++) {
        Reply reply = client.get("/search?q=red&k=12&compare=words,fixed&session=" + session);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().path("reranked").asBoolean()).isTrue();
        assertThat(ids.add(reply.json().path("queryId").asText())).isTrue();
        JsonNode hits = reply.json().path("hits");
        assertThat(hits).hasSize(12);
        for (int i = 0; i < 12; i++) {
          TeamDraft.Pick<String> pick = draft.get(i);
          JsonNode hit = hits.path(i);
          assertThat(hit.path("id").asText()).isEqualTo(pick.hit());
          assertThat(hit.path("rank").asInt()).isEqualTo(i + 1);
          assertThat(hit.path("was").asInt()).isEqualTo(words.indexOf(pick.hit()) + 1);
          assertThat(hit.path("team").asText())
              .isEqualTo(
                  switch (pick.team()) {
                    case A -> "words";
                    case B -> "fixed";
                    case NONE -> "";
                  });
        }
        firstTeams.add(hits.path(0).path("team").asText());
      }
    }
    assertThat(firstTeams).contains("words", "fixed");
  }

  @Test
  void impressionsAndClicksAreLoggedAsEvents() throws IOException {
    client.click("anna", "i20", 1_764_288_000_000L);
    Reply reply =
        client.get("/search?q=red+shoe&k=5&compare=fixed,words&session=anna&device=phone");
    String query = reply.json().path("queryId").asText();
    String item = reply.json().path("hits").path(2).path("id").asText();
    String click =
        "{\"item\":\"" + item + "\",\"time\":1764288001000,\"queryId\":\"" + query + "\"}";
    for (int time = 0; time < 2; time++) { // the second is the same click, sent again
      assertThat(client.post("/sessions/anna/clicks", click).status()).isEqualTo(200);
    }

    List<JsonNode> lines = logged();
    assertThat(lines).hasSize(1 + 5 + 1);
    String session = lines.getFirst().path("session_id").asText();
    assertThat(session).matches("[0-9a-f]{32}");
    assertThat(lines).allMatch(line -> line.path("session_id").asText().equals(session));
    assertThat(lines.getFirst())
        .isEqualTo(JSON.readTree("{\"action_name\":\"click\",\"session_id\":\"" + session
            + "\",\"timestamp\":\"2025-11-28T00:00:00.000Z\",\"event_attributes\":{\"object\":"
            + "{\"object_id\":\"i20\"}}}"));
    String coins = HexFormat.of().toHexDigits(TeamDraft.seed("anna", "red shoe", "fixed", "words"));
    for (int i = 0; i < 5; i++) {
      JsonNode hit = reply.json().path("hits").path(i);
      String team = hit.has("team") ? ",\"team\":\"" + hit.path("team").asText() + "\"" : "";
      assertThat(lines.get(1 + i))
          .isEqualTo(JSON.readTree("{\"action_name\":\"impression\",\"query_id\":\"" + query
              + "\",\"session_id\":\"" + session + "\",\"timestamp\":\"" + TIME
              + "\",\"event_attributes\":{\"object\":{\"object_id\":\""
              + hit.path("id").asText()
              + "\"},\"position\":{\"ordinal\":" + (i + 1)
              + "},\"interleaving\":{\"rankings\":[\"fixed\",\"words\"],\"coins\":\"" + coins + "\""
              + team + "},\"model\":\"" + model.substring(0, 12) + "\",\"device\":\"phone\"}}"));
    }
    assertThat(lines.getLast().path("query_id").asText()).isEqualTo(query);
    assertThat(lines.getLast().at("/event_attributes/object/object_id").asText())
        .isEqualTo(item);
    assertThat(Files.readString(events)).doesNotContain("anna", "shoe", "127.0.0.1");
    assertThat(Files.getPosixFilePermissions(events))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(notices).isEmpty();
  }

  @Test
  void aSessionWithoutClicksSeesTheOrderByWordsAndNoTeams() throws IOException {
    String words = client.get("/search?q=red&k=8").ids("hits");

    Reply reply = client.get("/search?q=red&k=8&compare=words,fixed&session=new");

    assertThat(reply.ids("hits")).isEqualTo(words);
    assertThat(reply.json().path("reranked").asBoolean()).isFalse();
    assertThat(reply.json().path("hits")).allMatch(hit -> !hit.has("team"));
    assertThat(logged()).hasSize(8).allMatch(line -> !line.toString().contains("team"));
    assertThat(client.get("/search?q=nothing&compare=words,fixed&session=new").ids("hits"))
        .isEmpty();
    assertThat(logged()).hasSize(8);
  }

  @Test
  void aLearnedBlendIsComparedWhereTheModelHasOne() throws IOException {
    assertRefused(
        client.get("/search?q=red&compare=words,learned&session=anna"),
        400,
        "query.compare",
        "words,fixed, or a model whose blend");
    Model.saveBlend(folder.resolve("model"), model, RandomModel.blend());
    server.look();
    client.click("anna", "i20", 0);
    List<String> words = list(client.get("/search?q=red&k=30").ids("hits"));
    List<String> learned = list(client.get("/search?q=red&k=30&session=anna").ids("hits"));

    Reply reply = client.get("/search?q=red&k=30&compare=learned,words&session=anna");

    assertThat(learned).isNotEqualTo(words);
    assertThat(list(reply.ids("hits")))
        .isEqualTo(
            TeamDraft.of(learned, words, 30, TeamDraft.seed("anna", "red", "learned", "words"))
                .stream()
                .map(TeamDraft.Pick::hit)
                .toList());
  }

  /** What a session that clicked i20 sees, by words and session, of all items. */
  private List<String> seen() {
    client.click("anna", "i20", 1_764_288_000_000L); // once, however often it is sent
    return list(client.get("/search?q=red&k=30&session=anna").ids("hits"));
  }

  @Test
  void theVersionBeforeIsComparedWithThePresentOneAlsoWhenAnotherOneComesIntoUse()
      throws IOException {
    assertRefused(
        client.get("/search?q=red&compare=previous,fixed&session=anna"),
        400,
        "query.compare",
        "a model that attune update has replaced");
    List<List<String>> rankings = new ArrayList<>(List.of(seen()));
    List<String> versions = new ArrayList<>(List.of(model));
    for (int seed = 2; seed <= 3; seed++) {
      Path candidate = folder.resolve("candidate");
      versions.add(RandomModel.save(candidate, 30, seed).version());
      ModelHistory history = new ModelHistory(folder.resolve("model"));
      history.keep(5);
      history.replace(candidate);
      server.look();
      List<String> after = seen();
      rankings.add(after);
      List<String> before = rankings.get(seed - 2);
      assertThat(after).isNotEqualTo(before);

      Reply reply = client.get("/search?q=red&k=30&compare=previous,fixed&session=anna");

      assertThat(list(reply.ids("hits")))
          .isEqualTo(
              TeamDraft.of(before, after, 30, TeamDraft.seed("anna", "red", "previous", "fixed"))
                  .stream()
                  .map(TeamDraft.Pick::hit)
                  .toList());
      JsonNode inUse = client.get("/models").json().path("models").path(0);
      assertThat(inUse.path("version").asText()).isEqualTo(versions.getLast());
      assertThat(inUse.path("previous").asText()).isEqualTo(versions.get(seed - 2));
    }
    restart(builder().events(events));
    assertThat(client
            .get("/search?q=red&compare=words,previous&session=anna")
            .json()
            .path("reranked")
            .asBoolean())
        .isFalse(); // a new session
    assertThat(seen()).isEqualTo(rankings.getLast());
    assertThat(list(
            client.get("/search?q=red&k=30&compare=previous,words&session=anna").ids("hits")))
        .isEqualTo(TeamDraft.of(
                rankings.get(1),
                list(client.get("/search?q=red&k=30").ids("hits")),
                30,
                TeamDraft.seed("anna", "red", "previous", "words"))
            .stream()
            .map(TeamDraft.Pick::hit)
            .toList());
  }

  @Test
  void withoutALogTheVersionBeforeIsNotOpened() throws IOException {
    restart(builder());
    Path candidate = folder.resolve("candidate");
    RandomModel.save(candidate, 30, 2);
    ModelHistory history = new ModelHistory(folder.resolve("model"));
    history.keep(5);
    history.replace(candidate);
    server.look();

    assertThat(client.get("/models").json().path("models").path(0).has("previous"))
        .isFalse();
  }

  @Test
  void aVersionBeforeThatIsDamagedIsNotComparedAndSaid() throws IOException {
    Path candidate = folder.resolve("candidate");
    String second = RandomModel.save(candidate, 30, 2).version();
    ModelHistory history = new ModelHistory(folder.resolve("model"));
    history.keep(5);
    history.replace(candidate);
    Files.writeString(history.versions().getLast().resolve("weights.safetensors"), "damaged");
    server.look();

    assertThat(
            client.get("/models").json().path("models").path(0).path("version").asText())
        .isEqualTo(second);
    assertRefused(
        client.get("/search?q=red&compare=previous,fixed&session=anna"),
        400,
        "query.compare",
        "versions");
    assertThat(notices).anyMatch(line -> line.startsWith("no comparison with the version before"));
  }

  private static String hits(List<String> ids) {
    return IntStream.range(0, ids.size())
        .mapToObj(i -> "{\"id\":\"" + ids.get(i) + "\",\"score\":" + (100 - i) + "}")
        .collect(Collectors.joining(",", "\"hits\":[", "]"));
  }

  @Test
  void hitsOfAnotherSearchAreInterleavedAndTheFirstOfThemLogged() throws IOException {
    List<String> words = IntStream.rangeClosed(1, 25).mapToObj(i -> "i" + i).toList();
    client.click("anna", "i20", 0);
    String session = "\"session\":\"anna\",\"query\":\"red\"," + hits(words);
    List<String> fixed = list(client.post("/rerank", "{" + session + "}").ids("hits"));
    assertThat(fixed).hasSize(25).isNotEqualTo(words);
    List<TeamDraft.Pick<String>> draft =
        TeamDraft.of(words, fixed, 7, TeamDraft.seed("anna", "red", "words", "fixed"));

    Reply reply = client.post(
        "/rerank", "{" + session + ",\"compare\":\"words,fixed\",\"k\":7,\"device\":\"phone\"}");

    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().path("reranked").asBoolean()).isTrue();
    JsonNode hits = reply.json().path("hits");
    assertThat(hits).hasSize(7);
    List<JsonNode> logged = logged();
    assertThat(logged).hasSize(1 + 7); // the click
    for (int i = 0; i < 7; i++) {
      TeamDraft.Pick<String> pick = draft.get(i);
      assertThat(hits.path(i).path("id").asText()).isEqualTo(pick.hit());
      assertThat(hits.path(i).path("was").asInt()).isEqualTo(words.indexOf(pick.hit()) + 1);
      assertThat(hits.path(i).has("team")).isEqualTo(pick.team() != TeamDraft.Team.NONE);
      JsonNode event = logged.get(1 + i);
      assertThat(event.path("query_id")).isEqualTo(reply.json().path("queryId"));
      assertThat(event.at("/event_attributes/object/object_id").asText()).isEqualTo(pick.hit());
      assertThat(event.at("/event_attributes/interleaving/team").asText())
          .isEqualTo(hits.path(i).path("team").asText());
      assertThat(event.at("/event_attributes/device").asText()).isEqualTo("phone");
    }
    assertThat(client
            .post("/rerank", "{" + session + ",\"compare\":\"words,fixed\"}")
            .json()
            .path("hits"))
        .hasSize(10);
  }

  @Test
  void aComparisonOfHitsThatIsNotUnderstoodIsRefused() throws IOException {
    String hits = hits(List.of("i1", "i2"));
    String session = "{\"session\":\"anna\"," + hits + ",\"compare\":";
    assertRefused(client.post("/rerank", session + "\"words\"}"), 400, "body.compare", "two of");
    assertRefused(client.post("/rerank", session + "\"\"}"), 400, "body.compare", "two of");
    assertRefused(client.post("/rerank", session + "7}"), 400, "body.compare", "string");
    assertRefused(
        client.post("/rerank", session + "\"words,learned\"}"), 400, "body.compare", "blend");
    for (String k : List.of("0", "1001", "\"3\"", "1.5", "1e99")) {
      assertRefused(
          client.post("/rerank", session + "\"words,fixed\",\"k\":" + k + "}"),
          400,
          "body.k",
          "from 1 to 1000");
    }
    assertRefused(
        client.post("/rerank", session + "\"words,fixed\",\"device\":\"a b\"}"),
        400,
        "body.device",
        "letters");
    assertRefused(
        client.post("/rerank", "{\"clicks\":[]," + hits + ",\"compare\":\"words,fixed\"}"),
        400,
        "body.session",
        "id of a session");
    for (String field : List.of("\"k\":3", "\"device\":\"phone\"")) {
      assertRefused(
          client.post("/rerank", "{\"session\":\"anna\"," + hits + "," + field + "}"),
          400,
          "body." + (field.startsWith("\"k") ? "k" : "device"),
          "compare too");
    }
    restart(builder());
    assertRefused(
        client.post("/rerank", session + "\"words,fixed\"}"), 400, "body.compare", "--events");
    restart(builder().events(events).token("secret"));
    assertThat(client.post("/rerank", session + "\"words,fixed\"}").status()).isEqualTo(401);
    assertThat(events).isEmptyFile();
  }

  @Test
  void whatIsNotUnderstoodIsRefused() {
    String search = "/search?q=red&session=anna&compare=";
    for (String compared :
        List.of("", "words", "words,", "words,Fixed", "words,fixed,learned", "x", "words,words")) {
      assertRefused(
          client.get(search + compared),
          400,
          "query.compare",
          "two of words, fixed, learned, previous, such as words,learned");
    }
    assertRefused(client.get("/search?q=red&compare=words,fixed"), 400, "query.session", "id");
    assertRefused(
        client.get("/search?q=red&session=anna&device=phone"), 400, "query.device", "compare");
    for (String device : List.of("", "a+b", "%C3%A4", "x".repeat(33))) {
      assertRefused(
          client.get(search + "words,fixed&device=" + device), 400, "query.device", "letters");
    }
    assertRefused(
        client.post("/sessions/anna/clicks", "{\"item\":\"i1\",\"queryId\":7}"),
        400,
        "body.queryId",
        "string");
    assertThat(events).isEmptyFile();
  }

  @Test
  void withoutALogNothingIsComparedAndAClicksSearchDoesNoHarm() throws IOException {
    restart(builder());
    assertRefused(
        client.get("/search?q=red&compare=words,fixed&session=anna"),
        400,
        "query.compare",
        "--events");
    assertThat(client
            .post("/sessions/anna/clicks", "{\"item\":\"i1\",\"queryId\":\"earlier\"}")
            .status())
        .isEqualTo(200);
  }

  @Test
  void aComparisonNeedsTheTokenAsItIsLogged() throws IOException {
    restart(builder().events(events).token("secret"));
    String search = "/search?q=red&compare=words,fixed&session=anna";
    assertThat(client.get(search).status()).isEqualTo(401);
    assertThat(events).isEmptyFile();
    assertThat(client
            .send(client.request(search).header("Authorization", "Bearer secret"))
            .status())
        .isEqualTo(200);
  }

  @Test
  void theLogGoesOnAfterARestartAndLeavesOutWhatWasNotWrittenWhole() throws IOException {
    client.click("anna", "i1", 0);
    String before = Files.readString(events);
    Files.writeString(events, "{\"action_name\":\"cli", StandardOpenOption.APPEND);
    restart(builder().events(events));
    client.click("anna", "i2", 0);

    assertThat(notices)
        .containsExactly(events + ": left out an incomplete event of 19 bytes at its end");
    assertThat(Files.readString(events)).startsWith(before);
    assertThat(logged()).hasSize(2);
    assertThat(logged().get(1).path("session_id")).isEqualTo(logged().get(0).path("session_id"));
  }

  @Test
  void aFileOfSomethingElseIsNotTouched() throws IOException {
    for (String other : List.of("{\n  \"format\": 3\n}", "item,time\na,b", "{\"action_name\"=")) {
      Path file = Files.writeString(folder.resolve("other"), other);
      assertThatThrownBy(() -> builder().events(file).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file + ": is no log of events of this server; name a new file");
      assertThat(file).hasContent(other);
    }
    assertThatThrownBy(() -> builder().events(events).start())
        .hasMessageContaining(events + ": in use by another server");
  }

  @Test
  void aLineThatIsLongerThanABlockIsFoundAndLeftOut() throws IOException {
    client.click("anna", "i1", 0);
    String before = Files.readString(events);
    Files.writeString(events, "{" + "x".repeat(20_000), StandardOpenOption.APPEND);
    restart(builder().events(events));

    assertThat(events).hasContent(before);
    assertThat(notices)
        .containsExactly(events + ": left out an incomplete event of 20001 bytes at its end");
  }
}
