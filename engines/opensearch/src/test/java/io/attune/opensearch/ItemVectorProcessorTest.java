package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.serving.ServingModel;
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
    models = new ModelRegistry(folder);
    models.refresh();
    model = models.inUse("shop");
  }

  private static IngestDocument processed(String itemField, String json) throws Exception {
    Map<String, Object> config =
        new HashMap<>(Map.of("model", "shop", "item_field", itemField, "vector_field", "vector"));
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

  @Test
  void anObjectIsNoId() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> processed("sku", "{\"sku\": {\"id\": \"a\"}}"))
        .withMessage("[sku] must be an item id or a list of item ids, as strings or numbers, not an"
            + " object");
  }
}
