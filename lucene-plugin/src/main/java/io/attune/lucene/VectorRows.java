package io.attune.lucene;

import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import java.io.IOException;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.Query;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the items of a segment's documents in the model that their vectors are from, as
 * recorded in a field beside the vectors. A session's correction of clicked items is found by them.
 */
final class VectorRows {
  private final String vectors;
  private final @Nullable String field;
  private final ClickedScores clicked;
  private final NumericDocValues rows;

  private VectorRows(
      String vectors, @Nullable String field, ClickedScores clicked, NumericDocValues rows) {
    this.vectors = vectors;
    this.field = field;
    this.clicked = clicked;
    this.rows = rows;
  }

  /** The rows in a segment; null if the session corrects no score. */
  static @Nullable VectorRows of(
      LeafReaderContext leaf, ItemSource.Indexed source, SessionVector session) throws IOException {
    if (session.clicked().isEmpty()) {
      return null;
    }
    String field = source.rowField();
    NumericDocValues rows =
        field == null ? DocValues.emptyNumeric() : DocValues.getNumeric(leaf.reader(), field);
    return new VectorRows(source.field(), field, session.clicked(), rows);
  }

  /**
   * What is added to the score of a document with a vector.
   *
   * @param doc not before the document of the previous call
   * @throws IllegalArgumentException if its row is not recorded
   */
  float addition(int doc) throws IOException {
    if (!rows.advanceExact(doc)) {
      throw notRecorded(vectors, field);
    }
    return clicked.of((int) rows.longValue());
  }

  /**
   * A query for the documents whose items the session clicked.
   *
   * @throws IllegalArgumentException if rows are not recorded
   */
  static Query clicked(ItemSource.Indexed source, SessionVector session) {
    String field = source.rowField();
    if (field == null) {
      throw notRecorded(source.field(), null);
    }
    return IntPoint.newSetQuery(field, session.clicked().rows());
  }

  private static IllegalArgumentException notRecorded(String vectors, @Nullable String field) {
    return new IllegalArgumentException("the session's model corrects the scores of clicked items,"
        + " but "
        + (field == null
            ? "the source names no field with the rows of the items"
            : "a document has a vector and no row in field " + field)
        + ", so the item of a vector in field " + vectors + " is not known: index the items with"
        + " their rows, use the model's own vectors, or train with clicked=off");
  }
}
