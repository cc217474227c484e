package io.attune.lucene;

import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.VectorUtil;

/** Documents whose items the session clicked. */
public class ClickedDocumentsTest extends SearchedItemsTestCase {
  @Override
  public void setUp() throws Exception {
    super.setUp();
    session = corrected(new int[] {3, 7, 9, 40, 41, 150}, 1.5f, -2, 20, -7, 0.25f, 3);
  }

  /** Attention looks back on fewer clicks than the correction. */
  private SessionVector corrected(int[] rows, float... additions) {
    int[] clicks = {7, 40, 150, 41, 7, 40, 40, 3, 7, 9};
    return new SessionVector(
        "test",
        session.query(),
        new ClickedScores(rows, additions, clicks),
        session.clicks(),
        session.attention());
  }

  private List<ItemSource> sources() {
    return List.of(ItemDocuments.source(), new ItemSource.Joined("id", model));
  }

  public void testEverySourceAddsToTheInnerProductsOfClickedItemsAlone() throws IOException {
    TopDocs all = searcher.search(MatchAllDocsQuery.INSTANCE, DOCS);
    for (ItemSource source : sources()) {
      float[] scores = rescorer(source, new Blend.Replace(), DOCS).scores(searcher, all);
      int clicked = 0;
      for (int i = 0; i < scores.length; i++) {
        int row = row(all.scoreDocs[i]);
        if (row == 0) {
          assertTrue(Float.isNaN(scores[i]));
        } else {
          // Lucene's positive form of a product rounds.
          double rounding = source instanceof ItemSource.Joined ? 0 : 1e-4;
          assertEquals(score(all.scoreDocs[i]), scores[i], rounding);
          clicked += session.clicked().contains(row) ? 1 : 0;
        }
      }
      assertTrue(clicked > 0);
    }
  }

