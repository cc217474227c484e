package io.attune.opensearch;

import io.attune.lucene.ItemDocuments;
import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;
import org.opensearch.ingest.AbstractProcessor;
import org.opensearch.ingest.ConfigurationUtils;
import org.opensearch.ingest.IngestDocument;
import org.opensearch.ingest.Processor;

/**
 * The ingest processor {@code attune_vector}: adds a model's vector for the document's item, with
 * the model's version and the item's row in it. A document without an id gets no vector. One whose
 * item the model does not know gets none either, unless fields with its texts are named and the
 * model was trained with texts: then its vector is made of them, and its row is 0.
 *
 * <p>Ids are read as a keyword field would read them: strings, numbers and booleans as text, all
 * elements of a list, and those in lists of objects; and so are texts, but for booleans. Of several
 * ids, the first one in UTF-8 byte order that the model knows counts, as in a join by id.
 *
 * <p>It runs once per document, so all replicas get the same vector.
 */
final class ItemVectorProcessor extends AbstractProcessor {
  static final String TYPE = "attune_vector";

  private final ModelRegistry models;
  private final String model;
  private final String itemField;
  private final String vectorField;
  private final TextFields textFields;

  private ItemVectorProcessor(
      String tag,
      String description,
      ModelRegistry models,
      String model,
      String itemField,
      String vectorField,
      TextFields textFields) {
    super(tag, description);
    this.models = models;
    this.model = model;
    this.itemField = itemField;
    this.vectorField = vectorField;
    this.textFields = textFields;
  }

  /**
   * Parses {@code {"attune_vector": {"model": …, "item_field": …, "vector_field": …, "text_fields":
   * […]}}}; the last may be missing.
   */
  static Processor.Factory factory(ModelRegistry models) {
    return (factories, tag, description, config) -> new ItemVectorProcessor(
        tag,
        description,
        models,
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "model"),
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "item_field"),
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "vector_field"),
        textFields(tag, config));
  }

  private static TextFields textFields(String tag, Map<String, Object> config) {
    List<Object> fields = ConfigurationUtils.readOptionalList(TYPE, tag, config, TextFields.NAME);
    List<String> names = new ArrayList<>();
    for (Object field : fields == null ? List.of() : fields) {
      if (!(field instanceof String name)) {
        throw ConfigurationUtils.newConfigurationException(
            TYPE, tag, TextFields.NAME, "must be a list of field names, not with [" + field + "]");
      }
      names.add(name);
    }
    return new TextFields(names);
  }

  @Override
  public IngestDocument execute(IngestDocument document) {
    ServingModel serving = models.inUse(model);
    SortedSet<BytesRef> ids = ids(document);
    int row = row(serving.vocabulary(), ids);
    float[] vector = ids.isEmpty() ? null : ItemDocuments.vector(row, text(document), serving);
    if (vector != null) {
      List<Float> values = new ArrayList<>(vector.length);
      for (float value : vector) {
        values.add(value);
      }
      document.setFieldValue(
          vectorField,
          new HashMap<>(Map.of(
              ItemVectorMapper.VERSION,
              serving.version(),
              ItemVectorMapper.ROW,
              row,
              ItemVectorMapper.VALUES,
              values)));
    } else if (document.hasField(vectorField)) {
      document.removeField(vectorField); // left from an earlier model
    }
    return document;
  }

  private String text(IngestDocument document) {
    return TextVectors.joined(textFields.texts((name, values) -> forEach(document, name, values)));
  }

  private static void forEach(
      IngestDocument document, String path, Consumer<@Nullable Object> values) {
    boolean isExplicitPath = path.startsWith("_ingest.") || path.startsWith("_source.");
    if (isExplicitPath) {
      SourcePath.forEach(document.getFieldValue(path, Object.class, true), "", values);
    } else {
      SourcePath.forEach(document.getSourceAndMetadata(), path, values);
    }
  }

  private static int row(Vocabulary vocabulary, Set<BytesRef> ids) {
    return ids.stream()
        .mapToInt(id -> vocabulary.row(id.utf8ToString()))
        .filter(row -> row != Vocabulary.UNKNOWN)
        .findFirst()
        .orElse(Vocabulary.UNKNOWN);
  }

  private SortedSet<BytesRef> ids(IngestDocument document) {
    SortedSet<BytesRef> ids = new TreeSet<>();
    forEach(document, itemField, value -> addId(value, ids));
    return ids;
  }

  private void addId(@Nullable Object value, Set<BytesRef> ids) {
    switch (value) {
      case null -> {}
      case String text -> ids.add(new BytesRef(text));
      case Number number -> ids.add(new BytesRef(number.toString()));
      case Boolean bool -> ids.add(new BytesRef(bool.toString()));
      case Object other ->
        throw new IllegalArgumentException("[" + itemField + "] must be an item id or a list of"
            + " item ids, as strings or numbers, not "
            + (other instanceof Map ? "an object" : "[" + other + "]"));
    }
  }

  @Override
  public String getType() {
    return TYPE;
  }

  /** The processor's factory by its type. */
  static Map<String, Processor.Factory> byName(ModelRegistry models) {
    return Map.of(TYPE, factory(models));
  }
}
