package io.attune.lucene;

import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;

public class SessionSearchTest extends SearchedItemsTestCase {
  public void testRetrievalFindsTheBestItemsThatMatchAFilter() throws IOException {
    Query filter = new TermQuery(new Term("even", "true"));
    Query query = SessionSearch.query(reader, ItemDocuments.source(), session, 10, filter);
    TopDocs hits = searcher.search(query, 10);
    List<Float> expected = new ArrayList<>();
    for (ScoreDoc hit : searcher.search(filter, DOCS).scoreDocs) {
      if (row(hit) != 0) {
        expected.add(score(hit));
      }
    }
    expected.sort(Comparator.reverseOrder());
    for (int i = 0; i < 10; i++) {
      assertEquals(expected.get(i), ItemSource.Indexed.innerProduct(hits.scoreDocs[i].score), 1e-3);
    }
    assertEquals(
        0,
        searcher.count(SessionSearch.query(
            reader, ItemDocuments.source(), SessionVector.empty("test", D), 10, null)));
  }

  public void testHybridSearchFusesBothLists() throws IOException {
    Query words = new TermQuery(new Term("title", "boot"));
    Query bySession = SessionSearch.query(reader, ItemDocuments.source(), session, 20, null);
    TopDocs hits = SessionSearch.hybrid(searcher, words, bySession, 20, 10);
    assertEquals(10, hits.scoreDocs.length);
    int best = searcher.search(bySession, 1).scoreDocs[0].doc;
    assertTrue(IntStream.range(0, 10).anyMatch(i -> hits.scoreDocs[i].doc == best));
  }

  public void testAnExactQueryScoresAJoinTooWithHitsWithoutAVectorBehindAll() throws IOException {
    Query filter = new TermQuery(new Term("even", "true"));
    TopDocs indexed =
        searcher.search(SessionSearch.exact(ItemDocuments.source(), session, filter), DOCS);
    TopDocs joined = searcher.search(
        SessionSearch.exact(new ItemSource.Joined("id", model), session, filter), DOCS);
    assertEquals(searcher.count(filter), joined.scoreDocs.length);
    for (int i = 0; i < joined.scoreDocs.length; i++) {
      if (i < indexed.scoreDocs.length) {
        assertEquals(indexed.scoreDocs[i].score, joined.scoreDocs[i].score, 1e-4);
        assertTrue(row(joined.scoreDocs[i]) != 0);
      } else {
        assertEquals(0, joined.scoreDocs[i].score, 0);
        assertEquals(0, row(joined.scoreDocs[i]));
      }
    }
  }

  public void testValuesSortDocumentsAsRescoringDoes() throws IOException {
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      SessionValuesSource values = new SessionValuesSource(source, session);
      TopDocs sorted = searcher.search(
          MatchAllDocsQuery.INSTANCE,
          20,
          new Sort(values.getSortField(true, Double.NEGATIVE_INFINITY)));
      float last = Float.POSITIVE_INFINITY;
      for (ScoreDoc hit : sorted.scoreDocs) {
        assertTrue(score(hit) <= last + 1e-4);
        last = score(hit);
      }
    }
  }
}
