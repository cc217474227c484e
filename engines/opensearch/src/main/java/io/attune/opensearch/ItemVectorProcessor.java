package io.attune.opensearch;

import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.ingest.AbstractProcessor;
import org.opensearch.ingest.ConfigurationUtils;
import org.opensearch.ingest.IngestDocument;
import org.opensearch.ingest.Processor;

/**
 * The ingest processor {@code attune_vector}: writes the vector that a model has for a document's
 * item into a field. A document whose item the model does not know gets none.
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
    String item = document.getFieldValue(itemField, String.class, true);
    int row = item == null ? Vocabulary.UNKNOWN : served.vocabulary().row(item);
    if (row != Vocabulary.UNKNOWN) {
      float[] vector = new float[served.items().dimension()];
      served.items().copy(row, vector);
      List<Float> values = new ArrayList<>(vector.length);
      for (float value : vector) {
        values.add(value);
      }
      document.setFieldValue(vectorField, values);
    } else if (document.hasField(vectorField)) {
      document.removeField(vectorField); // of an earlier model
    }
    return document;
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
