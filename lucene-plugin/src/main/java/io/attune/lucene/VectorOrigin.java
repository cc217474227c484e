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

/** Whose vectors the documents of a segment carry, as a field beside the vectors tells. */
final class VectorOrigin {
  private static final int SHORT = 12; // hexadecimal digits of a version, as people compare them

  private final String version; // of the session's model
  private final SortedDocValues models;
  private final int own; // ordinal of the session's model, negative where it occurs nowhere

  private VectorOrigin(String version, SortedDocValues models) throws IOException {
    this.version = version;
    this.models = models;
    this.own = models.lookupTerm(new BytesRef(version));
  }

  /** The origin of vectors in a segment, null where there is nothing to refuse. */
  static @Nullable VectorOrigin in(
      LeafReaderContext leaf, @Nullable String field, SessionVector session) throws IOException {
    SortedDocValues models = field == null ? null : leaf.reader().getSortedDocValues(field);
    if (models == null || models.getValueCount() == 0) {
      return null; // it was not written down
    }
    VectorOrigin origin = new VectorOrigin(session.version(), models);
    return origin.own == 0 && models.getValueCount() == 1 ? null : origin;
  }

  /**
   * Refuses the vector of another model.
   *
   * @param doc not before the one that was asked for last
   * @throws IllegalArgumentException when the document's vector is one
   */
  void require(int doc) throws IOException {
    if (models.advanceExact(doc) && models.ordValue() != own) {
      throw stranger(version, models.lookupOrd(models.ordValue()).utf8ToString());
    }
  }

  /**
   * What finds the documents whose vectors may not be compared with a session's.
   *
   * @param vectors the field of the vectors
   * @return null where all may
   * @throws IllegalArgumentException when there are vectors, but none that may
   */
  static @Nullable Query strangers(
      IndexReader reader, String vectors, @Nullable String field, SessionVector session)
      throws IOException {
    if (field == null) {
      return null;
    }
    String other = null;
    boolean own = false;
    for (LeafReaderContext leaf : reader.leaves()) {
      VectorOrigin origin = in(leaf, field, session);
      if (origin == null) {
        own |= leaf.reader().getFloatVectorValues(vectors) != null;
      } else {
        own |= origin.own >= 0;
        other = origin.models.lookupOrd(origin.own == 0 ? 1 : 0).utf8ToString();
      }
    }
    if (other != null && !own) {
      throw stranger(session.version(), other);
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

  static IllegalArgumentException stranger(String session, String items) {
    return new IllegalArgumentException("the session was encoded by the model of version "
        + shown(session) + ", but the item vectors are those of version " + shown(items)
        + ", and only vectors of one model may be compared: encode the session by that one, or"
        + " index the items by the session's");
  }

  private static String shown(String version) {
    return version.substring(0, Math.min(SHORT, version.length()));
  }
}
