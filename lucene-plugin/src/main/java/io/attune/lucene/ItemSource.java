package io.attune.lucene;

import io.attune.model.LearnedBlend;
import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.IntConsumer;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.VectorScorer;
import org.apache.lucene.util.VectorUtil;
import org.jspecify.annotations.Nullable;

/** Provides the item vectors of documents. */
public sealed interface ItemSource {
  /** Documents scored between two progress calls. */
  int BLOCK = 256;

  /**
   * Scores documents of one segment by the inner product of the query vector with their item
   * vectors, plus what the session adds to the scores of items that it clicked.
   *
   * @param session the session to score by
   * @param docs documents of the segment, ascending
   * @param from index of the first document in {@code docs}
   * @param to index after the last document
   * @param scores receives the scores at the same indexes; NaN for a document without a vector
   * @param progress called about every {@value #BLOCK} documents with the index up to which
   *     documents are scored; may throw to stop
   * @throws IllegalArgumentException if the vectors are known to be of another model than the
   *     session, have another dimension or similarity, or the session adds to scores and the item
   *     of a vector is not recorded
   */
  void score(
      LeafReaderContext leaf,
      SessionVector session,
      int[] docs,
      int from,
      int to,
      float[] scores,
      IntConsumer progress)
      throws IOException;

  /**
   * Scores single documents, in ascending order; a document without a vector has no value.
   *
   * @throws IllegalArgumentException as {@link #score}
   */
  DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException;

  /**
   * The row of a document's item in the model; 0 if the model does not know it, or it is not
   * recorded.
   *
   * @param doc a document of the segment
   */
  int row(LeafReaderContext leaf, int doc) throws IOException;

  /**
   * Whether the vector of a document is made of what is written about its item, which nobody had
   * clicked when the model was trained.
   *
   * @param doc a document of the segment
   */
  boolean isFromWords(LeafReaderContext leaf, int doc) throws IOException;

  /** The vectors of the documents of a segment, in any order. Not thread-safe. */
  @FunctionalInterface
  interface DocVectors {
    /**
     * Copies a vector.
     *
     * @param doc a document of the segment that has one
     * @param into float32 (D)
     */
    void copy(int doc, float[] into) throws IOException;
  }

  /**
   * The vectors of a segment's documents.
   *
   * @param dimension D
   * @throws IllegalArgumentException if they are of another dimension
   */
  DocVectors vectors(LeafReaderContext leaf, int dimension) throws IOException;

  /** The learned blend of the model that documents are joined with; null if there is none. */
  default @Nullable LearnedBlend blend() {
    return null;
  }

