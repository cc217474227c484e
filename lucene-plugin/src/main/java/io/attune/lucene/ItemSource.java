package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.VectorScorer;
import org.jspecify.annotations.Nullable;

/** Where the item vectors of documents come from. */
public sealed interface ItemSource {
  /** Documents scored between two calls of a watch. */
  int BLOCK = 256;

  /**
   * The scores of documents of one segment: inner products of the query vector with the vectors of
   * their items.
   *
   * @param session what the documents are compared with
   * @param docs documents of the segment, rising
   * @param from first index into {@code docs}
   * @param to one after the last
   * @param scores written at the same indices; NaN for a document without a vector
   * @param watch told every {@value #BLOCK} documents or so up to which index they are scored; may
   *     throw to stop it
   * @throws IllegalArgumentException when vectors are of another model than the session's, as far
   *     as that is known, or of another dimension or similarity
   */
  void score(
      LeafReaderContext leaf,
      SessionVector session,
      int[] docs,
      int from,
      int to,
      float[] scores,
      IntConsumer watch)
      throws IOException;

  /**
   * The same for single documents, walked in rising order.
   *
   * @return no value for a document without a vector
   */
  DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException;

  /**
   * Vectors that lie in the index, beside the documents.
   *
   * @param field a vector field of similarity {@code MAXIMUM_INNER_PRODUCT}
   * @param modelField a field of sorted doc values with the version of the model that a document's
   *     vector is from; null where that is not written down. Documents without a value, or a
   *     segment without the field, are taken at their word
   */
  record Indexed(String field, @Nullable String modelField) implements ItemSource {
    /** Vectors of which it is not written down what model they are from. */
    public Indexed(String field) {
      this(field, null);
    }

    @Override
    public void score(
        LeafReaderContext leaf,
        SessionVector session,
        int[] docs,
        int from,
        int to,
        float[] scores,
        IntConsumer watch)
        throws IOException {
      Arrays.fill(scores, from, to, Float.NaN);
      FloatVectorValues values = vectors(leaf, session.query().length);
      if (values == null || from == to) {
        return;
      }
      VectorOrigin origin = VectorOrigin.in(leaf, modelField, session);
      for (int i = from; i < to && origin != null; i++) {
        origin.require(docs[i]);
      }
      VectorScorer scorer = values.rescorer(session.query());
      VectorScorer.Bulk bulk = scorer.bulk(new Docs(docs, from, to));
      DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
      int at = from;
      int watched = from;
      do {
        bulk.nextDocsAndScores(DocIdSetIterator.NO_MORE_DOCS, null, buffer);
        for (int i = 0; i < buffer.size; i++) {
          while (docs[at] < buffer.docs[i]) {
            at++;
          }
          scores[at] = innerProduct(buffer.features[i]);
        }
        if (at - watched >= BLOCK || buffer.size == 0) {
          watched = at;
          watch.accept(buffer.size == 0 ? to : at + 1);
        }
      } while (buffer.size > 0);
    }

    @Override
    public DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException {
      FloatVectorValues vectors = vectors(leaf, session.query().length);
      if (vectors == null) {
        return DoubleValues.EMPTY;
      }
      VectorOrigin origin = VectorOrigin.in(leaf, modelField, session);
      VectorScorer scorer = vectors.rescorer(session.query());
      DocIdSetIterator docs = scorer.iterator();
      return new DoubleValues() {
        @Override
        public double doubleValue() throws IOException {
          return innerProduct(scorer.score());
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          if (docs.docID() == doc) {
            return true;
          }
          boolean found = docs.docID() < doc && docs.advance(doc) == doc;
          if (found && origin != null) {
            origin.require(doc);
          }
          return found;
        }
      };
    }

