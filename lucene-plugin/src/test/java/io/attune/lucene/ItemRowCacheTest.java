package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.util.LuceneTestCase;
import org.apache.lucene.util.BytesRef;

public class ItemRowCacheTest extends LuceneTestCase {
  private static final int DOCS =
      10_000; // so that a join calls nine times for ids, and for documents

  private final ServingModel model = SearchedItemsTestCase.model(random(), 4);
  private final SessionVector session =
      new SessionVector("test", new float[] {1, 0, 0, 0}, new int[] {1}, new float[] {1});
  private Directory directory;
  private IndexReader reader;

  @Override
  public void setUp() throws Exception {
    super.setUp();
    directory = newDirectory();
    try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      for (int i = 1; i <= DOCS; i++) {
        Document document = new Document();
        document.add(new SortedDocValuesField("sku", new BytesRef("i" + i)));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
  }

  @Override
  public void tearDown() throws Exception {
    reader.close();
    directory.close();
    super.tearDown();
  }

  public void testAJoinStopsWithTheBudgetAndTheNextQueryResumesIt() throws Exception {
    IndexSearcher searcher = new IndexSearcher(reader);
    TopDocs first = searcher.search(MatchAllDocsQuery.INSTANCE, 100);
    ItemSource.Joined source = new ItemSource.Joined("sku", model);
    int spent = 0;
    SessionRescorer rescorer = rescorer(source);
    rescorer.rescore(searcher, first, 100);
    while (rescorer.failure() != null) {
      assertTrue(String.valueOf(rescorer.failure()).contains("budget of 3 ms"));
      spent++;
      assertTrue("each query must get on", spent < 20);
      rescorer = rescorer(source);
      rescorer.rescore(searcher, first, 100);
    }
    assertTrue(spent > 2);
  }

  public void testAWarmSourceIsJoinedBeforeTheFirstQuery() throws Exception {
    IndexSearcher searcher = new IndexSearcher(reader);
    TopDocs first = searcher.search(MatchAllDocsQuery.INSTANCE, 100);
    ItemSource.Joined source = new ItemSource.Joined("sku", model);
    source.warm(reader);
    SessionRescorer rescorer = rescorer(source);
    TopDocs ranked = rescorer.rescore(searcher, first, 100);
    assertNull(rescorer.failure());
    assertEquals(100, ranked.scoreDocs.length);
  }

  public void testAModelIsJoinedBeforeARankerSwitchesToIt() throws Exception {
    IndexSearcher searcher = new IndexSearcher(reader);
    TopDocs first = searcher.search(MatchAllDocsQuery.INSTANCE, 100);
    ServingModel next = SearchedItemsTestCase.model(random(), 4, "next");
    try (SessionRanker ranker =
        new SessionRanker(SessionStates.builder(model, () -> 0).build(), "sku", settings())) {
      ranker.warm(reader);
      assertRanked(ranker, searcher, first);
      ranker.switchTo(next, reader);
      assertSame(next, ranker.model());
      assertRanked(ranker, searcher, first);
    }
  }

  private static void assertRanked(SessionRanker ranker, IndexSearcher searcher, TopDocs first)
      throws Exception {
    SessionRescorer rescorer = ranker.rescorer("visitor", () -> List.of("i1"));
    rescorer.rescore(searcher, first, 100);
    assertNull(rescorer.failure());
    assertFalse(rescorer.rankedDocs().isEmpty());
  }

  /** A rescorer whose budget is spent at the third look at the clock. */
  private SessionRescorer rescorer(ItemSource source) {
    return new SessionRescorer(source, session, settings());
  }

  private static SessionRescorer.Settings settings() {
    AtomicLong clock = new AtomicLong();
    return SessionRescorer.Settings.defaults()
        .withBlend(new Blend.Replace())
        .withBudget(Duration.ofMillis(3), () -> clock.addAndGet(1_200_000));
  }

  public void testOneJoinsAndTheOthersWaitAsLongAsTheyHaveTime() throws Exception {
    LeafReaderContext leaf = reader.leaves().get(0);
    ItemRowCache cache = new ItemRowCache("sku", model.vocabulary(), null);
    CountDownLatch joining = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<ItemRowCache.Items> first = other.submit(() -> cache.items(leaf, () -> {
        calls.incrementAndGet();
        joining.countDown();
        await(goOn);
      }));
      joining.await();
      IllegalStateException late = expectThrows(
          IllegalStateException.class,
          () -> cache.items(leaf, () -> {
            throw new IllegalStateException("out of time");
          }));
      assertEquals("out of time", late.getMessage());
      goOn.countDown();
      assertSame(first.get(), cache.items(leaf, () -> fail("there is nothing left to do")));
      assertEquals(2 * (DOCS / 1024), calls.get());
      for (int doc = 0; doc < DOCS; doc++) {
        assertEquals(model.vocabulary().row("i" + (doc + 1)), first.get().rows()[doc]);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
