package io.attune.lucene;

import io.attune.serving.SessionVector;
import java.io.IOException;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** The model versions of the vectors in a segment, as recorded in a field beside the vectors. */
final class VectorVersions {
  private static final int SHORT_LENGTH = 12; // hexadecimal digits of a version in messages

  private final String version; // of the session's model
  private final SortedDocValues models;
  private final int own; // ordinal of the session's model; negative if it does not occur

  private VectorVersions(String version, SortedDocValues models) throws IOException {
    this.version = version;
    this.models = models;
    this.own = models.lookupTerm(new BytesRef(version));
  }

  /** The versions in a segment; null if there is nothing to check. */
  static @Nullable VectorVersions of(
      LeafReaderContext leaf, @Nullable String field, SessionVector session) throws IOException {
    SortedDocValues models = field == null ? null : leaf.reader().getSortedDocValues(field);
    if (models == null || models.getValueCount() == 0) {
      return null; // not recorded
    }
    VectorVersions versions = new VectorVersions(session.version(), models);
    return versions.own == 0 && models.getValueCount() == 1 ? null : versions;
  }

  /**
   * Checks that a document's vector is of the session's model.
   *
   * @param doc not before the document of the previous call
   * @throws IllegalArgumentException if it is of another model
   */
  void requireSame(int doc) throws IOException {
    if (models.advanceExact(doc) && models.ordValue() != own) {
      throw mismatch(version, models.lookupOrd(models.ordValue()).utf8ToString());
    }
  }

  /**
   * A query for the documents whose vectors are of another model than the session.
   *
   * @param vectors the vector field
   * @return null if there are none
   * @throws IllegalArgumentException if there are vectors, but none of the session's model
   */
  static @Nullable Query foreignVectors(
      IndexReader reader, String vectors, @Nullable String field, SessionVector session)
      throws IOException {
    if (field == null) {
      return null;
    }
    String other = null;
    boolean own = false;
    for (LeafReaderContext leaf : reader.leaves()) {
      VectorVersions versions = of(leaf, field, session);
      if (versions == null) {
        own |= leaf.reader().getFloatVectorValues(vectors) != null;
      } else {
        own |= versions.own >= 0;
        other = versions.models.lookupOrd(versions.own == 0 ? 1 : 0).utf8ToString();
      }
    }
    if (other != null && !own) {
      throw mismatch(session.version(), other);
    }
    BytesRef version = new BytesRef(session.version());
    return other == null
        ? null
        : new BooleanQuery.Builder()
            .add(
                SortedDocValuesField.newSlowRangeQuery(field, null, version, true, false),
                BooleanClause.Occur.SHOULD)
            .add(
                SortedDocValuesField.newSlowRangeQuery(field, version, null, false, true),
                BooleanClause.Occur.SHOULD)
            .build();
  }

  static IllegalArgumentException mismatch(String session, String items) {
    return new IllegalArgumentException("the session was encoded by model version "
        + shorten(session) + ", but the item vectors are of version " + shorten(items)
        + ", and only vectors of the same model can be compared: encode the session with that"
        + " version, or index the items with the session's");
  }

  private static String shorten(String version) {
    return version.substring(0, Math.min(SHORT_LENGTH, version.length()));
  }
}
