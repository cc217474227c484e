package io.attune.lucene;

import io.attune.model.GruConfig;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.util.LuceneTestCase;
import org.apache.lucene.util.VectorUtil;

/** Items that came after training, in an index with vectors and in a join. */
public class ItemsFromWordsTest extends LuceneTestCase {
  private static final int D = 8;
  private static final int FEATURES = 256;

  private final ServingModel model = model();
  private final SessionVector session = new SessionVector(
      "test",
      SearchedItemsTestCase.vector(random(), D),
      new ClickedScores(new int[] {2}, new float[] {3}, new int[] {2}),
      new int[] {2},
      new float[] {1});
  private Directory directory;
  private IndexReader reader;
  private IndexSearcher searcher;

  /** One that knows i1 to i150, and makes vectors of texts. */
  private static ServingModel model() {
    ServingModel plain = SearchedItemsTestCase.model(random(), D);
    float[] rarity = new float[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      rarity[i] = 1 + random().nextFloat();
    }
    Map<String, Tensor> weights = new HashMap<>();
    new TextMap(
            rarity,
            new Tensor(
                new long[] {FEATURES, D}, SearchedItemsTestCase.vector(random(), FEATURES * D)),
            1.5f)
        .addTo(weights, Model.ITEMS);
    long[] counts = new long[150];
    counts[0] = 1; // the others were not clicked
    return new ServingModel(
        plain.version(),
        plain.vocabulary(),
        plain.items(),
        plain.encoder(),
        plain.correction(),
        null,
        TextVectors.of(GruConfig.builder().dimension(D).build(), weights, Model.ITEMS, counts));
  }

  @Override
  public void setUp() throws Exception {
    super.setUp();
    directory = newDirectory();
    ItemIndex.WriteResult written = ItemIndex.write(
        directory,
        List.of(
            new ItemIndex.Item("i1", Map.of("title", "red shoe")),
            new ItemIndex.Item("i2", Map.of("title", "blue shoe")),
            new ItemIndex.Item("new", Map.of("title", "green shoe")),
            new ItemIndex.Item("blank", Map.of("title", "?"))),
        model);
    assertEquals(new ItemIndex.WriteResult(4, 3), written);
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
  }

  @Override
  public void tearDown() throws Exception {
    reader.close();
    directory.close();
    super.tearDown();
  }

  private List<ItemSource> sources() {
    return List.of(ItemDocuments.source(), new ItemSource.Joined("id", List.of("title"), model));
  }

  public void testTheyAreScoredByTheVectorOfTheirTextWhereverItIsMade() throws Exception {
    float[] vector = model.texts().vector("green shoe");
    float expected = 0;
    for (int k = 0; k < D; k++) {
      expected += vector[k] * session.query()[k];
    }
    for (ItemSource source : sources()) {
      TopDocs hits = searcher.search(MatchAllDocsQuery.INSTANCE, 10);
      float[] scores = new SessionRescorer(source, session).scores(searcher, hits);
      assertEquals(expected, scores[2], 1e-5f);
      assertEquals(model.items().dot(session.query(), 1), scores[0], 1e-5f);
      assertEquals(model.items().dot(session.query(), 2) + 3, scores[1], 1e-5f);
      assertTrue(Float.isNaN(scores[3]));
      LeafReaderContext leaf = reader.leaves().get(0);
      DoubleValues values = source.values(leaf, session);
      assertTrue(values.advanceExact(2));
      assertEquals(expected, values.doubleValue(), 1e-5);
      assertFalse(values.advanceExact(3));
      assertEquals(0, source.row(leaf, 2));
      assertEquals(2, source.row(leaf, 1));
    }
    TopDocs found =
        searcher.search(SessionSearch.query(reader, ItemDocuments.source(), session, 10, null), 10);
    assertEquals("retrieval finds it too", 3, found.scoreDocs.length);
  }

  public void testExplanationsSaySo() throws Exception {
    for (ItemSource source : sources()) {
      SessionRescorer rescorer = new SessionRescorer(source, session);
      TopDocs hits = searcher.search(MatchAllDocsQuery.INSTANCE, 10);
      rescorer.rescore(searcher, hits, 10);
      assertNull(rescorer.failure());
      Explanation first = Explanation.match(1, "words");
      assertTrue(
          rescorer.explain(searcher, first, 2).toString(),
          rescorer
              .explain(searcher, first, 2)
              .toString()
              .contains("session: query vector · item vector, from its words alone"));
      assertFalse(rescorer.explain(searcher, first, 0).toString().contains("words alone"));
      assertTrue(rescorer
          .explain(searcher, first, 3)
          .toString()
          .contains("not re-ranked, since its item has no vector"));
    }
  }