  public void testRescoringSortingAndRetrievalAgree() throws IOException {
    List<Float> expected = new ArrayList<>();
    TopDocs all = searcher.search(MatchAllDocsQuery.INSTANCE, DOCS);
    for (ScoreDoc hit : all.scoreDocs) {
      if (row(hit) != 0) {
        expected.add(score(hit));
      }
    }
    expected.sort(Comparator.reverseOrder());
    for (ItemSource source : sources()) {
      TopDocs rescored =
          rescorer(source, new Blend.Replace(), DOCS).rescore(searcher, all, expected.size());
      TopDocs sorted = searcher.search(
          MatchAllDocsQuery.INSTANCE,
          expected.size(),
          new Sort(new SessionValuesSource(source, session)
              .getSortField(true, Double.NEGATIVE_INFINITY)));
      TopDocs found = searcher.search(
          SessionSearch.query(reader, ItemDocuments.source(), session, expected.size(), null),
          expected.size());
      assertEquals(expected.size(), found.scoreDocs.length);
      float[] byDocument = new float[expected.size()];
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(
            expected.get(i), ItemSource.Indexed.innerProduct(found.scoreDocs[i].score), 1e-3);
        byDocument[i] = score(sorted.scoreDocs[i]);
        assertEquals(expected.get(i), byDocument[i], 1e-4);
      }
      List<Float> ofRescored = new ArrayList<>();
      for (ScoreDoc hit : rescored.scoreDocs) {
        if (row(hit) != 0) {
          ofRescored.add(score(hit));
        }
      }
      for (int i = 1; i < ofRescored.size(); i++) {
        assertTrue(ofRescored.get(i) <= ofRescored.get(i - 1) + 1e-4);
      }
    }
  }

  public void testAnExplanationNamesTheCorrection() throws IOException {
    TopDocs all = searcher.search(MatchAllDocsQuery.INSTANCE, DOCS);
    Map<Integer, String> words = Map.of(
        9, "20.0 = learned correction of a clicked item: clicked once, last",
        7, "-2.0 = learned correction of a clicked item: clicked 3 times, before last",
        3, "1.5 = learned correction of a clicked item: clicked once, third last",
        40, "-7.0 = learned correction of a clicked item: clicked 3 times, earlier",
        41, "0.25 = learned correction of a clicked item: clicked once, earlier");
    for (ItemSource source : sources()) {
      SessionRescorer rescorer = rescorer(source, new Blend.Replace(), DOCS);
      rescorer.rescore(searcher, all, DOCS);
      for (ScoreDoc hit : all.scoreDocs) {
        String text =
            rescorer.explain(searcher, Explanation.match(1f, "words"), hit.doc).toString();
        int row = row(hit);
        assertEquals(text, session.clicked().contains(row), text.contains("clicked item"));
        assertTrue(text, text.contains(words.getOrDefault(row, "")));
      }
    }
  }

  public void testVectorsWhoseItemsAreNotRecordedAreRefused() throws IOException {
    TopDocs all = searcher.search(MatchAllDocsQuery.INSTANCE, DOCS);
    for (String rows : new String[] {null, "nothing"}) {
      ItemSource source = new ItemSource.Indexed(ItemDocuments.VECTOR, ItemDocuments.MODEL, rows);
      SessionRescorer lenient = rescorer(source, new Blend.Replace(), DOCS);
      lenient.rescore(searcher, all, DOCS);
      String reason = String.valueOf(lenient.failure());
      assertTrue(reason, reason.contains("corrects the scores of clicked items"));
      assertTrue(reason, reason.contains("clicked=off"));
      session = corrected(new int[0]);
      SessionRescorer uncorrected = rescorer(source, new Blend.Replace(), DOCS);
      uncorrected.rescore(searcher, all, DOCS);
      assertNull(uncorrected.failure());
      session = corrected(new int[] {3}, 1);
    }
  }

  /** More vectors than are scored one by one, so that a graph is searched. */
  public void testAGraphsHitsAreMergedWithTheItemsThatWereClicked() throws IOException {
    int items = 10_050;
    int wanted = 20;
    float[] query = unit();
    Map<Integer, Float> products = new HashMap<>();
    try (Directory directory = newDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig();
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (int row = 1; row <= items; row++) {
          float[] vector = unit();
          products.put(row, VectorUtil.dotProduct(query, vector));
          writer.addDocument(document(row, vector));
        }
        writer.forceMerge(1);
      }
      // The best ones, which are pushed down, some in the middle, and one of the worst.
      List<Integer> byProduct = products.keySet().stream()
          .sorted(Comparator.comparingDouble(row -> -products.get(row)))
          .toList();
      Map<Integer, Float> additions = new HashMap<>();
      for (int i = 0; i < 40; i++) {
        additions.put(byProduct.get(i), i % 2 == 0 ? -1.5f : 0.01f);
        additions.put(byProduct.get(5000 + i), i % 2 == 0 ? 2f : 0.5f);
      }
      additions.put(byProduct.getLast(), 3.5f);
      int[] rows = additions.keySet().stream().mapToInt(row -> row).sorted().toArray();
      float[] added = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        added[i] = additions.get(rows[i]);
      }
      session = new SessionVector(
          "test", query, new ClickedScores(rows, added, rows), new int[] {1}, new float[] {1});
      Map<Integer, Float> scores = new HashMap<>(products);
      additions.forEach((row, addition) -> scores.merge(row, addition, Float::sum));
      Set<Integer> expected = new HashSet<>(scores.keySet().stream()
          .sorted(Comparator.comparingDouble(row -> -scores.get(row)))
          .limit(wanted)
          .toList());
      try (IndexReader graph = DirectoryReader.open(directory)) {
        IndexSearcher byGraph = new IndexSearcher(graph);
        Query found = SessionSearch.query(
            graph, new ItemSource.Indexed("vector", null, "row"), session, wanted, null);
        ScoreDoc[] hits = byGraph.search(found, wanted).scoreDocs;
        Set<Integer> hitRows = new HashSet<>();
        for (ScoreDoc hit : hits) {
          int row = Integer.parseInt(byGraph.storedFields().document(hit.doc).get("id"));
          hitRows.add(row);
          assertEquals(scores.get(row), ItemSource.Indexed.innerProduct(hit.score), 1e-4);
        }
        assertEquals(expected, hitRows);
      }
    }
  }

  private static Document document(int row, float[] vector) {
    Document document = new Document();
    document.add(new StoredField("id", Integer.toString(row)));
    document.add(new IntPoint("row", row));
    document.add(new NumericDocValuesField("row", row));
    document.add(
        new KnnFloatVectorField("vector", vector, VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT));
    return document;
  }

  private static float[] unit() {
    return VectorUtil.l2normalize(vector(random(), 4));
  }
}
