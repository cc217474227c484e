package io.attune.opensearch;

import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;
import org.opensearch.ingest.AbstractProcessor;
import org.opensearch.ingest.ConfigurationUtils;
import org.opensearch.ingest.IngestDocument;
import org.opensearch.ingest.Processor;

/**
 * The ingest processor {@code attune_vector}: writes the vector that a model has for a document's
 * item into a field, with the version of the model. A document without an id, or whose item the
 * model does not know, gets none.
 *
 * <p>The id is what a keyword field would take: a string, a number or a boolean as its text, each
 * of a list, those of objects in a list. Of several ids the first in the order of their UTF-8 bytes
 * that the model knows counts, as it does where hits are joined by id.
 *
 * <p>It runs once for a document, so that all replicas get the same vector.
 */
final class ItemVectorProcessor extends AbstractProcessor {
  static final String TYPE = "attune_vector";

  private final Models models;
  private final String model;
  private final String itemField;
  private final String vectorField;

  private ItemVectorProcessor(
      String tag,
      String description,
      Models models,
      String model,
      String itemField,
      String vectorField) {
    super(tag, description);
    this.models = models;
    this.model = model;
    this.itemField = itemField;
    this.vectorField = vectorField;
  }

  /** Reads {@code {"attune_vector": {"model": …, "item_field": …, "vector_field": …}}}. */
  static Processor.Factory factory(Models models) {
    return (factories, tag, description, config) -> new ItemVectorProcessor(
        tag,
        description,
        models,
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "model"),
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "item_field"),
        ConfigurationUtils.readStringProperty(TYPE, tag, config, "vector_field"));
  }

  @Override
  public IngestDocument execute(IngestDocument document) {
    ServingModel served = models.inUse(model);
    int row = row(served.vocabulary(), document);
    if (row != Vocabulary.UNKNOWN) {
      float[] vector = new float[served.items().dimension()];
      served.items().copy(row, vector);
      List<Float> values = new ArrayList<>(vector.length);
      for (float value : vector) {
        values.add(value);
      }
      document.setFieldValue(
          vectorField,
          new HashMap<>(
              Map.of(ItemVectorMapper.VERSION, served.version(), ItemVectorMapper.VALUES, values)));
    } else if (document.hasField(vectorField)) {
      document.removeField(vectorField); // of an earlier model
    }
    return document;
  }

  private int row(Vocabulary vocabulary, IngestDocument document) {
    TreeSet<BytesRef> ids = new TreeSet<>();
    boolean asWritten = itemField.startsWith("_ingest.") || itemField.startsWith("_source.");
    if (asWritten) {
      addIds(document.getFieldValue(itemField, Object.class, true), "", ids);
    } else {
      addIds(document.getSourceAndMetadata(), itemField, ids);
    }
    return ids.stream()
        .mapToInt(id -> vocabulary.row(id.utf8ToString()))
        .filter(row -> row != Vocabulary.UNKNOWN)
        .findFirst()
        .orElse(Vocabulary.UNKNOWN);
  }

  /**
   * Adds the ids at a path below a value, the way a mapping finds them: through objects, lists of
   * objects, and names that hold dots.
   *
   * @param path below the value; empty for the value itself
   */
  private void addIds(@Nullable Object value, String path, Set<BytesRef> ids) {
    if (value instanceof List<?> list) {
      list.forEach(element -> addIds(element, path, ids));
    } else if (path.isEmpty()) {
      addId(value, ids);
    } else if (value instanceof Map<?, ?> map) {
      addIds(map.get(path), "", ids);
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        addIds(map.get(path.substring(0, dot)), path.substring(dot + 1), ids);
      }
    }
  }

  private void addId(@Nullable Object value, Set<BytesRef> ids) {
    switch (value) {
      case null -> {}
      case String text -> ids.add(new BytesRef(text));
      case Number number -> ids.add(new BytesRef(number.toString()));
      case Boolean bool -> ids.add(new BytesRef(bool.toString()));
      case Object other ->
        throw new IllegalArgumentException("[" + itemField + "] must hold an item's id or a list of"
            + " them, as strings or numbers, not "
            + (other instanceof Map ? "an object" : "[" + other + "]"));
    }
  }

  @Override
  public String getType() {
    return TYPE;
  }

  /** The processor by its name. */
  static Map<String, Processor.Factory> byName(Models models) {
    return Map.of(TYPE, factory(models));
  }
}
