package io.attune.lucene;

import io.attune.model.GruConfig;
import io.attune.model.ItemSpace;
import io.attune.model.Tensor;
import io.attune.serving.ItemVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.serving.StepEncoder;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.tests.util.LuceneTestCase;
import org.apache.lucene.util.BytesRef;

public class SessionRescorerTest extends LuceneTestCase {
  private static final int KNOWN = 150; // items of the model; the index has more
  private static final int DOCS = 200;
  private static final int D = 12;

  private Directory directory;
  private IndexReader reader;
  private IndexSearcher searcher;
  private ServingModel model;
  private SessionVector session;

  @Override
  public void setUp() throws Exception {
    super.setUp();
    model = model(random(), D);
    session =
        new SessionVector(vector(random(), D), new int[] {3, 7, 9}, new float[] {0.2f, 0.7f, 0.1f});
    directory = newDirectory();
    try (RandomIndexWriter writer = new RandomIndexWriter(random(), directory)) {
      for (int i = 1; i <= DOCS; i++) {
        String words = random().nextBoolean() ? "red shoe" : "red red boot";
        Document document = ItemDocuments.of("i" + i, Map.of("title", words), model);
        document.add(new StringField("even", Boolean.toString(i % 2 == 0), Field.Store.NO));
        writer.addDocument(document);
        if (rarely()) {
          writer.commit();
        }
      }
      for (int i = 0; i < 10; i++) {
        writer.deleteDocuments(new Term("id", "i" + (1 + random().nextInt(DOCS))));
      }
      reader = writer.getReader();
    }
    searcher = new IndexSearcher(reader);
  }

  @Override
  public void tearDown() throws Exception {
    reader.close();
    directory.close();
    super.tearDown();
  }

