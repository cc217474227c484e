package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.util.BytesRef;

public class SessionRescorerTest extends SearchedItemsTestCase {
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

  public void testDiversityChoosesTheFirstHitsWhereverTheirVectorsLie() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    int[] expected = null;
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      TopDocs plain = rescorer(source, new Blend.Replace(), DOCS).rescore(searcher, first, DOCS);
      SessionRescorer rescorer = new SessionRescorer(
          source,
          session,
          SessionRescorer.Settings.defaults()
              .withBlend(new Blend.Replace())
              .withWindow(DOCS)
              .withDiversity(0.6f));
      TopDocs ranked = rescorer.rescore(searcher, first, 30);
      assertNull(rescorer.failure());
      List<ScoreDoc> known =
          Arrays.stream(plain.scoreDocs).filter(hit -> row(hit) != 0).toList();
      float[] scores = new float[known.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = known.get(i).score;
      }
      int[] chosen = MarginalRelevance.first(
          scores, 30, 0.6f, D, (hit, into) -> model.items().copy(row(known.get(hit)), into));
      int next = 0;
      for (int place = 0; place < 30; place++) {
        ScoreDoc hit = ranked.scoreDocs[place];
        assertEquals(plain.scoreDocs[place].score, hit.score, 1e-6);
        if (row(plain.scoreDocs[place]) == 0) {
          assertEquals("it keeps its place", plain.scoreDocs[place].doc, hit.doc);
        } else {
          assertEquals(known.get(chosen[next++]).doc, hit.doc);
        }
      }
      int[] docs = Arrays.stream(ranked.scoreDocs).mapToInt(hit -> hit.doc).toArray();
      assertArrayEquals(expected == null ? docs : expected, docs);
      expected = docs;
      int doc = known.get(chosen[0]).doc;
      String why =
          rescorer.explain(searcher, Explanation.match(1, "words"), doc).toString();
      assertTrue(why, why.contains("the first 30 hits chosen to differ, with a diversity of 0.60"));
    }
  }

  public void testMoreThanAreChosenFollowInTheirOrderAndOutOfBoundsIsRefused() throws IOException {
    TopDocs first = searcher.search(MatchAllDocsQuery.INSTANCE, DOCS);
    SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
        .withBlend(new Blend.Replace())
        .withWindow(DOCS)
        .withDiversity(0.5f);
    ItemSource source = ItemDocuments.source();
    TopDocs all = new SessionRescorer(source, session, settings).rescore(searcher, first, DOCS);
    assertPermutation(first, all);
    List<ScoreDoc> known =
        Arrays.stream(all.scoreDocs).filter(hit -> row(hit) != 0).toList();
    for (int i = SessionRescorer.DIVERSE_HITS + 1; i < known.size(); i++) {
      assertTrue(score(known.get(i)) <= score(known.get(i - 1)));
    }
    for (float degree : new float[] {-0.1f, 1.1f, Float.NaN}) {
      IllegalArgumentException refused =
          expectThrows(IllegalArgumentException.class, () -> settings.withDiversity(degree));
      assertTrue(refused.getMessage().startsWith("diversity must be from 0 to 1, not "));
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
            Set.of(score(model.vocabulary().row("i7")), score(model.vocabulary().row("i3"))),
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
    SessionRescorer rescorer =
        new SessionRescorer(ItemDocuments.source(), SessionVector.empty("test", D));
    assertSame(first, rescorer.rescore(searcher, first, 60), 60);
    Explanation explained =
        rescorer.explain(searcher, Explanation.match(2f, "words"), first.scoreDocs[0].doc);
    assertEquals(2f, explained.getValue());
  }

  public void testAnExplanationHasTheSharesOfVisitsAndInThemThoseOfClicks() throws IOException {
    SessionVector twoVisits = new SessionVector(
        "test",
        session.query(),
        session.clicked(),
        session.clicks(),
        session.attention(),
        new int[] {0, 0, 1});
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), 20);
    SessionRescorer rescorer = new SessionRescorer(ItemDocuments.source(), twoVisits);
    boolean explained = false;
    for (ScoreDoc hit : rescorer.rescore(searcher, first, 20).scoreDocs) {
      String text =
          rescorer.explain(searcher, Explanation.match(1f, "words"), hit.doc).toString();
      int visit = text.indexOf("visit 1 of 2: 90 %");
      if (visit >= 0) {
        explained = true;
        String rest = text.substring(visit);
        assertTrue(rest.indexOf("click 2 of 3") < rest.indexOf("click 1 of 3"));
        assertTrue(rest.indexOf("click 1 of 3") < rest.indexOf("visit 2 of 2: 10 %"));
        assertTrue(rest.indexOf("visit 2 of 2: 10 %") < rest.indexOf("click 3 of 3"));
      }
    }
    assertTrue(explained);
  }

  public void testScoresNeverIncreaseAndHitsBeyondTheWindowFollow() throws IOException {
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

  public void testExplanationsEqualTheScores() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (Blend blend : blends()) {
      SessionRescorer rescorer = new SessionRescorer(
          ItemDocuments.source(),
          session,
          SessionRescorer.Settings.defaults()
              .withBlend(blend)
              .withWindow(50)
              .withVocabulary(model.vocabulary()));
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
    SessionVector wrong =
        new SessionVector("test", new float[D + 1], new int[] {1}, new float[] {1});
    SessionVector broken =
        new SessionVector("test", vector(random(), D), new int[] {1}, new float[] {1});
    broken.query()[3] = Float.NaN;
    for (ItemSource source : List.of(ItemDocuments.source(), new ItemSource.Joined("id", model))) {
      for (SessionVector bad : List.of(wrong, broken)) {
        SessionRescorer lenient = new SessionRescorer(source, bad);
        assertSame(first, lenient.rescore(searcher, first, 50), 50);
        assertNotNull(lenient.failure());
        SessionRescorer strict = new SessionRescorer(
            source,
            bad,
            SessionRescorer.Settings.defaults().withOnFailure(SessionRescorer.OnFailure.THROW));
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
        SessionRescorer.Settings.defaults()
            .withBudget(Duration.ofMillis(5), () -> clock.getAndAdd(6_000_000)));
    assertSame(first, rescorer.rescore(searcher, first, 50), 50);
    assertTrue(String.valueOf(rescorer.failure()).contains("budget of 5 ms"));
  }

  public void testHitsSortedWithoutScoresCanBeReplacedButNotWeighted() throws IOException {
    TopDocs sorted = searcher.search(
        MatchAllDocsQuery.INSTANCE, 50, new Sort(new SortField("id", SortField.Type.STRING)));
    TopDocs replaced =
        rescorer(ItemDocuments.source(), new Blend.Replace(), 50).rescore(searcher, sorted, 50);
    assertPermutation(sorted, replaced);
    SessionRescorer weighted = new SessionRescorer(ItemDocuments.source(), session);
    weighted.rescore(searcher, sorted, 50);
    assertTrue(String.valueOf(weighted.failure()).contains("needs first-pass scores"));
  }

  public void testARetrainedModelNeedsNoNewIndex() throws IOException {
    ServingModel retrained = model(random(), 2 * D);
    SessionVector its =
        new SessionVector("test", vector(random(), 2 * D), new int[] {1}, new float[] {1});
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    SessionRescorer rescorer = new SessionRescorer(
        new ItemSource.Joined("id", retrained),
        its,
        SessionRescorer.Settings.defaults().withBlend(new Blend.Replace()));
    TopDocs ranked = rescorer.rescore(searcher, first, DOCS);
    assertNull(rescorer.failure());
    for (ScoreDoc hit : ranked.scoreDocs) {
      int row = retrained.vocabulary().row(id(hit));
      if (row != 0) {
        assertEquals(retrained.items().dot(its.query(), row), hit.score, 0);
      }
    }
  }

  private static List<Blend> blends() {
    return List.of(
        new Blend.Replace(),
        new Blend.Weighted(0.3f, Blend.Normalization.MIN_MAX),
        new Blend.Weighted(0.7f, Blend.Normalization.Z_SCORE),
        new Blend.Weighted(0.7f, Blend.Normalization.NONE),
        new Blend.ReciprocalRankFusion(0.5f, 60));
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
}
