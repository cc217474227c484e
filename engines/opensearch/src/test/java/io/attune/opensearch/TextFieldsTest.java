package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.attune.lucene.ItemSource;
import io.attune.opensearch.cluster.Http;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.node.NodeValidationException;

/**
 * Items that the model does not know, in searches that join them by id: their vectors are made of
 * the same words as those that the ingest processor writes.
 */
class TextFieldsTest {
  private static final List<String> ITEMS =
      IntStream.rangeClosed(1, 30).mapToObj(i -> "i" + i).toList();
  private static final String TEXTS = "\"text_fields\": [\"title\", \"about.brand\"]";

  /** Of items that came after training, and whether there is a vector for them. */
  private static final Map<String, Boolean> NEW = new HashMap<>();

  private static final String PROPERTIES = """
      "sku": {"type": "keyword"}, "name": {"type": "alias", "path": "title"},
      "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
      "about": {"properties": {"brand": {"type": "text"}}}""";

  @TempDir
  private static Path home;

  private static LocalNode node;
  private static Http http;

  @BeforeAll
  static void start() throws IOException, InterruptedException, NodeValidationException {
    RandomModel.saveWithTexts(home.resolve("config/attune/worded"), ITEMS, 16, 1);
    RandomModel.save(home.resolve("config/attune/plain"), ITEMS, 16, 2);
    node = LocalNode.start(home);
    http = node.http();
    http.ok("PUT", "/_ingest/pipeline/vectors", """
        {"processors": [{"attune_vector": {"model": "worded", "item_field": "sku",
         "vector_field": "vector", %s}}]}
        """.formatted(TEXTS));
    String bulk = bulk();
    for (int shards = 1; shards <= 2; shards++) {
      index("joined-" + shards, shards, "", "", PROPERTIES);
      index(
          "indexed-" + shards,
          shards,
          ", \"default_pipeline\": \"vectors\"",
          "",
          PROPERTIES + ", \"vector\": {\"type\": \"attune_vector\", \"dimension\": 16}");
      for (String index : List.of("joined-", "indexed-")) {
        JsonNode answer = http.ok("POST", "/" + index + shards + "/_bulk?refresh=true", bulk);
        assertThat(answer.get("errors").asBoolean()).as("%s", answer).isFalse();
      }
    }
  }

  @AfterAll
  static void stop() throws IOException {
    node.close();
  }

  private static void index(
      String name, int shards, String settings, String mappings, String properties)
      throws IOException, InterruptedException {
    http.ok(
        "PUT", "/" + name, String.format(Locale.ROOT, """
        {"settings": {"number_of_shards": %d, "number_of_replicas": 0%s},
         "mappings": {%s "properties": {%s}}}
        """, shards, settings, mappings, properties));
  }

  private static String bulk() {
    StringBuilder bulk = new StringBuilder();
    for (String item : ITEMS) {
      add(bulk, item, "{\"sku\": \"" + item + "\", \"title\": \"red shoe\"}");
    }
    List<String> withVector = List.of(
        "\"title\": \"red shoe\"",
        "\"title\": \"red\\nshoe\", \"about\": {\"brand\": \"Acme\"}",
        "\"about\": {\"brand\": \"Acme\"}, \"title\": [\"blue\", [\"shoe\", null]]",
        "\"about.brand\": \"Acme\"",
        "\"about\": [{\"brand\": \"Acme\"}, {\"brand\": \"Zeta\"}]",
        "\"about\": [{\"brand\": \"Zeta\"}, {\"brand\": \"Acme\"}], \"title\": \"boot\"",
        "\"title\": 4711",
        "\"title\": [4.50, 1e3, 12345678901234567890]",
        "\"parts\": [{\"title\": {\"x\": [1]}}], \"titles\": \"x\", \"title\": \"green boot\"",
        "\"title\": \"größer \\\"Ünïcode\\\" \\u00e9\"");
    List<String> without = List.of(
        "\"titles\": \"red shoe\"",
        "\"title\": null",
        "\"title\": []",
        "\"title\": \"?\"",
        "\"about\": {\"maker\": \"Acme\"}");
    withVector.forEach(fields -> addNew(bulk, fields, true));
    without.forEach(fields -> addNew(bulk, fields, false));
    add(bulk, "nameless", "{\"title\": \"red shoe\"}");
    NEW.put("nameless", false);
    return bulk.toString();
  }

  private static void addNew(StringBuilder bulk, String fields, boolean hasVector) {
    String id = "new" + NEW.size();
    add(bulk, id, "{\"sku\": \"" + id + "\", " + fields + "}");
    NEW.put(id, hasVector);
  }

