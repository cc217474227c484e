package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.serving.ServingModel;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.index.VersionType;
import org.opensearch.ingest.IngestDocument;
import org.opensearch.ingest.Processor;

/** The ids that the ingest processor finds in a document. */
class ItemVectorProcessorTest {
  private static final List<String> ITEMS = List.of("4711", "true", "4.5", "a", "b", "Ä");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir
  private static Path folder;

  private static ModelRegistry models;
  private static ServingModel model;

  @BeforeAll
  static void open() throws IOException {
    RandomModel.save(folder.resolve("shop"), ITEMS, 4, 1);
    saveWithTexts(Model.load(folder.resolve("shop")), folder.resolve("worded"));
    models = new ModelRegistry(folder);
    models.refresh();
    model = models.inUse("shop");
  }

  /** Every word means the vector (0, 0, 2, 0). */
  private static void saveWithTexts(Model plain, Path directory) throws IOException {
    int features = 64;
    float[] rarity = new float[features];
    float[] weights = new float[features * 4];
    for (int i = 0; i < features; i++) {
      rarity[i] = 1;
      weights[i * 4 + 2] = 1;
    }
    Map<String, Tensor> all = new HashMap<>(plain.weights());
    new TextMap(rarity, new Tensor(new long[] {features, 4}, weights), 2).addTo(all, Model.ITEMS);
    new Model(plain.manifest(), plain.vocabulary(), plain.counts(), all).save(directory);
  }

  private static IngestDocument processed(String itemField, String json) throws Exception {
    return processed(
        Map.of("model", "shop", "item_field", itemField, "vector_field", "vector"), json);
  }

  private static IngestDocument processed(Map<String, Object> settings, String json)
      throws Exception {
    Map<String, Object> config = new HashMap<>(settings);
    Processor processor = ItemVectorProcessor.factory(models).create(Map.of(), "tag", null, config);
    Map<String, Object> source = JSON.readerForMapOf(Object.class).readValue(json);
    return processor.execute(
        new IngestDocument("shop", "a", null, null, VersionType.INTERNAL, source));
  }

  private static List<Float> vector(String item) {
    float[] vector = new float[4];
    model.items().copy(model.vocabulary().row(item), vector);
    List<Float> values = new ArrayList<>();
    for (float value : vector) {
      values.add(value);
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      sku          | {"sku": "a"}                               | a
      sku          | {"sku": 4711}                              | 4711
      sku          | {"sku": 4.5}                               | 4.5
      sku          | {"sku": true}                              | true
      sku          | {"sku": ["unheard of", "b"]}               | b
      sku          | {"sku": ["b", "a"]}                        | a
      sku          | {"sku": ["Ä", "b"]}                        | b
      sku          | {"sku": ["b", 4711]}                       | 4711
      sku          | {"sku": [null, ["b"]]}                     | b
      article.sku  | {"article": {"sku": 4711}}                 | 4711
      article.sku  | {"article.sku": "a"}                       | a
      article.sku  | {"article": [{"sku": "b"}, {"sku": "a"}]}  | a
      article.sku  | {"article": [{"sku": "b"}, "c", {"x": 1}]} | b
      _source.sku  | {"sku": 4711}                              | 4711
      _id          | {}                                         | a
      """)
  void theIdIsWhatAKeywordFieldTakes(String field, String source, String item) throws Exception {
    assertThat(processed(field, source).getFieldValue("vector", Object.class))
        .isEqualTo(Map.of(
            "version",
            model.version(),
            "row",
            model.vocabulary().row(item),
            "values",
            vector(item)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"vector": [1, 2, 3, 4]}
      {"vector": [1, 2, 3, 4], "sku": null}
      {"vector": [1, 2, 3, 4], "sku": []}
      {"vector": [1, 2, 3, 4], "sku": [null]}
      {"vector": [1, 2, 3, 4], "sku": ""}
      {"vector": [1, 2, 3, 4], "sku": "A"}
      {"vector": [1, 2, 3, 4], "sku": 4712}
      {"vector": [1, 2, 3, 4], "sku": 4711.0}
      {"vector": [1, 2, 3, 4], "sku": false}
      """)
  void aDocumentOfNoKnownItemHasNoVectorNotEvenAnOldOne(String source) throws Exception {
    assertThat(processed("sku", source).hasField("vector")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {"sku": "new", "title": "red shoe"}                         | true
      {"sku": "new", "about": {"brand": "Acme"}}                  | true
      {"sku": "new", "title": ["red", "shoe"], "about": "x"}      | true
      {"sku": "new", "title": 4711}                               | true
      {"sku": "new", "about.brand": "Acme"}                       | true
      {"sku": "new", "about": [{"brand": "Acme"}, {"x": 1}]}      | true
      {"sku": "new", "title": "?"}                                | false
      {"sku": "new", "title": null}                               | false
      {"sku": "new", "name": "red shoe"}                          | false
      {"title": "red shoe"}                                       | false
      """)
  void anItemThatTheModelDoesNotKnowGetsTheVectorOfItsTexts(String source, boolean made)
      throws Exception {
    IngestDocument document = processed(
        Map.of(
            "model",
            "worded",
            "item_field",
            "sku",
            "vector_field",
            "vector",
            "text_fields",
            List.of("title", "about.brand")),
        source);
    assertThat(document.hasField("vector")).isEqualTo(made);
    if (made) {
      assertThat(document.getFieldValue("vector", Object.class))
          .isEqualTo(Map.of(
              "version",
              models.inUse("worded").version(),
              "row",
              0,
              "values",
              List.of(0f, 0f, 2f, 0f)));
    }
  }

  @Test
  void aKnownItemKeepsItsVectorAndAModelWithoutTextsMakesNone() throws Exception {
    Map<String, Object> settings = Map.of(
        "model",
        "shop",
        "item_field",
        "sku",
        "vector_field",
        "vector",
        "text_fields",
        List.of("title"));
    assertThat(processed(settings, "{\"sku\": \"a\", \"title\": \"red shoe\"}")
            .getFieldValue("vector.values", Object.class))
        .isEqualTo(vector("a"));
    assertThat(
            processed(settings, "{\"sku\": \"new\", \"title\": \"red shoe\"}").hasField("vector"))
        .isFalse();
  }

  @Test
  void anObjectIsNoId() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> processed("sku", "{\"sku\": {\"id\": \"a\"}}"))
        .withMessage("[sku] must be an item id or a list of item ids, as strings or numbers, not an"
            + " object");
  }
}
