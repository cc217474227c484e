package io.attune.lucene;

import io.attune.serving.SessionVector;
import java.io.IOException;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.queries.function.FunctionScoreQuery;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;

/** Retrieval by what a session looks for, alone or beside a query of words. */
public final class SessionSearch {
  /**
   * Up to so many vectors are compared one by one: that takes about a millisecond, and finds the
   * best for sure.
   */
  public static final int EXACT = 10_000;

  /**
   * How many times the wanted number is sought in a graph, so that fewer of the best are missed. On
   * the 43,097 normalised vectors of a model of Diginetica that finds 99.98 % of the best 20 and
   * 99.6 % of the best 100, in a ninth and a third of the time of comparing all; without it 99.8 %
   * and 98.6 %. Vectors of very different lengths may fare worse: {@code GraphRecall} in the
   * benchmarks measures it for any model.
   */
  private static final int OVERFETCH = 4;

  private SessionSearch() {}

  /**
   * A query for the items that a session looks for; its score is Lucene's positive form of the
   * inner product.
   *
   * @param reader where it will be used: the number of its vectors decides between a scan and a
   *     graph
   * @param source the vectors in the index
   * @param count how many of the best are wanted
   * @param filter what documents must match as well, null for none
   * @throws IllegalArgumentException when the vectors in the index are of another model, or of
   *     another dimension or similarity. Where some are of the session's model, they alone are
   *     found
   */
  public static Query query(
      IndexReader reader,
      ItemSource.Indexed source,
      SessionVector session,
      int count,
      @Nullable Query filter)
      throws IOException {
    if (session.isEmpty()) {
      return new MatchNoDocsQuery("an empty session looks for nothing");
    }
    long vectors = vectors(reader, source, session.query().length);
    Query wanted = without(
        filter, VectorOrigin.strangers(reader, source.field(), source.modelField(), session));
    if (vectors > EXACT) {
      return new KnnFloatVectorQuery(
          source.field(), session.query(), Math.multiplyExact(count, OVERFETCH), wanted);
    }
    return exact(source, session, wanted);
  }

  private static @Nullable Query without(@Nullable Query filter, @Nullable Query strangers) {
    return strangers == null
        ? filter
        : new BooleanQuery.Builder()
            .add(filter == null ? MatchAllDocsQuery.INSTANCE : filter, BooleanClause.Occur.FILTER)
            .add(strangers, BooleanClause.Occur.MUST_NOT)
            .build();
  }

  /**
   * The same by comparing all vectors, whatever their number; to search fails when one of them is
   * of another model.
   */
  public static Query exact(
      ItemSource.Indexed source, SessionVector session, @Nullable Query filter) {
    BooleanQuery.Builder matching = new BooleanQuery.Builder()
        .add(new FieldExistsQuery(source.field()), BooleanClause.Occur.FILTER);
    if (filter != null) {
      matching.add(filter, BooleanClause.Occur.FILTER);
    }
    return new FunctionScoreQuery(
        matching.build(), new Positive(new SessionValuesSource(source, session)));
  }

  /**
   * The best of a query of words and of what a session looks for, fused by their ranks (Cormack,
   * Clarke and Büttcher 2009).
   *
   * @param words finds by text
   * @param bySession finds by session, as {@link #query} makes it
   * @param depth how many hits of each are fused
   * @param count the most to return
   */
  public static TopDocs hybrid(
      IndexSearcher searcher, Query words, Query bySession, int depth, int count)
      throws IOException {
    TopDocs[] hits = {searcher.search(words, depth), searcher.search(bySession, depth)};
    return TopDocs.rrf(count, 60, hits);
  }

  private static long vectors(IndexReader reader, ItemSource.Indexed source, int dimension)
      throws IOException {
    long count = 0;
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues vectors = source.vectors(leaf, dimension);
      count += vectors == null ? 0 : vectors.size();
    }
    return count;
  }

  /** Inner products as positive scores, in their order, as Lucene's own vector search has them. */
  private static final class Positive extends DoubleValuesSource {
    private final DoubleValuesSource inner;

    Positive(DoubleValuesSource inner) {
      this.inner = inner;
    }

    @Override
    public DoubleValues getValues(LeafReaderContext leaf, DoubleValues scores) throws IOException {
      DoubleValues values = inner.getValues(leaf, scores);
      return new DoubleValues() {
        @Override
        public double doubleValue() throws IOException {
          double product = values.doubleValue();
          return product < 0 ? 1 / (1 - product) : product + 1;
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          return values.advanceExact(doc);
        }
      };
    }

    @Override
    public boolean needsScores() {
      return inner.needsScores();
    }

    @Override
    public DoubleValuesSource rewrite(IndexSearcher searcher) {
      return this;
    }

    @Override
    public boolean isCacheable(LeafReaderContext leaf) {
      return inner.isCacheable(leaf);
    }

    @Override
    public int hashCode() {
      return 31 * inner.hashCode();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Positive that && inner.equals(that.inner);
    }

    @Override
    public String toString() {
      return "positive(" + inner + ")";
    }
  }
}