  public void testItemsOfTheModelThatNobodyClickedAreMarkedInAJoin() throws Exception {
    ItemSource joined = new ItemSource.Joined("id", model);
    LeafReaderContext leaf = reader.leaves().get(0);
    assertFalse(joined.isFromWords(leaf, 0));
    assertTrue(joined.isFromWords(leaf, 1));
    assertFalse("without text fields it has no vector", joined.isFromWords(leaf, 2));
    TopDocs hits = searcher.search(MatchAllDocsQuery.INSTANCE, 10);
    float[] scores = new SessionRescorer(joined, session).scores(searcher, hits);
    assertTrue(Float.isNaN(scores[2]));
  }

  public void testAModelWithoutTextsMakesNone() throws Exception {
    ServingModel plain = SearchedItemsTestCase.model(random(), D);
    ItemSource joined = new ItemSource.Joined("id", List.of("title"), plain);
    TopDocs hits = searcher.search(MatchAllDocsQuery.INSTANCE, 10);
    float[] scores = new SessionRescorer(joined, session).scores(searcher, hits);
    assertTrue(Float.isNaN(scores[2]));
    assertFalse(Float.isNaN(scores[0]));
  }

  private float[] scores(ItemSource source) throws Exception {
    TopDocs hits = searcher.search(MatchAllDocsQuery.INSTANCE, 10);
    return new SessionRescorer(source, session).scores(searcher, hits);
  }

  public void testTextsAreReadOnceAndOnlyOfItemsThatTheModelDoesNotKnow() throws Exception {
    List<Integer> read = new ArrayList<>();
    TextSource written = leaf -> doc -> {
      read.add(doc);
      return List.of("green", "shoe");
    };
    ItemSource.Joined joined = new ItemSource.Joined("id", written, model);
    LeafReaderContext leaf = reader.leaves().get(0);
    DoubleValues values = joined.values(leaf, session);
    assertTrue(values.advanceExact(1));
    assertEquals("none of an item of the model", List.of(), read);
    assertTrue(values.advanceExact(2));
    assertEquals("the document that was asked for", List.of(2), read);
    float[] scores = scores(joined);
    assertEquals(values.doubleValue(), scores[2], 1e-5f);
    assertEquals(
        VectorUtil.dotProduct(model.texts().vector("green\nshoe"), session.query()),
        scores[2],
        1e-5f);
    assertArrayEquals(scores, scores(joined), 0);
    assertTrue(joined.isFromWords(leaf, 3));
    joined.warm(reader);
    assertEquals("each once", List.of(2, 3), read);

    read.clear();
    ItemSource.Joined warmed = new ItemSource.Joined("id", written, model);
    warmed.warm(reader);
    assertEquals(List.of(2, 3), read);
    assertArrayEquals(scores, scores(warmed), 0);
    assertEquals("none is left to a search", List.of(2, 3), read);
  }

  public void testASearchOutOfTimeLeavesTextsToTheNextOne() throws Exception {
    List<Integer> read = new ArrayList<>();
    TextSource written = leaf -> doc -> {
      read.add(doc);
      return List.of("green shoe");
    };
    ItemSource joined = new ItemSource.Joined("id", written, model);
    LeafReaderContext leaf = reader.leaves().get(0);
    float[] scores = new float[4];
    IllegalStateException late = expectThrows(
        IllegalStateException.class,
        () -> joined.score(leaf, session, new int[] {0, 1, 2, 3}, 0, 4, scores, scored -> {
          throw new IllegalStateException("scored " + scored);
        }));
    assertEquals("scored 3", late.getMessage());
    assertEquals(List.of(2), read);
    assertEquals(scores[2], scores(joined)[2], 0);
    assertEquals(List.of(2, 3), read);
  }

  public void testTextsThatCouldNotBeReadAreReadByTheNextSearch() throws Exception {
    AtomicBoolean isBroken = new AtomicBoolean(true);
    TextSource written = leaf -> doc -> {
      if (doc == 3 && isBroken.getAndSet(false)) {
        throw new IOException("disk");
      }
      return List.of("green shoe");
    };
    ItemSource joined = new ItemSource.Joined("id", written, model);
    assertEquals("disk", expectThrows(IOException.class, () -> scores(joined)).getMessage());
    float[] scores = scores(joined);
    assertFalse(Float.isNaN(scores[3]));
    assertEquals(scores[2], scores[3], 0);
  }

  public void testAQueryOfAllDocumentsExplainsItsScores() throws Exception {
    for (ItemSource source : sources()) {
      Query query = SessionSearch.exact(source, session, null);
      TopDocs hits = searcher.search(query, 10);
      for (ScoreDoc hit : hits.scoreDocs) {
        Explanation explanation = searcher.explain(query, hit.doc);
        assertEquals(hit.score, explanation.getValue().floatValue(), 1e-6f);
        String how = hit.doc == 1 ? ", corrected for a clicked item" : ", from its words alone";
        boolean hasVector = hit.doc != 3;
        assertEquals(
            explanation.toString(),
            hasVector,
            explanation.toString().contains("session: query vector · item vector"));
        assertEquals(
            explanation.toString(),
            hit.doc == 1 || hit.doc == 2,
            explanation.toString().contains("item vector" + how));
      }
    }
  }
}