  private static void add(StringBuilder bulk, String id, String document) {
    bulk.append("{\"index\": {\"_id\": \"").append(id).append("\"}}\n");
    bulk.append(document).append('\n');
  }

  private static String session(String source) {
    return "\"model\": \"worded\", \"clicks\": [\"i3\", \"i9\"], " + source;
  }

  private static String rescored(String source) {
    return """
        {"query": {"match_all": {}}, "size": 100, "explain": true, "rescore": {"window_size": 100,
         "session": {%s, "blend": {"replace": {}}, "on_failure": "fail"}}}
        """.formatted(session(source));
  }

  private static String queried(String source) {
    return "{\"size\": 100, \"explain\": true, \"query\": {\"attune\": {" + session(source) + "}}}";
  }

  private static JsonNode hits(String index, String request)
      throws IOException, InterruptedException {
    return hits(index, request, "");
  }

  private static JsonNode hits(String index, String request, String parameters)
      throws IOException, InterruptedException {
    JsonNode answer = http.ok("POST", "/" + index + "/_search" + parameters, request);
    assertThat(answer.at("/_shards/failed").asInt()).as("%s", answer).isZero();
    return answer.at("/hits/hits");
  }

  private static List<String> ids(JsonNode hits) {
    return hits.findValuesAsText("_id");
  }

  private static Map<String, Double> scores(JsonNode hits) {
    Map<String, Double> scores = new HashMap<>();
    hits.forEach(hit -> scores.put(hit.get("_id").asText(), hit.get("_score").asDouble()));
    return scores;
  }

