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
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;

/** Queries that retrieve items by a session, alone or combined with a text query. */
public final class SessionSearch {
  /**
   * Up to this number of vectors, all of them are scored: exact, and done in about a millisecond.
   */
  private static final int MAX_EXACT_VECTORS = 10_000;

  /**
   * Multiple of the wanted number of hits that is searched for in an HNSW graph, to raise recall.
   * On the 43,097 normalized vectors of a model of Diginetica it finds 99.98 % of the best 20 and
   * 99.6 % of the best 100, in a ninth and a third of the time of scoring all; without it, 99.8 %
   * and 98.6 %. Recall may be lower for vectors of very different lengths: {@code GraphRecall} in
   * the benchmarks measures it for any model.
   */
  private static final int OVERFETCH = 4;

  private SessionSearch() {}

  /**
   * Creates a query for the items that match a session best. Its score is Lucene's positive form of
   * the session score. Items whose scores the session corrects are scored apart, since a graph is
   * searched by inner products alone.
   *
   * @param reader the reader to be searched: the number of its vectors decides between a scan and a
   *     graph search
   * @param source the vectors in the index
   * @param session the session to search by
   * @param count number of best items wanted
   * @param filter restricts the documents; null for none
   * @throws IllegalArgumentException if the vectors are of another model than the session, or have
   *     another dimension or similarity. If only some are of another model, these are not found
   */
  public static Query query(
      IndexReader reader,
      ItemSource.Indexed source,
      SessionVector session,
      int count,
      @Nullable Query filter)
      throws IOException {
    if (session.isEmpty()) {
      return new MatchNoDocsQuery("the session is empty");
    }
    long vectors = vectors(reader, source, session.query().length);
    Query wanted = without(
        filter,
        VectorVersions.foreignVectors(reader, source.field(), source.modelField(), session));
    return vectors > MAX_EXACT_VECTORS
        ? nearest(source, session, count, wanted)
        : exact(source, session, wanted);
  }

  /** The items that a graph finds, with those that were clicked replaced by their own scores. */
  private static Query nearest(
      ItemSource.Indexed source, SessionVector session, int count, @Nullable Query wanted) {
    // Any of the items that were clicked may be among the first, and is then left out.
    int first =
        Math.addExact(Math.multiplyExact(count, OVERFETCH), session.clicked().rows().length);
    Query nearest = new KnnFloatVectorQuery(source.field(), session.query(), first, wanted);
    if (session.clicked().isEmpty()) {
      return nearest;
    }
    Query clicked = VectorRows.clicked(source, session);
    BooleanQuery.Builder wantedAndClicked =
        new BooleanQuery.Builder().add(clicked, BooleanClause.Occur.FILTER);
    if (wanted != null) {
      wantedAndClicked.add(wanted, BooleanClause.Occur.FILTER);
    }
    Query others = new BooleanQuery.Builder()
        .add(nearest, BooleanClause.Occur.MUST)
        .add(clicked, BooleanClause.Occur.MUST_NOT)
        .build();
    return new BooleanQuery.Builder()
        .add(others, BooleanClause.Occur.SHOULD)
        .add(exact(source, session, wantedAndClicked.build()), BooleanClause.Occur.SHOULD)
        .build();
  }

  private static @Nullable Query without(@Nullable Query filter, @Nullable Query excluded) {
    return excluded == null
        ? filter
        : new BooleanQuery.Builder()
            .add(filter == null ? MatchAllDocsQuery.INSTANCE : filter, BooleanClause.Occur.FILTER)
            .add(excluded, BooleanClause.Occur.MUST_NOT)
            .build();
  }

  /**
   * Creates a query that scores all vectors, whatever their number, also as a feature of a model
   * that ranks. Searching fails if one of them is of another model than the session.
   *
   * @param source the vectors; where they are joined, a document without one is found behind all
   *     others, with the score 0
   * @param session the session to search by
   * @param filter restricts the documents; null for none
   */
  public static Query exact(ItemSource source, SessionVector session, @Nullable Query filter) {
    BooleanQuery.Builder matching = new BooleanQuery.Builder();
    matching.add(
        switch (source) {
          case ItemSource.Indexed indexed -> new FieldExistsQuery(indexed.field());
          case ItemSource.Joined joined -> MatchAllDocsQuery.INSTANCE;
        },
        BooleanClause.Occur.FILTER);
    if (filter != null) {
      matching.add(filter, BooleanClause.Occur.FILTER);
    }
    return new FunctionScoreQuery(
        matching.build(), new Positive(new SessionValuesSource(source, session)));
  }

  /**
   * Searches by text and by session, and fuses both hit lists by reciprocal rank (Cormack, Clarke
   * and Büttcher 2009).
   *
   * @param textQuery the text query
   * @param sessionQuery the session query, from {@link #query}
   * @param depth number of hits of each query to fuse
   * @param count maximum number of hits to return
   */
  public static TopDocs hybrid(
      IndexSearcher searcher, Query textQuery, Query sessionQuery, int depth, int count)
      throws IOException {
    TopDocs[] hits = {searcher.search(textQuery, depth), searcher.search(sessionQuery, depth)};
    return TopDocs.rrf(count, 60, hits);
  }

  private static long vectors(IndexReader reader, ItemSource.Indexed source, int dimension)
      throws IOException {
    long count = 0;
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues vectors = source.values(leaf, dimension);
      count += vectors == null ? 0 : vectors.size();
    }
    return count;
  }

  /** Maps session scores to positive ones, as Lucene's own vector search does. */
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
          return positive(values.doubleValue());
        }

        @Override
        public boolean advanceExact(int doc) throws IOException {
          return values.advanceExact(doc);
        }
      };
    }

    private static double positive(double product) {
      return product < 0 ? 1 / (1 - product) : product + 1;
    }

    @Override
    public Explanation explain(LeafReaderContext leaf, int doc, Explanation scoreExplanation)
        throws IOException {
      Explanation product = inner.explain(leaf, doc, scoreExplanation);
      return product.isMatch()
          ? Explanation.match(
              positive(product.getValue().doubleValue()),
              "made positive: x + 1, or 1 / (1 - x) if x is negative",
              product)
          : product;
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
