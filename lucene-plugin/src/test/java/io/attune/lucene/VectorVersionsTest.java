package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;

/** Vectors of one model beside items of another. */
public class VectorVersionsTest extends SearchedItemsTestCase {
  private static final String OTHER = "another model";

  public void testASourceRefusesTheSessionOfAnotherModelOfTheSameSize() throws IOException {
    SessionVector stranger = session(OTHER);
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 50);
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      SessionRescorer lenient = new SessionRescorer(source, stranger);
      TopDocs ranked = lenient.rescore(searcher, first, 50);
      for (int i = 0; i < 50; i++) {
        assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
        assertEquals(first.scoreDocs[i].score, ranked.scoreDocs[i].score, 0);
      }
      String reason = String.valueOf(lenient.failure());
      assertTrue(reason, reason.contains("encoded by model version another mode"));
      assertTrue(reason, reason.contains("the item vectors are of version test"));
      Explanation explained =
          lenient.explain(searcher, Explanation.match(1f, "words"), ranked.scoreDocs[0].doc);
      assertTrue(explained.toString().contains("only vectors of the same model can be compared"));

      SessionRescorer strict = new SessionRescorer(
          source,
          stranger,
          SessionRescorer.Settings.defaults().withOnFailure(SessionRescorer.OnFailure.THROW));
      expectThrows(IllegalArgumentException.class, () -> strict.rescore(searcher, first, 50));
      Sort sort = new Sort(new SessionValuesSource(source, stranger).getSortField(true));
      expectThrows(
          IllegalArgumentException.class,
          () -> searcher.search(MatchAllDocsQuery.INSTANCE, 50, sort));
    }
    expectThrows(
        IllegalArgumentException.class,
        () -> SessionSearch.query(reader, ItemDocuments.source(), stranger, 10, null));
  }

  public void testWhileItemsAreIndexedAnewThoseOfTheSessionsModelAloneAreFound()
      throws IOException {
    ServingModel other = model(random(), D, OTHER);
    IndexWriterConfig config = new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
    try (Directory directory = newDirectory();
        IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 1; i <= 20; i++) {
        writer.addDocument(item(i, model));
      }
      writer.commit();
      for (int i = 1; i <= 10; i++) {
        writer.updateDocument(new Term("id", "i" + i), item(i, other));
      }
      assertFound(writer, "test", 10);
      assertFound(writer, OTHER, 10);
      for (int i = 11; i <= 20; i++) {
        writer.updateDocument(new Term("id", "i" + i), item(i, other));
      }
      assertFound(writer, OTHER, 20);
      try (IndexReader last = DirectoryReader.open(writer)) {
        IndexSearcher all = new IndexSearcher(last);
        SessionRescorer rescorer = new SessionRescorer(ItemDocuments.source(), session(OTHER));
        rescorer.rescore(all, all.search(MatchAllDocsQuery.INSTANCE, 20), 20);
        assertNull(rescorer.failure());
      }
    }
  }

  private void assertFound(IndexWriter writer, String version, int count) throws IOException {
    try (IndexReader mixed = DirectoryReader.open(writer)) {
      IndexSearcher both = new IndexSearcher(mixed);
      SessionVector its = session(version);
      TopDocs found =
          both.search(SessionSearch.query(mixed, ItemDocuments.source(), its, 20, null), 20);
      assertEquals(count, found.scoreDocs.length);
      for (ScoreDoc hit : found.scoreDocs) {
        String id = mixed.storedFields().document(hit.doc).get("id");
        assertTrue(id, version.equals(OTHER) || Integer.parseInt(id.substring(1)) > 10);
      }
      SessionRescorer own = new SessionRescorer(ItemDocuments.source(), its);
      own.rescore(both, found, 20);
      assertNull(own.failure());
      if (count < 20) {
        SessionRescorer all = new SessionRescorer(ItemDocuments.source(), its);
        all.rescore(both, both.search(MatchAllDocsQuery.INSTANCE, 20), 20);
        assertTrue(String.valueOf(all.failure()).contains("only vectors of the same model"));
      }
    }
  }

  private static org.apache.lucene.document.Document item(int i, ServingModel model) {
    return ItemDocuments.of("i" + i, Map.of(), model);
  }

  private SessionVector session(String version) {
    return new SessionVector(
        version, session.query(), session.clicked(), session.clicks(), session.attention());
  }
}
