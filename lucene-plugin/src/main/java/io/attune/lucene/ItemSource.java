package io.attune.lucene;

import io.attune.serving.ServingModel;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedSetDocValues;
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
   * @param query float32 (D)
   * @param docs documents of the segment, rising
   * @param from first index into {@code docs}
   * @param to one after the last
   * @param scores written at the same indices; NaN for a document without a vector
   * @param watch told every {@value #BLOCK} documents or so up to which index they are scored; may
   *     throw to stop it
   * @throws IllegalArgumentException when vectors are of another dimension or similarity
   */
  void score(
      LeafReaderContext leaf,
      float[] query,
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
  DoubleValues values(LeafReaderContext leaf, float[] query) throws IOException;

  /**
   * Vectors that lie in the index, beside the documents.
   *
   * @param field a vector field of similarity {@code MAXIMUM_INNER_PRODUCT}
   */
  record Indexed(String field) implements ItemSource {
    @Override
    public void score(
        LeafReaderContext leaf,
        float[] query,
        int[] docs,
        int from,
        int to,
        float[] scores,
        IntConsumer watch)
        throws IOException {
      Arrays.fill(scores, from, to, Float.NaN);
      FloatVectorValues values = vectors(leaf, query.length);
      if (values == null || from == to) {
        return;
      }
      VectorScorer scorer = values.rescorer(query);
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
    public DoubleValues values(LeafReaderContext leaf, float[] query) throws IOException {
      FloatVectorValues vectors = vectors(leaf, query.length);
      if (vectors == null) {
        return DoubleValues.EMPTY;
      }
      VectorScorer scorer = vectors.rescorer(query);
      DocIdSetIterator docs = scorer.iterator();
      return new DoubleValues() {
        @Override
        public double doubleValue() throws IOException {
          return innerProduct(scorer.score());
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          return docs.docID() == doc || (docs.docID() < doc && docs.advance(doc) == doc);
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
   * index. Which document is which item is looked up once for each segment and kept until it is
   * closed; use one source for as long as the model.
   */
  final class Joined implements ItemSource {
    private final String field;
    private final ServingModel model;
    private final Map<Object, int[]> rowsBySegment = new ConcurrentHashMap<>();

    /**
     * A join by item id.
     *
     * @param field a field of sorted or sorted-set doc values with the item's id; of several ids of
     *     a document the first that the model knows counts
     */
    public Joined(String field, ServingModel model) {
      this.field = field;
      this.model = model;
    }

    @Override
    public void score(
        LeafReaderContext leaf,
        float[] query,
        int[] docs,
        int from,
        int to,
        float[] scores,
        IntConsumer watch)
        throws IOException {
      if (query.length != model.items().dimension()) {
        throw new IllegalArgumentException("the query vector has " + query.length
            + " dimensions, the model's items " + model.items().dimension());
      }
      int[] rowsByDoc = rows(leaf);
      int[] rows = new int[BLOCK];
      float[] found = new float[BLOCK];
      for (int done = from; done < to; done += BLOCK) {
        int count = Math.min(BLOCK, to - done);
        for (int i = 0; i < count; i++) {
          rows[i] = rowsByDoc[docs[done + i]];
        }
        model.items().scores(query, rows, count, found);
        for (int i = 0; i < count; i++) {
          scores[done + i] = rows[i] == 0 ? Float.NaN : found[i];
        }
        watch.accept(done + count);
      }
    }

    @Override
    public DoubleValues values(LeafReaderContext leaf, float[] query) throws IOException {
      int[] rows = rows(leaf);
      return new DoubleValues() {
        private int row;

        @Override
        public double doubleValue() {
          return model.items().dot(query, row);
        }

        @Override
        public boolean advanceExact(int doc) {
          row = rows[doc];
          return row != 0;
        }
      };
    }

    /** The item row of each document, 0 where the model does not know its item. */
    private int[] rows(LeafReaderContext leaf) throws IOException {
      IndexReader.CacheHelper helper = leaf.reader().getCoreCacheHelper();
      if (helper == null) {
        return read(leaf);
      }
      int[] kept = rowsBySegment.get(helper.getKey());
      if (kept == null) {
        kept = read(leaf);
        if (rowsBySegment.putIfAbsent(helper.getKey(), kept) == null) {
          // A segment may outlive the model: its list of listeners must not keep the rows.
          WeakReference<Map<Object, int[]>> all = new WeakReference<>(rowsBySegment);
          helper.addClosedListener(key -> {
            Map<Object, int[]> rows = all.get();
            if (rows != null) {
              rows.remove(key);
            }
          });
        }
      }
      return kept;
    }

    private int[] read(LeafReaderContext leaf) throws IOException {
      SortedSetDocValues ids = DocValues.getSortedSet(leaf.reader(), field);
      int[] rowsByOrdinal = new int[Math.toIntExact(ids.getValueCount())];
      for (int ordinal = 0; ordinal < rowsByOrdinal.length; ordinal++) {
        rowsByOrdinal[ordinal] = model.vocabulary().row(ids.lookupOrd(ordinal).utf8ToString());
      }
      int[] rows = new int[leaf.reader().maxDoc()];
      for (int doc = ids.nextDoc(); doc != DocIdSetIterator.NO_MORE_DOCS; doc = ids.nextDoc()) {
        for (int left = ids.docValueCount(); left > 0 && rows[doc] == 0; left--) {
          rows[doc] = rowsByOrdinal[(int) ids.nextOrd()];
        }
      }
      return rows;
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
