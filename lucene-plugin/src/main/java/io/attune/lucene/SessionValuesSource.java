package io.attune.lucene;

import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;

/**
 * The session score of each document, for function scores and sorting: the inner product of the
 * session's query vector and the item's vector, plus what the session adds to the scores of items
 * that it clicked. A document whose item has no vector has no value.
 */
public final class SessionValuesSource extends DoubleValuesSource {
  private final ItemSource source;
  private final SessionVector session;

  /**
   * Creates a values source.
   *
   * @param source provides the item vectors of documents
   * @param session the session to score by
   */
  public SessionValuesSource(ItemSource source, SessionVector session) {
    this.source = source;
    this.session = session;
  }

  @Override
  public DoubleValues getValues(LeafReaderContext leaf, DoubleValues scores) throws IOException {
    return session.isEmpty() ? DoubleValues.EMPTY : source.values(leaf, session);
  }

  @Override
  public Explanation explain(LeafReaderContext leaf, int doc, Explanation scoreExplanation)
      throws IOException {
    DoubleValues values = getValues(leaf, DoubleValues.EMPTY);
    if (!values.advanceExact(doc)) {
      return Explanation.noMatch("its item has no vector");
    }
    return new SessionExplanation(source, session, null)
        .of(leaf, doc, (float) values.doubleValue());
  }

  @Override
  public boolean needsScores() {
    return false;
  }

  @Override
  public DoubleValuesSource rewrite(IndexSearcher searcher) {
    return this;
  }

  @Override
  public boolean isCacheable(LeafReaderContext leaf) {
    return false;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        source, session.version(), Arrays.hashCode(session.query()), session.clicked());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SessionValuesSource that
        && source.equals(that.source)
        && session.version().equals(that.session.version())
        && Arrays.equals(session.query(), that.session.query())
        && session.clicked().equals(that.session.clicked());
  }

  @Override
  public String toString() {
    return "session of " + session.clicks().length + " clicks over " + source;
  }
}
