package io.attune.lucene;

import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** Creates Lucene documents of items: id, text fields, and the item's vector in a model. */
public final class ItemDocuments {
  /** The field of the item's id: stored, indexed as a single term, and in sorted doc values. */
  public static final String ID = "id";

  /** The field of the item's vector. */
  public static final String VECTOR = "attune_vector";

  /** The field with the version of the model that the vector is from, in sorted doc values. */
  public static final String MODEL = "attune_model";

  /**
   * The field with the row of the item in that model, as a point and in numeric doc values; 0 if
   * the model does not know it, and the vector is made of its texts.
   */
  public static final String ROW = "attune_row";

  private static final Set<String> RESERVED = Set.of(ID, VECTOR, MODEL, ROW);

  private ItemDocuments() {}

  /** The source of the vectors in documents created by this class. */
  public static ItemSource.Indexed source() {
    return new ItemSource.Indexed(VECTOR, MODEL, ROW);
  }

  /**
   * Creates the document of an item without a vector, for {@link ItemSource.Joined}.
   *
   * @param id the item's id, as in the click log
   * @param texts text by field name, such as a title; stored and indexed for full-text search
   * @throws IllegalArgumentException if a text field has the name of a field of this class
   */
  public static Document of(String id, Map<String, String> texts) {
    Document document = new Document();
    document.add(new StringField(ID, id, Field.Store.YES));
    document.add(new SortedDocValuesField(ID, new BytesRef(id)));
    texts.forEach((name, text) -> {
      if (RESERVED.contains(name)) {
        throw new IllegalArgumentException(
            "item " + id + ": the field name " + name + " is reserved; rename the text field");
      }
      document.add(new TextField(name, text, Field.Store.YES));
    });
    return document;
  }

  /**
   * Creates the document of an item. If the model does not know it, its vector is made of its
   * texts, where the model was trained with such; otherwise it has none.
   *
   * @param id the item's id, as in the click log
   * @param texts text by field name, such as a title; stored and indexed for full-text search
   * @throws IllegalArgumentException if a text field has the name of a field of this class
   */
  public static Document of(String id, Map<String, String> texts, ServingModel model) {
    Document document = of(id, texts);
    int row = model.vocabulary().row(id);
    float[] vector = vector(row, TextVectors.joined(texts.values()), model);
    if (vector != null) {
      document.add(
          new KnnFloatVectorField(VECTOR, vector, VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT));
      document.add(new SortedDocValuesField(MODEL, new BytesRef(model.version())));
      document.add(new IntPoint(ROW, row));
      document.add(new NumericDocValuesField(ROW, row));
    }
    return document;
  }

  /**
   * The vector of an item in a model.
   *
   * @param row the item's; {@link Vocabulary#UNKNOWN} if the model does not know it
   * @param text what is written about it, which is read only then
   * @return float32 (D); null if it has none
   */
  public static float @Nullable [] vector(int row, String text, ServingModel model) {
    if (row == Vocabulary.UNKNOWN) {
      return model.texts() == null ? null : model.texts().vector(text);
    }
    float[] vector = new float[model.items().dimension()];
    model.items().copy(row, vector);
    return vector;
  }
}
