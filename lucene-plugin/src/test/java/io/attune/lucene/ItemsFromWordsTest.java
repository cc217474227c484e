package io.attune.lucene;

import io.attune.model.GruConfig;
import io.attune.model.Model;
import io.attune.model.TextMap;
import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import io.attune.vector.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.util.LuceneTestCase;

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
}