    /** The vectors of a segment, null where it has none. */
    @Nullable
    FloatVectorValues vectors(LeafReaderContext leaf, int dimension) throws IOException {
      FieldInfo info = leaf.reader().getFieldInfos().fieldInfo(field);
      if (info == null || info.getVectorDimension() == 0) {
        return null;
      }
      if (info.getVectorDimension() != dimension) {
        throw new IllegalArgumentException("the vectors in field " + field + " have "
            + info.getVectorDimension() + " dimensions, those of the model " + dimension
            + ": index the items with this model, or use the model's own vectors");
      }
      if (info.getVectorSimilarityFunction() != VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT) {
        throw new IllegalArgumentException("the vectors in field " + field
            + " are compared by " + info.getVectorSimilarityFunction()
            + ", which is not MAXIMUM_INNER_PRODUCT");
      }
      return leaf.reader().getFloatVectorValues(field);
    }

    /** Undoes Lucene's mapping of inner products to positive scores. */
    static float innerProduct(float score) {
      return score < 1 ? 1 - 1 / score : score - 1;
    }
  }

  /**
   * Vectors of the model itself, found by the documents' item ids, so that a new model needs no new
   * index. Which document is which item is looked up once for each segment; use one source for as
   * long as the model.
   *
   * <p>The first to ask for a segment looks its items up, others wait for that. {@link #warm} does
   * so before a reader is searched. Where time runs out meanwhile, the next goes on from there.
   */
  final class Joined implements ItemSource {
    private final ServingModel model;
    private final JoinedRows joined;

    /**
     * A join by item id.
     *
     * @param field a field of sorted or sorted-set doc values with the item's id; of several ids of
     *     a document the first that the model knows counts
     */
    public Joined(String field, ServingModel model) {
      this.model = model;
      this.joined = new JoinedRows(field, model.vocabulary());
    }

    /**
     * Looks up the items of all segments of a reader that are new. Call it before the reader is
     * searched, such as in a {@code SearcherFactory} or a merged segment warmer, and no search has
     * to.
     */
    public void warm(IndexReader reader) throws IOException {
      for (LeafReaderContext leaf : reader.leaves()) {
        joined.of(leaf, () -> {});
      }
    }

    private void require(SessionVector session) {
      if (!session.version().equals(model.version())) {
        throw VectorOrigin.stranger(session.version(), model.version());
      }
      if (session.query().length != model.items().dimension()) {
        throw new IllegalArgumentException("the query vector has " + session.query().length
            + " dimensions, the model's items " + model.items().dimension());
      }
    }

    @Override
    public void score(
        LeafReaderContext leaf,
        SessionVector session,
        int[] docs,
        int from,
        int to,
        float[] scores,
        IntConsumer watch)
        throws IOException {
      require(session);
      int[] rowsByDoc = joined.of(leaf, () -> watch.accept(from));
      int[] rows = new int[BLOCK];
      float[] found = new float[BLOCK];
      for (int done = from; done < to; done += BLOCK) {
        int count = Math.min(BLOCK, to - done);
        for (int i = 0; i < count; i++) {
          rows[i] = rowsByDoc[docs[done + i]];
        }
        model.items().scores(session.query(), rows, count, found);
        for (int i = 0; i < count; i++) {
          scores[done + i] = rows[i] == 0 ? Float.NaN : found[i];
        }
        watch.accept(done + count);
      }
    }

    @Override
    public DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException {
      require(session);
      int[] rows = joined.of(leaf, () -> {});
      return new DoubleValues() {
        private int row;

        @Override
        public double doubleValue() {
          return model.items().dot(session.query(), row);
        }

        @Override
        public boolean advanceExact(int doc) {
          row = rows[doc];
          return row != 0;
        }
      };
    }
  }

  /** Some documents, as Lucene walks them. */
  final class Docs extends DocIdSetIterator {
    private final int[] docs;
    private final int from;
    private final int to;
    private int at;

    Docs(int[] docs, int from, int to) {
      this.docs = docs;
      this.from = from;
      this.to = to;
      this.at = from - 1;
    }

    @Override
    public int docID() {
      if (at < from) {
        return -1;
      }
      return at < to ? docs[at] : NO_MORE_DOCS;
    }

    @Override
    public int nextDoc() {
      at++;
      return docID();
    }

    @Override
    public int advance(int target) {
      do {
        at++;
      } while (at < to && docs[at] < target);
      return docID();
    }

    @Override
    public long cost() {
      return (long) to - from;
    }
  }
}