  /**
   * Vectors that are stored in the index.
   *
   * @param field a vector field with similarity {@code MAXIMUM_INNER_PRODUCT}
   * @param modelField a sorted doc values field with the version of the model that a document's
   *     vector is from; null if it is not recorded. Documents without a value, and segments without
   *     the field, are not checked
   * @param rowField a field with the row of a document's item in that model, as a point of one int
   *     and in numeric doc values, 0 if the model does not know it and the vector is made of its
   *     texts; null if it is not recorded. Without it, sessions of a model with a
   *     {@link io.attune.model.ClickedCorrection} are refused
   */
  record Indexed(
      String field, @Nullable String modelField, @Nullable String rowField) implements ItemSource {
    /** Vectors whose model and items are not recorded. */
    public Indexed(String field) {
      this(field, null, null);
    }

    @Override
    public void score(
        LeafReaderContext leaf,
        SessionVector session,
        int[] docs,
        int from,
        int to,
        float[] scores,
        IntConsumer progress)
        throws IOException {
      Arrays.fill(scores, from, to, Float.NaN);
      FloatVectorValues values = values(leaf, session.query().length);
      if (values == null || from == to) {
        return;
      }
      VectorVersions versions = VectorVersions.of(leaf, modelField, session);
      for (int i = from; i < to && versions != null; i++) {
        versions.requireSame(docs[i]);
      }
      VectorScorer scorer = values.rescorer(session.query());
      VectorScorer.Bulk bulk = scorer.bulk(new DocIdArrayIterator(docs, from, to));
      DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
      int at = from;
      int reported = from;
      do {
        bulk.nextDocsAndScores(DocIdSetIterator.NO_MORE_DOCS, null, buffer);
        for (int i = 0; i < buffer.size; i++) {
          while (docs[at] < buffer.docs[i]) {
            at++;
          }
          scores[at] = buffer.features[i];
        }
        if (at - reported >= BLOCK || buffer.size == 0) {
          reported = at;
          progress.accept(buffer.size == 0 ? to : at + 1);
        }
      } while (buffer.size > 0);
      for (int i = from; i < to; i++) {
        scores[i] = innerProduct(scores[i]); // a loop of its own, which C2 vectorizes
      }
      VectorRows rows = VectorRows.of(leaf, this, session);
      for (int i = from; i < to && rows != null; i++) {
        if (!Float.isNaN(scores[i])) {
          scores[i] += rows.addition(docs[i]);
        }
      }
    }

    @Override
    public DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException {
      FloatVectorValues vectors = values(leaf, session.query().length);
      if (vectors == null) {
        return DoubleValues.EMPTY;
      }
      VectorVersions versions = VectorVersions.of(leaf, modelField, session);
      VectorRows rows = VectorRows.of(leaf, this, session);
      VectorScorer scorer = vectors.rescorer(session.query());
      DocIdSetIterator docs = scorer.iterator();
      return new DoubleValues() {
        @Override
        public double doubleValue() throws IOException {
          float product = innerProduct(scorer.score());
          return rows == null ? product : product + rows.addition(docs.docID());
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          if (docs.docID() == doc) {
            return true;
          }
          boolean found = docs.docID() < doc && docs.advance(doc) == doc;
          if (found && versions != null) {
            versions.requireSame(doc);
          }
          return found;
        }
      };
    }

    @Override
    public int row(LeafReaderContext leaf, int doc) throws IOException {
      return Math.max(0, recorded(leaf, doc));
    }

    @Override
    public boolean isFromWords(LeafReaderContext leaf, int doc) throws IOException {
      return recorded(leaf, doc) == 0;
    }

    /** The row that is recorded for a document; below 0 if there is none. */
    private int recorded(LeafReaderContext leaf, int doc) throws IOException {
      if (rowField == null) {
        return -1;
      }
      NumericDocValues rows = DocValues.getNumeric(leaf.reader(), rowField);
      return rows.advanceExact(doc) ? (int) rows.longValue() : -1;
    }

    @Override
    public DocVectors vectors(LeafReaderContext leaf, int dimension) throws IOException {
      FloatVectorValues values = values(leaf, dimension);
      return (doc, into) -> {
        if (values == null) {
          throw new IllegalArgumentException("document " + doc + " has no vector");
        }
        System.arraycopy(values.vectorValue(ordinal(values, doc)), 0, into, 0, dimension);
      };
    }

    /** The ordinal of a document's vector: documents ascend with ordinals. */
    private static int ordinal(FloatVectorValues values, int doc) {
      int low = 0;
      int high = Math.min(doc, values.size() - 1);
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (values.ordToDoc(middle) < doc) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    /** The vectors of a segment; null if it has none. */
    @Nullable
    FloatVectorValues values(LeafReaderContext leaf, int dimension) throws IOException {
      FieldInfo info = leaf.reader().getFieldInfos().fieldInfo(field);
      if (info == null || info.getVectorDimension() == 0) {
        return null;
      }
      if (info.getVectorDimension() != dimension) {
        throw new IllegalArgumentException("the vectors in field " + field + " have "
            + info.getVectorDimension() + " dimensions, but the session's vector has " + dimension
            + ": index the items with the session's model, or use the model's own vectors");
      }
      if (info.getVectorSimilarityFunction() != VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT) {
        throw new IllegalArgumentException("the vectors in field " + field
            + " must have the similarity MAXIMUM_INNER_PRODUCT, not "
            + info.getVectorSimilarityFunction());
      }
      return leaf.reader().getFloatVectorValues(field);
    }

    /**
     * Inverts Lucene's mapping of inner products to positive scores: {@code 1 - 1 / score} below 1,
     * else {@code score - 1}. A branch by the sign of an inner product would often be mispredicted.
     */
    static float innerProduct(float score) {
      return Math.min(0, 1 - 1 / score) + Math.max(0, score - 1);
    }
  }

  /**
   * The model's own vectors, joined with documents by item id, so that a new model needs no
   * reindexing.
   *
   * <p>The join is computed once per segment and cached in this object, so keep it as long as the
   * model. The first search that needs a segment computes its join while others wait; {@link #warm}
   * does so before a reader is searched. If a search runs out of time during the join, the next one
   * resumes it. A vector of texts is made when a search first meets its document.
   *
   * <p>Thread-safe.
   */
  final class Joined implements ItemSource {
    private final ServingModel model;
    private final ItemRowCache rowCache;

    /**
     * Creates a source without any joins yet.
     *
     * @param field a sorted or sorted-set doc values field with the item's id; if a document has
     *     several ids, the first one that the model knows counts
     */
    public Joined(String field, ServingModel model) {
      this(field, model, null);
    }

    /**
     * Creates a source that makes vectors of their texts for items that the model does not know, if
     * it was trained with texts. They take D floats per document that searches met, as long as its
     * segment is joined.
     *
     * @param field as in {@link #Joined(String, ServingModel)}
     * @param textFields stored fields with what is written about an item
     */
    public Joined(String field, Collection<String> textFields, ServingModel model) {
      this(field, model, textFields.isEmpty() ? null : TextSource.stored(textFields));
    }

    /**
     * Creates a source like {@link #Joined(String, Collection, ServingModel)}, with texts that are
     * kept elsewhere than in stored fields.
     *
     * @param field as in {@link #Joined(String, ServingModel)}
     * @param written reads what is written about an item, once for each document that a search
     *     meets and whose item the model does not know
     */
    public Joined(String field, TextSource written, ServingModel model) {
      this(field, model, written);
    }

    private Joined(String field, ServingModel model, @Nullable TextSource written) {
      this.model = model;
      TextVectors vectors = model.texts();
      this.rowCache = new ItemRowCache(
          field,
          model.vocabulary(),
          written == null || vectors == null ? null : new ItemRowCache.Words(written, vectors));
    }

    /**
     * Computes the joins of a reader's new segments, and makes all vectors of texts. Call it before
     * the reader is searched, such as in a {@code SearcherFactory} or a merged segment warmer, so
     * that no search has to.
     */
    public void warm(IndexReader reader) throws IOException {
      for (LeafReaderContext leaf : reader.leaves()) {
        ItemRowCache.Documents items = rowCache.documents(leaf, () -> {});
        for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
          items.fromWords(doc);
        }
      }
    }

    private void require(SessionVector session) {
      if (!session.version().equals(model.version())) {
        throw VectorVersions.mismatch(session.version(), model.version());
      }
      if (session.query().length != model.items().dimension()) {
        throw new IllegalArgumentException("the query vector has " + session.query().length
            + " dimensions, but the model's item vectors have " + model.items().dimension());
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
        IntConsumer progress)
        throws IOException {
      require(session);
      ItemRowCache.Documents items = rowCache.documents(leaf, () -> progress.accept(from));
      int[] rows = new int[BLOCK];
      float[] found = new float[BLOCK];
      for (int done = from; done < to; done += BLOCK) {
        int count = Math.min(BLOCK, to - done);
        for (int i = 0; i < count; i++) {
          rows[i] = items.row(docs[done + i]);
        }
        model.items().scores(session.query(), rows, count, found);
        session.clicked().addTo(rows, count, found);
        for (int i = 0; i < count; i++) {
          if (rows[i] > 0) {
            scores[done + i] = found[i];
          } else {
            float[] vector = items.fromWords(docs[done + i]);
            scores[done + i] = Float.NaN;
            if (vector != null) {
              scores[done + i] = VectorUtil.dotProduct(session.query(), vector);
              progress.accept(done + i + 1); // making one takes as long as hundreds of rows
            }
          }
        }
        progress.accept(done + count);
      }
    }

    @Override
    public DoubleValues values(LeafReaderContext leaf, SessionVector session) throws IOException {
      require(session);
      ItemRowCache.Documents items = rowCache.documents(leaf, () -> {});
      return new DoubleValues() {
        private int row;
        private float @Nullable [] vector;

        @Override
        public double doubleValue() {
          float[] made = vector;
          return made == null
              ? model.items().dot(session.query(), row) + session.clicked().of(row)
              : VectorUtil.dotProduct(session.query(), made);
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          row = items.row(doc);
          vector = items.fromWords(doc);
          return row > 0 || vector != null;
        }
      };
    }

    @Override
    public DocVectors vectors(LeafReaderContext leaf, int dimension) throws IOException {
      ItemRowCache.Documents items = rowCache.documents(leaf, () -> {});
      return (doc, into) -> {
        float[] vector = items.fromWords(doc);
        if (vector == null) {
          model.items().copyItem(items.row(doc), into);
        } else {
          System.arraycopy(vector, 0, into, 0, into.length);
        }
      };
    }

    @Override
    public @Nullable LearnedBlend blend() {
      return model.blend();
    }

    @Override
    public int row(LeafReaderContext leaf, int doc) throws IOException {
      return rowCache.documents(leaf, () -> {}).row(doc);
    }

    @Override
    public boolean isFromWords(LeafReaderContext leaf, int doc) throws IOException {
      ItemRowCache.Documents items = rowCache.documents(leaf, () -> {});
      TextVectors texts = model.texts();
      return items.fromWords(doc) != null || (texts != null && texts.isFromWords(items.row(doc)));
    }
  }
}