  public void testBothSourcesRankAsBruteForceDoes() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      SessionRescorer rescorer = rescorer(source, new Blend.Replace(), DOCS);
      TopDocs ranked = rescorer.rescore(searcher, first, DOCS);
      assertNull(rescorer.failure());
      assertPermutation(first, ranked);
      List<ScoreDoc> known = new ArrayList<>();
      for (int place = 0; place < first.scoreDocs.length; place++) {
        if (row(first.scoreDocs[place]) == 0) {
          assertEquals(first.scoreDocs[place].doc, ranked.scoreDocs[place].doc);
        } else {
          known.add(first.scoreDocs[place]);
        }
      }
      known.sort(Comparator.comparingDouble(hit -> -score(hit)));
      int next = 0;
      for (ScoreDoc hit : ranked.scoreDocs) {
        if (row(hit) != 0) {
          assertEquals(score(known.get(next)), hit.score, 1e-4);
          assertEquals(score(hit), hit.score, 1e-4);
          next++;
        }
      }
    }
  }

  public void testOfSeveralIdsTheFirstKnownCounts() throws IOException {
    try (Directory other = newDirectory();
        RandomIndexWriter writer = new RandomIndexWriter(random(), other)) {
      for (String[] ids : new String[][] {{"none", "i7"}, {"i3", "i9"}, {"none"}, {}}) {
        Document document = new Document();
        for (String id : ids) {
          document.add(new SortedSetDocValuesField("skus", new BytesRef(id)));
        }
        writer.addDocument(document);
        writer.commit();
      }
      try (IndexReader several = writer.getReader()) {
        TopDocs first = newSearcher(several).search(MatchAllDocsQuery.INSTANCE, 4);
        SessionRescorer rescorer =
            rescorer(new ItemSource.Joined("skus", model), new Blend.Replace(), 4);
        TopDocs ranked = rescorer.rescore(new IndexSearcher(several), first, 4);
        assertNull(rescorer.failure());
        Set<Float> found = new HashSet<>();
        for (ScoreDoc hit : ranked.scoreDocs) {
          found.add(hit.score);
        }
        assertEquals(
            Set.of(
                model.items().dot(session.query(), model.vocabulary().row("i7")),
                model.items().dot(session.query(), model.vocabulary().row("i3"))),
            found);
      }
    }
  }

  public void testTheCallersHitsAreNeverChanged() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 100);
    ScoreDoc[] before = first.scoreDocs.clone();
    float[] scores = new float[before.length];
    for (int i = 0; i < before.length; i++) {
      scores[i] = before[i].score;
    }
    rescorer(ItemDocuments.source(), new Blend.Replace(), 50).rescore(searcher, first, 100);
    for (int i = 0; i < before.length; i++) {
      assertSame(before[i], first.scoreDocs[i]);
      assertEquals(scores[i], first.scoreDocs[i].score, 0);
    }
  }

  public void testAnEmptySessionIsTheFirstPass() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 100);
    SessionRescorer rescorer = new SessionRescorer(ItemDocuments.source(), SessionVector.empty(D));
    assertSame(first, rescorer.rescore(searcher, first, 60), 60);
    Explanation explained =
        rescorer.explain(searcher, Explanation.match(2f, "words"), first.scoreDocs[0].doc);
    assertEquals(2f, explained.getValue());
  }

  public void testScoresNeverRiseAndWhatIsBehindTheWindowFollows() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (Blend blend : blends()) {
      TopDocs ranked = rescorer(ItemDocuments.source(), blend, 40).rescore(searcher, first, DOCS);
      assertPermutation(first, ranked);
      for (int i = 1; i < ranked.scoreDocs.length; i++) {
        assertTrue(ranked.scoreDocs[i].score <= ranked.scoreDocs[i - 1].score);
      }
      for (int i = 40; i < first.scoreDocs.length; i++) {
        assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
        assertTrue(ranked.scoreDocs[i].score < ranked.scoreDocs[i - 1].score);
      }
      assertEquals(
          7,
          rescorer(ItemDocuments.source(), blend, 40).rescore(searcher, first, 7).scoreDocs.length);
    }
  }

  public void testABlendWithoutTheSessionIsTheFirstPassesOrder() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (Blend blend : List.of(
        new Blend.Weighted(0, Blend.Normalization.MIN_MAX),
        new Blend.Weighted(0, Blend.Normalization.Z_SCORE),
        new Blend.ReciprocalRankFusion(0, 60))) {
      TopDocs ranked = rescorer(ItemDocuments.source(), blend, DOCS).rescore(searcher, first, DOCS);
      for (int i = 0; i < first.scoreDocs.length; i++) {
        assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
      }
    }
  }

  public void testBlendsAreTheirFormulas() {
    float[] first = {4, 2, 0};
    float[] bySession = {-1, 3, 1};
    assertArrayEquals(
        new float[] {0.75f, 0.25f * 1 + 0.375f, 0.125f},
        new Blend.Weighted(0.25f, Blend.Normalization.MIN_MAX).scores(first, bySession),
        1e-6f);
    float z = (float) Math.sqrt(1.5);
    assertArrayEquals(
        new float[] {0, 0.5f * z, -0.5f * z},
        new Blend.Weighted(0.5f, Blend.Normalization.Z_SCORE).scores(first, new float[] {-2, 2, 0}),
        1e-6f);
    assertArrayEquals(
        new float[] {2.75f, 2.25f, 0.25f},
        new Blend.Weighted(0.25f, Blend.Normalization.NONE).scores(first, bySession),
        1e-6f);
    assertArrayEquals(
        new float[] {0.5f / 61 + 0.5f / 63, 0.5f / 62 + 0.5f / 61, 0.5f / 63 + 0.5f / 62},
        new Blend.ReciprocalRankFusion(0.5f, 60).scores(first, bySession),
        1e-7f);
  }

  public void testExplanationsEqualTheScores() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (Blend blend : blends()) {
      SessionRescorer rescorer = new SessionRescorer(
          ItemDocuments.source(),
          session,
          SessionRescorer.Settings.standard().with(blend).withWindow(50).with(model.vocabulary()));
      TopDocs ranked = rescorer.rescore(searcher, first, DOCS);
      boolean shown = false;
      for (ScoreDoc hit : ranked.scoreDocs) {
        Explanation explanation =
            rescorer.explain(searcher, Explanation.match(1f, "words"), hit.doc);
        assertEquals(hit.score, explanation.getValue().floatValue(), 0);
        shown |= explanation.toString().contains("click 2 of 3, id i7: 70 %");
      }
      assertTrue(shown);
    }
    SessionRescorer rescorer = new SessionRescorer(ItemDocuments.source(), session);
    rescorer.rescore(searcher, first, 1);
    expectThrows(
        IllegalArgumentException.class,
        () -> rescorer.explain(searcher, Explanation.match(1f, ""), DOCS + 5));
  }

  public void testFailuresLeaveTheFirstPassOrAreThrownIfAsked() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 50);
    SessionVector wrong = new SessionVector(new float[D + 1], new int[] {1}, new float[] {1});
    SessionVector broken = new SessionVector(vector(random(), D), new int[] {1}, new float[] {1});
    broken.query()[3] = Float.NaN;
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      for (SessionVector bad : List.of(wrong, broken)) {
        SessionRescorer lenient = new SessionRescorer(source, bad);
        assertSame(first, lenient.rescore(searcher, first, 50), 50);
        assertNotNull(lenient.failure());
        SessionRescorer strict = new SessionRescorer(
            source, bad, SessionRescorer.Settings.standard().with(SessionRescorer.OnFailure.THROW));
        expectThrows(RuntimeException.class, () -> strict.rescore(searcher, first, 50));
      }
    }
    SessionRescorer rescorer = new SessionRescorer(ItemDocuments.source(), wrong);
    rescorer.rescore(searcher, first, 50);
    assertTrue(String.valueOf(rescorer.failure()).contains(D + " dimensions"));
  }

  public void testAFieldWithoutVectorsLeavesAllInPlace() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 50);
    SessionRescorer rescorer = rescorer(new ItemSource.Indexed("nothing"), new Blend.Replace(), 50);
    TopDocs ranked = rescorer.rescore(searcher, first, 50);
    assertNull(rescorer.failure());
    for (int i = 0; i < first.scoreDocs.length; i++) {
      assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
    }
  }

  public void testASpentBudgetLeavesTheFirstPass() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 50);
    AtomicLong clock = new AtomicLong();
    SessionRescorer rescorer = new SessionRescorer(
        ItemDocuments.source(),
        session,
        SessionRescorer.Settings.standard()
            .withBudget(Duration.ofMillis(5), () -> clock.getAndAdd(6_000_000)));
    assertSame(first, rescorer.rescore(searcher, first, 50), 50);
    assertTrue(String.valueOf(rescorer.failure()).contains("longer than 5 ms"));
  }

  public void testHitsSortedWithoutScoresCanBeReplacedButNotWeighted() throws IOException {
    TopDocs sorted = searcher.search(
        MatchAllDocsQuery.INSTANCE, 50, new Sort(new SortField("id", SortField.Type.STRING)));
    TopDocs replaced =
        rescorer(ItemDocuments.source(), new Blend.Replace(), 50).rescore(searcher, sorted, 50);
    assertPermutation(sorted, replaced);
    SessionRescorer weighted = new SessionRescorer(ItemDocuments.source(), session);
    weighted.rescore(searcher, sorted, 50);
    assertTrue(String.valueOf(weighted.failure()).contains("needs the scores"));
  }

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
        searcher.count(
            SessionSearch.query(reader, ItemDocuments.source(), SessionVector.empty(D), 10, null)));
  }

  public void testHybridSearchFusesBothLists() throws IOException {
    Query words = new TermQuery(new Term("title", "boot"));
    Query bySession = SessionSearch.query(reader, ItemDocuments.source(), session, 20, null);
    TopDocs hits = SessionSearch.hybrid(searcher, words, bySession, 20, 10);
    assertEquals(10, hits.scoreDocs.length);
    int best = searcher.search(bySession, 1).scoreDocs[0].doc;
    assertTrue(IntStream.range(0, 10).anyMatch(i -> hits.scoreDocs[i].doc == best));
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

  public void testARetrainedModelNeedsNoNewIndex() throws IOException {
    ServingModel retrained = model(random(), 2 * D);
    SessionVector its = new SessionVector(vector(random(), 2 * D), new int[] {1}, new float[] {1});
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    SessionRescorer rescorer = new SessionRescorer(
        new ItemSource.Joined("id", retrained),
        its,
        SessionRescorer.Settings.standard().with(new Blend.Replace()));
    TopDocs ranked = rescorer.rescore(searcher, first, DOCS);
    assertNull(rescorer.failure());
    for (ScoreDoc hit : ranked.scoreDocs) {
      int row = retrained.vocabulary().row(id(hit));
      if (row != 0) {
        assertEquals(retrained.items().dot(its.query(), row), hit.score, 0);
      }
    }
  }

  private List<Blend> blends() {
    return List.of(
        new Blend.Replace(),
        new Blend.Weighted(0.3f, Blend.Normalization.MIN_MAX),
        new Blend.Weighted(0.7f, Blend.Normalization.Z_SCORE),
        new Blend.Weighted(0.7f, Blend.Normalization.NONE),
        new Blend.ReciprocalRankFusion(0.5f, 60));
  }

  private SessionRescorer rescorer(ItemSource source, Blend blend, int window) {
    return new SessionRescorer(
        source, session, SessionRescorer.Settings.standard().with(blend).withWindow(window));
  }

  private String id(ScoreDoc hit) {
    try {
      return searcher.storedFields().document(hit.doc).get("id");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int row(ScoreDoc hit) {
    return model.vocabulary().row(id(hit));
  }

  private float score(ScoreDoc hit) {
    int row = row(hit);
    return row == 0 ? Float.NEGATIVE_INFINITY : model.items().dot(session.query(), row);
  }

  private static void assertSame(TopDocs first, TopDocs ranked, int count) {
    assertEquals(Math.min(count, first.scoreDocs.length), ranked.scoreDocs.length);
    for (int i = 0; i < ranked.scoreDocs.length; i++) {
      assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
      assertEquals(first.scoreDocs[i].score, ranked.scoreDocs[i].score, 0);
    }
  }

  private static void assertPermutation(TopDocs first, TopDocs ranked) {
    assertArrayEquals(docs(first), docs(ranked));
  }

  private static int[] docs(TopDocs hits) {
    return Arrays.stream(hits.scoreDocs).mapToInt(hit -> hit.doc).sorted().toArray();
  }

  private static float[] vector(Random random, int dimension) {
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A model of random item vectors; its encoder is never asked. */
  private static ServingModel model(Random random, int dimension) {
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, KNOWN).mapToObj(i -> "i" + i).toList());
    float[] table = new float[(KNOWN + 1) * dimension];
    for (int row = 1; row <= KNOWN; row++) {
      System.arraycopy(vector(random, dimension), 0, table, row * dimension, dimension);
    }
    ItemVectors items = ItemVectors.of(new Tensor(new long[] {KNOWN + 1, dimension}, table));
    GruConfig config = new GruConfig(dimension, 2, ItemSpace.cosine(16), 0, 0);
    Map<String, Tensor> weights = Map.of(
        "gru.w_ih", new Tensor(new long[] {6, dimension}, new float[6 * dimension]),
        "gru.w_hh", new Tensor(new long[] {6, 2}, new float[12]),
        "gru.b_ih", new Tensor(new long[] {6}, new float[6]),
        "gru.b_hh", new Tensor(new long[] {6}, new float[6]),
        "decoder.b", new Tensor(new long[] {2, dimension}, new float[2 * dimension]));
    return new ServingModel("test", vocabulary, items, StepEncoder.of(config, weights, items));
  }
}