  private static List<String> withVector() {
    List<String> ids = new ArrayList<>(ITEMS);
    NEW.forEach((id, hasVector) -> {
      if (hasVector) {
        ids.add(id);
      }
    });
    return ids;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void hitsAreRankedAsByTheVectorsThatAreIndexed(int shards)
      throws IOException, InterruptedException {
    JsonNode joined = hits("joined-" + shards, rescored("\"item_field\": \"sku\", " + TEXTS));
    JsonNode indexed = hits("indexed-" + shards, rescored("\"vector_field\": \"vector\""));
    List<String> ranked = new ArrayList<>();
    for (JsonNode hit : joined) {
      String id = hit.get("_id").asText();
      boolean isRanked = !hit.at("/fields/attune_model/0").asText().isEmpty();
      if (isRanked) {
        ranked.add(id);
      }
      assertThat(hit.get("_explanation").toString().contains("from its words alone"))
          .as("%s", hit)
          .isEqualTo(NEW.getOrDefault(id, false));
    }
    assertThat(ranked).containsExactlyInAnyOrderElementsOf(withVector());
    Map<String, Double> expected = scores(indexed);
    Map<String, Double> actual = scores(joined);
    for (String id : ranked) {
      assertThat(actual.get(id)).as(id).isCloseTo(expected.get(id), within(1e-5));
    }
    List<String> rest = ids(indexed);
    rest.retainAll(ranked);
    assertThat(ranked).isEqualTo(rest);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aQueryScoresThemToo(int shards) throws IOException, InterruptedException {
    JsonNode joined = hits("joined-" + shards, queried("\"item_field\": \"sku\", " + TEXTS));
    Map<String, Double> expected =
        scores(hits("indexed-" + shards, queried("\"vector_field\": \"vector\"")));
    assertThat(expected.keySet()).containsExactlyInAnyOrderElementsOf(withVector());
    assertThat(joined).hasSize(ITEMS.size() + NEW.size());
    for (JsonNode hit : joined) {
      String id = hit.get("_id").asText();
      assertThat(hit.get("_score").asDouble())
          .as(id)
          .isCloseTo(expected.getOrDefault(id, 0.0), within(1e-5));
      assertThat(hit.get("_explanation").toString().contains("from its words alone"))
          .as("%s", hit)
          .isEqualTo(NEW.getOrDefault(id, false));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"joined-1", "joined-2"})
  void aPipelineNamesThemOnce(String index) throws IOException, InterruptedException {
    for (String item : List.of("i3", "i9")) {
      http.ok("POST", "/_attune/sessions/" + index + "/clicks", "{\"item\": \"" + item + "\"}");
    }
    http.ok("PUT", "/_search/pipeline/by-session", """
        {"request_processors": [{"attune_session": {"model": "worded", "item_field": "sku", %s,
         "clicks_from": "sessions", "timeout": "30s", "session": "%s", "blend": {"replace": {}}}}]}
        """.formatted(TEXTS, index));
    JsonNode hits = hits(
        index, "{\"query\": {\"match_all\": {}}, \"size\": 100}", "?search_pipeline=by-session");
    assertThat(ids(hits))
        .isEqualTo(ids(hits(index, rescored("\"item_field\": \"sku\", " + TEXTS))));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      worded | "item_field": "sku", "text_fields": ["titel"]          | [text_fields] are [titel], but the index [joined-2] has none of them
      worded | "item_field": "sku", "text_fields": ["about"]          | [text_fields] are [about], but the index [joined-2] has none of them
      worded | "item_field": "sku", "text_fields": ["title.raw"]      | [title.raw], which is not in [_source] of the index [joined-2], but made of [title]: name that
      worded | "item_field": "sku", "text_fields": ["about.brand", "name"] | [name], which is not in [_source] of the index [joined-2], but made of [title]: name that
      worded | "item_field": "sku", "text_fields": ["title", "title"] | [text_fields] has a name twice: [title, title]
      worded | "item_field": "sku", "text_fields": ["title", ""]      | [text_fields] has an empty name
      worded | "item_field": "sku", "text_fields": {"title": 1}       | text_fields doesn't support values of type: START_OBJECT
      worded | "item_field": "sku", "text_field": "title"             | unknown field [text_field] did you mean any of [text_fields,
      worded | "vector_field": "vector", "text_fields": ["title"]     | [text_fields] goes with [item_field]
      worded | "text_fields": ["title"]                               | set either [item_field]
      plain  | "item_field": "sku", "text_fields": ["title"]          | [text_fields] needs a model that was trained with texts, by [attune train --items]; this one was not
      """)
  void badRequestsAreToldWhatToDo(String model, String source, String message)
      throws IOException, InterruptedException {
    for (String request :
        List.of(rescored(source).replace("\"fail\"", "\"first_pass\""), queried(source))) {
      Http.Answer answer = http.send(
          "POST", "/joined-2/_search", request.replace("\"worded\"", "\"" + model + "\""));
      assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
      assertThat(answer.body().toString().replace("\\\"", "\"")).contains(message);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"model": "plain", "item_field": "sku", "text_fields": ["title"]}         | needs a model that was trained with texts
      {"model": "worded", "vector_field": "vector", "text_fields": ["title"]}   | [text_fields] goes with [item_field]
      {"model": "worded", "item_field": "sku", "text_fields": ["a", "a"]}       | [text_fields] has a name twice
      """)
  void aWrongPipelineIsToldWhatToDo(String config, String message)
      throws IOException, InterruptedException {
    Http.Answer answer = http.send(
        "PUT",
        "/_search/pipeline/wrong",
        "{\"request_processors\": [{\"attune_session\": " + config + "}]}");
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().toString()).contains(message);
  }

  @Test
  void aMappingWithoutSourceIsRefusedAndOneWithoutTheTextMakesNone() throws Exception {
    String source = "\"item_field\": \"sku\", " + TEXTS;
    index("sourceless", 1, "", "\"_source\": {\"enabled\": false},", PROPERTIES);
    index("excluded", 1, "", "\"_source\": {\"excludes\": [\"title\"]},", PROPERTIES);
    String document = "{\"sku\": \"new\", \"title\": \"red shoe\"}";
    http.ok("PUT", "/sourceless/_doc/1?refresh=true", document);
    http.ok("PUT", "/excluded/_doc/1?refresh=true", document);

    Http.Answer refused = http.send("POST", "/sourceless/_search", rescored(source));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().toString())
        .contains("are read from [_source], which the mapping of the index [sourceless] disables");
    JsonNode kept = hits("excluded", rescored(source)).get(0);
    assertThat(kept.at("/fields/attune_model/0").asText()).isEmpty();
    assertThat(kept.get("_explanation").toString()).contains("its item has no vector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flat.text", "flat.a.text", "parts.text", "copied"})
  void textsAreReadWhateverTheFieldIs(String field) throws Exception {
    http.send("DELETE", "/kinds", "");
    index("kinds", 1, "", "", """
        "sku": {"type": "keyword"}, "flat": {"type": "flat_object"}, "all": {"type": "text"},
        "copied": {"type": "keyword", "copy_to": "all", "doc_values": false, "index": false},
        "parts": {"type": "nested", "properties": {"text": {"type": "text"}}}""");
    http.ok("PUT", "/kinds/_doc/1?refresh=true", """
        {"sku": "new", "copied": "red shoe", "flat": {"text": "red shoe", "a": {"text": "red shoe"}},
         "parts": [{"text": "red shoe"}]}
        """);
    String source = "\"item_field\": \"sku\", \"text_fields\": [\"" + field + "\"]";
    double expected =
        scores(hits("joined-1", rescored("\"item_field\": \"sku\", " + TEXTS))).get("new0");
    assertThat(scores(hits("kinds", rescored(source))).get("1")).isCloseTo(expected, within(1e-5));
  }

  @Test
  void aSourceThatTheServerDerivesIsRead() throws Exception {
    index(
        "derived",
        1,
        ", \"index.derived_source.enabled\": true",
        "",
        "\"sku\": {\"type\": \"keyword\"}, \"title\": {\"type\": \"text\", \"store\": true}");
    http.ok("PUT", "/derived/_doc/1?refresh=true", "{\"sku\": \"new\", \"title\": \"red shoe\"}");
    String source = "\"item_field\": \"sku\", \"text_fields\": [\"title\"]";
    double expected = scores(hits("joined-1", rescored(source))).get("new0");
    assertThat(scores(hits("derived", rescored(source))).get("1"))
        .isCloseTo(expected, within(1e-5));
  }

  @Test
  void anIndexMayLackSomeOfTheFields() throws Exception {
    index("titled", 1, "", "", "\"sku\": {\"type\": \"keyword\"}, \"title\": {\"type\": \"text\"}");
    http.ok("PUT", "/titled/_doc/1?refresh=true", "{\"sku\": \"new\", \"title\": \"red shoe\"}");
    JsonNode hit = hits("titled", rescored("\"item_field\": \"sku\", " + TEXTS)).get(0);
    assertThat(hit.get("_explanation").toString()).contains("from its words alone");
  }

  @Test
  void withoutTextFieldsTheyKeepTheirPlaces() throws IOException, InterruptedException {
    for (String none : List.of("", ", \"text_fields\": []")) {
      for (JsonNode hit : hits("joined-2", rescored("\"item_field\": \"sku\"" + none))) {
        assertThat(hit.at("/fields/attune_model/0").asText().isEmpty())
            .isEqualTo(NEW.containsKey(hit.get("_id").asText()));
      }
    }
  }

  @Test
  void aModelKeepsAJoinOfTheSameFieldsAndNoNumberOfThem() throws IOException {
    LoadedModel model = new LoadedModel(ServingModel.open(home.resolve("config/attune/worded")));
    TextFields title = new TextFields(List.of("title"));
    Object first = model.itemSource("sku", title);
    assertThat(model.itemSource("sku", new TextFields(List.of("title")))).isSameAs(first);
    assertThat(model.itemSource("sku", TextFields.NONE))
        .isNotSameAs(first)
        .isSameAs(model.itemSource("sku", TextFields.NONE));
    for (int i = 1; i < LoadedModel.MAX_WITH_TEXTS; i++) {
      model.itemSource("sku", new TextFields(List.of("t" + i)));
    }
    assertThat(model.itemSource("sku", title)).isSameAs(first);
    model.itemSource("sku", new TextFields(List.of("another")));
    assertThat(model.itemSource("sku", title)).isSameAs(first); // it was used last
    for (int i = 0; i < LoadedModel.MAX_WITH_TEXTS; i++) {
      model.itemSource("sku", new TextFields(List.of("t" + i)));
    }
    assertThat(model.itemSource("sku", title)).isNotSameAs(first);
  }

  @Test
  void aReplacedModelIsNotKeptByTheSegmentsThatItJoined() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        for (String source : List.of("{\"title\": \"red shoe\"}", "")) {
          Document document = new Document();
          document.add(new SortedDocValuesField("sku", new BytesRef("new")));
          if (!source.isEmpty()) {
            document.add(new StoredField("_source", source.getBytes(StandardCharsets.UTF_8)));
          }
          writer.addDocument(document);
        }
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        WeakReference<LoadedModel> replaced = joined(reader.leaves().getFirst());
        for (int i = 0; i < 20 && replaced.get() != null; i++) {
          System.gc();
        }
        assertThat(replaced.get()).isNull();
      }
    }
  }

  /** Joins a segment with a model that nobody else holds; its second document has no source. */
  private static WeakReference<LoadedModel> joined(LeafReaderContext leaf) throws IOException {
    LoadedModel model = new LoadedModel(ServingModel.open(home.resolve("config/attune/worded")));
    ItemSource source = model.itemSource("sku", new TextFields(List.of("title")));
    assertThat(source.isFromWords(leaf, 0)).isTrue();
    assertThat(source.isFromWords(leaf, 1)).isFalse();
    return new WeakReference<>(model);
  }

  @Test
  void namesThatMeanNothingAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextFields(List.of("title", " ")))
        .withMessage("[text_fields] has an empty name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextFields(List.of("a", "b", "a")))
        .withMessage("[text_fields] has a name twice: [a, b, a]");
  }
}
