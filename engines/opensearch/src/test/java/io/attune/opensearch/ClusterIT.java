package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.lucene.Blend;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.opensearch.cluster.Http;
import io.attune.opensearch.cluster.LocalCluster;
import io.attune.opensearch.cluster.ServerFiles;
import io.attune.opensearch.cluster.ServerNode;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a cluster of three processes with OpenSearch's own main class, the plugin unpacked from its
 * zip, and two shards with a replica each.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // the last one costs a node
class ClusterIT {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 600).mapToObj(i -> "i" + i).toList();
  private static final int DIMENSION = 24;
  private static final int WINDOW = 600;
  private static final int PAGE = 50;
  // Starts in a third of the time, and nothing here runs long enough for C2 to matter.
  private static final List<String> JVM =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final List<List<String>> SESSIONS =
      List.of(List.of("i3", "i9"), List.of("i500"), List.of("i1", "i2", "i3", "i4", "i5"));

  @TempDir
  private static Path folder;

  private static LocalCluster cluster;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    ServerFiles files = new ServerFiles(
        Path.of(System.getProperty("attune.server")), Path.of(System.getProperty("attune.plugin")));
    cluster = LocalCluster.start(
        files,
        folder,
        3,
        JVM,
        models -> RandomModel.save(models.resolve("shop"), ITEMS, DIMENSION, 1));
    Http http = cluster.node(0).http();
    http.ok("PUT", "/shop", """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 1},
         "mappings": {"properties": {"sku": {"type": "keyword"}, "title": {"type": "text"}}}}
        """);
    StringBuilder bulk = new StringBuilder();
    titles().forEach((sku, title) -> bulk.append("""
        {"index": {"_id": "%s"}}
        {"sku": "%s", "title": "%s"}
        """.formatted(sku, sku, title)));
    http.ok("POST", "/shop/_bulk?refresh=true", bulk.toString());
    cluster.awaitGreen("shop");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Map<String, String> titles() {
    Random random = new Random(7);
    List<String> words = List.of("red", "blue", "shoe", "boot", "warm");
    Map<String, String> titles = new TreeMap<>();
    for (String item : ITEMS) {
      StringBuilder title = new StringBuilder("shoe");
      for (int i = random.nextInt(8); i > 0; i--) {
        title.append(' ').append(words.get(random.nextInt(words.size())));
      }
      titles.put(item, title.toString());
    }
    return titles;
  }

  private static String request(List<String> clicks, String blend) {
    return String.format(Locale.ROOT, """
        {"query": {"match": {"title": "shoe"}}, "size": %d, "rescore": {"window_size": %d, "session":
         {"model": "shop", "clicks": ["%s"], "item_field": "sku", "blend": %s}}}
        """, PAGE, WINDOW, String.join("\", \"", clicks), blend);
  }

  /** A search for each session, ranked by the session alone. */
  private static List<String> requests() {
    return SESSIONS.stream().map(clicks -> request(clicks, "{\"replace\": {}}")).toList();
  }

  /** A hit: the item and the score to the last bit. */
  record Hit(String item, float score) {}

  static List<Hit> hits(JsonNode answer) {
    List<Hit> hits = new ArrayList<>();
    answer
        .at("/hits/hits")
        .forEach(hit ->
            hits.add(new Hit(hit.get("_id").asText(), (float) hit.get("_score").asDouble())));
    return hits;
  }

  /** The ranking of a single Lucene index with all documents. */
  private static List<Hit> byLucene(ServingModel model, List<String> clicks, Blend blend)
      throws IOException {
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer());
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (Map.Entry<String, String> item : titles().entrySet()) {
          Document document = new Document();
          document.add(new StoredField("sku", item.getKey()));
          document.add(new SortedDocValuesField("sku", new BytesRef(item.getKey())));
          document.add(new TextField("title", item.getValue(), Field.Store.NO));
          writer.addDocument(document);
        }
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        TopDocs first = searcher.search(new TermQuery(new Term("title", "shoe")), WINDOW);
        SessionVector vector = model.vector(clicks);
        SessionRescorer rescorer = new SessionRescorer(
            new ItemSource.Joined("sku", model),
            vector,
            SessionRescorer.Settings.defaults().withBlend(blend).withWindow(WINDOW));
        List<Hit> hits = new ArrayList<>();
        for (ScoreDoc hit : rescorer.rescore(searcher, first, PAGE).scoreDocs) {
          hits.add(new Hit(searcher.storedFields().document(hit.doc).get("sku"), hit.score));
        }
        return hits;
      }
    }
  }

  @Order(0)
  @Test
  void thePluginHoldsNothingNativeAndNoEngine() throws IOException {
    try (ZipFile plugin = new ZipFile(System.getProperty("attune.plugin"))) {
      List<String> files = plugin.stream().map(ZipEntry::getName).toList();
      assertThat(files).contains("plugin-descriptor.properties").doesNotHaveDuplicates();
      assertThat(files.stream().filter(file -> file.endsWith(".jar")))
          .isNotEmpty()
          .noneMatch(
              file -> file.matches("(?i)(.*(djl|torch|jni|jna).*|(lucene-core|opensearch)-.*)"));
      for (String jar : files.stream().filter(file -> file.endsWith(".jar")).toList()) {
        try (ZipInputStream in = new ZipInputStream(plugin.getInputStream(plugin.getEntry(jar)))) {
          for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            assertThat(entry.getName()).as(jar).doesNotMatch("(?i).*\\.(so|dll|dylib|jnilib)");
          }
        }
      }
    }
  }

  @Order(1)
  @Test
  void twoShardsSayWhatOneIndexSays() throws IOException, InterruptedException {
    ServingModel model = ServingModel.open(cluster.node(0).models().resolve("shop"));
    Map<String, Blend> blends = Map.of(
        "{\"replace\": {}}",
        new Blend.Replace(),
        "{\"weighted\": {}}",
        new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX),
        "{\"weighted\": {\"weight\": 0.3, \"normalization\": \"none\"}}",
        new Blend.Weighted(0.3f, Blend.Normalization.NONE));
    for (ServerNode node : cluster.nodes()) {
      for (List<String> clicks : SESSIONS) {
        for (Map.Entry<String, Blend> blend : blends.entrySet()) {
          // global term statistics, as in a single index
          JsonNode answer = node.http()
              .ok(
                  "POST",
                  "/shop/_search?search_type=dfs_query_then_fetch",
                  request(clicks, blend.getKey()));
          assertThat(hits(answer)).isEqualTo(byLucene(model, clicks, blend.getValue()));
        }
      }
    }
  }

  @Order(2)
  @Test
  void whileAModelIsReplacedNodeByNodeNoAnswerMixesVersions()
      throws IOException, InterruptedException {
    ServingModel first = ServingModel.open(cluster.node(0).models().resolve("shop"));
    RandomModel.save(folder.resolve("next"), ITEMS, DIMENSION, 2);
    ServingModel second = ServingModel.open(folder.resolve("next"));
    Map<String, List<List<Hit>>> expected =
        Map.of(name(first), expected(first), name(second), expected(second));
    try (CheckedLoad load = new CheckedLoad(cluster.nodes(), requests(), expected)) {
      load.await(100);
      for (ServerNode node : cluster.nodes()) {
        RandomModel.save(node.models().resolve("shop"), ITEMS, DIMENSION, 2);
        load.await(100);
      }
      for (ServerNode node : cluster.nodes()) {
        while (load.isRight() && !isInUse(node, second.version())) {
          load.await(10);
        }
      }
      load.await(100);
      assertThat(load.stop()).isEmpty();
      assertThat(load.lost()).isZero();
      assertThat(load.answersBy(name(first))).isPositive();
      assertThat(load.answersBy(name(second))).isPositive();
    }
    for (JsonNode node : cluster.node(0).http().ok("GET", "/_attune/models", "").get("nodes")) {
      assertThat(node.get("shard_searches_failed").asInt()).isZero();
      assertThat(node.at("/models/shop/versions/0").asText()).isEqualTo(second.version());
    }
  }

  private static String name(ServingModel model) {
    return "shop@" + model.version().substring(0, 12);
  }

  /** Whether all nodes, as one sees them, use a version. */
  private static boolean isInUse(ServerNode node, String version)
      throws IOException, InterruptedException {
    JsonNode nodes = node.http().ok("GET", "/_attune/models", "").get("nodes");
    boolean all = nodes.size() == 3;
    for (JsonNode one : nodes) {
      all &= one.at("/models/shop/in_use").asText().equals(version);
    }
    return all;
  }

  private static List<List<Hit>> expected(ServingModel model) throws IOException {
    List<List<Hit>> expected = new ArrayList<>();
    for (List<String> clicks : SESSIONS) {
      expected.add(byLucene(model, clicks, new Blend.Replace()));
    }
    return expected;
  }

  private static String sessionRequest(String session) {
    return String.format(Locale.ROOT, """
        {"query": {"match": {"title": "shoe"}}, "size": %d, "ext": {"attune": {"session": "%s"}}}
        """, PAGE, session);
  }

  private static void putPipeline(String name, String clicksFrom)
      throws IOException, InterruptedException {
    cluster
        .node(1)
        .http()
        .ok(
            "PUT",
            "/_search/pipeline/" + name,
            String.format(Locale.ROOT, """
        {"request_processors": [{"attune_session": {"model": "shop", "item_field": "sku",
         "window_size": %d, "blend": {"replace": {}}, "clicks_from": "%s", "timeout": "30s"}}]}
        """, WINDOW, clicksFrom));
  }

  /** The settings of an index with a copy on the node that is killed in the end. */
  private static String onKilledNode() {
    return "{\"number_of_shards\": 1, \"number_of_replicas\": 1,"
        + " \"routing.allocation.include._name\": \"node-3,node-1\"}";
  }

  @Order(3)
  @Test
  void aShoppersEventsReRankItsNextSearchOnEveryNode() throws IOException, InterruptedException {
    ServingModel model = ServingModel.open(cluster.node(0).models().resolve("shop"));
    putPipeline("by-events", "events");
    cluster
        .node(0)
        .http()
        .ok("PUT", "/shop/_settings", "{\"index.search.default_pipeline\": \"by-events\"}");
    for (ServerNode node : cluster.nodes()) { // there is no index of events yet
      JsonNode answer = node.http().ok("POST", "/shop/_search", sessionRequest("visit-0"));
      assertThat(hits(answer)).hasSize(PAGE);
      assertThat(answer.at("/hits/hits").findValues("attune_model")).isEmpty();
    }
    // As User Behavior Insights maps them.
    cluster.node(0).http().ok("PUT", "/ubi_events", """
        {"settings": %s, "mappings": {"properties": {"action_name": {"type": "keyword"},
         "client_id": {"type": "keyword"},
         "timestamp": {"type": "date", "format": "strict_date_time"},
         "event_attributes": {"properties": {"object": {"properties": {
          "object_id": {"type": "keyword"}}}}}}}}
        """.formatted(onKilledNode()));
    cluster.awaitGreen("ubi_events");
    StringBuilder events = new StringBuilder();
    Instant time = Instant.now();
    for (int session = 0; session < SESSIONS.size(); session++) {
      for (String item : SESSIONS.get(session)) {
        events.append(String.format(Locale.ROOT, """
            {"index": {}}
            {"client_id": "visit-%d", "action_name": "click", "timestamp": "%s",
            """, session, time).stripTrailing());
        time = time.plusMillis(1);
        events.append("\"event_attributes\": {\"object\": {\"object_id\": \"" + item + "\"}}}\n");
      }
    }
    // No refresh is asked for: events count when the index has refreshed itself.
    cluster.node(0).http().ok("POST", "/ubi_events/_bulk", events.toString());
    for (ServerNode node : cluster.nodes()) {
      for (int session = 0; session < SESSIONS.size(); session++) {
        awaitSession(node, session, model);
      }
    }
  }

  /** Searches until a search is re-ranked by all clicks of a session. */
  private static void awaitSession(ServerNode node, int session, ServingModel model)
      throws IOException, InterruptedException {
    List<Hit> expected = byLucene(model, SESSIONS.get(session), new Blend.Replace());
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    List<Hit> found = List.of();
    while (!found.equals(expected) && System.nanoTime() - end < 0) {
      found = hits(node.http().ok("POST", "/shop/_search", sessionRequest("visit-" + session)));
    }
    assertThat(found).isEqualTo(expected);
  }

  @Order(4)
  @Test
  void anAcknowledgedClickCountsAtOnceOnEveryNode() throws IOException, InterruptedException {
    ServingModel model = ServingModel.open(cluster.node(0).models().resolve("shop"));
    putPipeline("by-clicks", "sessions");
    cluster.node(0).http().ok("PUT", "/attune_sessions", "{\"settings\": " + onKilledNode() + "}");
    cluster.awaitGreen("attune_sessions");
    List<String> clicks = SESSIONS.getLast();
    for (int i = 0; i < clicks.size(); i++) {
      click(cluster.node(i % 3), clicks.get(i));
      for (ServerNode node : cluster.nodes()) {
        assertThat(byClicks(node))
            .isEqualTo(byLucene(model, clicks.subList(0, i + 1), new Blend.Replace()));
      }
    }
  }

  private static void click(ServerNode node, String item) throws IOException, InterruptedException {
    node.http().ok("POST", "/_attune/sessions/ann/clicks", "{\"item\": \"" + item + "\"}");
  }

  private static List<Hit> byClicks(ServerNode node) throws IOException, InterruptedException {
    return hits(
        node.http().ok("POST", "/shop/_search?search_pipeline=by-clicks", sessionRequest("ann")));
  }

  @Order(5)
  @Test
  void aKilledNodeMakesNoAnswerWrong() throws IOException, InterruptedException {
    ServingModel model = ServingModel.open(cluster.node(0).models().resolve("shop"));
    List<String> requests = new ArrayList<>(requests());
    List<List<Hit>> ranked = new ArrayList<>(expected(model));
    for (int session = 0; session < SESSIONS.size(); session++) {
      requests.add(sessionRequest("visit-" + session));
      ranked.add(ranked.get(session));
    }
    // The first pass is right as well where clicks or vectors are out of reach for a moment.
    List<Hit> words = hits(cluster
        .node(0)
        .http()
        .ok("POST", "/shop/_search?search_pipeline=_none", sessionRequest("nobody")));
    Map<String, List<List<Hit>>> expected =
        Map.of(name(model), ranked, "", Collections.nCopies(requests.size(), words));
    try (CheckedLoad load = new CheckedLoad(cluster.nodes().subList(0, 2), requests, expected)) {
      load.await(100);
      assertThat(load.lost()).isZero();
      assertThat(load.answersBy("")).isZero();
      cluster.node(2).kill();
      load.await(400);
      assertThat(load.stop()).isEmpty();
      // At most the one search of each client that was running when the node died.
      assertThat(load.lost()).isLessThanOrEqualTo(2);
    }
    assertThat(cluster.node(2).isAlive()).isFalse();
    for (ServerNode node : cluster.nodes().subList(0, 2)) {
      awaitSession(node, 0, model);
    }
    // No acknowledged click is lost, and another one is taken.
    List<String> clicks = new ArrayList<>(SESSIONS.getLast());
    assertThat(byClicks(cluster.node(1))).isEqualTo(byLucene(model, clicks, new Blend.Replace()));
    click(cluster.node(0), "i77");
    clicks.add("i77");
    assertThat(byClicks(cluster.node(1))).isEqualTo(byLucene(model, clicks, new Blend.Replace()));
  }
}
