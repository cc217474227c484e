package io.attune.lucene;

import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.AlreadyClosedException;

public class SessionRankerTest extends SearchedItemsTestCase {
  private static final List<String> CLICKS = List.of("i3", "unheard of", "i17", "i4");

  private final AtomicLong clock = new AtomicLong();
  private TopDocs first;

  @Override
  public void setUp() throws Exception {
    super.setUp();
    first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
  }

  private SessionRanker ranker() {
    SessionStates states = SessionStates.builder(model, clock::get).build();
    return new SessionRanker(states, "id", SessionRescorer.Settings.defaults());
  }

  /** The ranking by the parts that a ranker combines. */
  private TopDocs expected(ServingModel served) throws IOException {
    return new SessionRescorer(new ItemSource.Joined("id", served), served.vector(CLICKS))
        .rescore(searcher, first, DOCS);
  }

  private static void assertSame(TopDocs expected, TopDocs actual, int count) {
    assertEquals(count, actual.scoreDocs.length);
    for (int i = 0; i < count; i++) {
      assertEquals(expected.scoreDocs[i].doc, actual.scoreDocs[i].doc);
      assertEquals(expected.scoreDocs[i].score, actual.scoreDocs[i].score, 0);
    }
  }

  private static List<Integer> docs(TopDocs hits) {
    return Arrays.stream(hits.scoreDocs).map(hit -> hit.doc).toList();
  }

  public void testClicksRankAsThePartsDo() throws IOException {
    try (SessionRanker ranker = ranker()) {
      CLICKS.forEach(click -> ranker.append("visitor", click));
      TopDocs expected = expected(model);
      assertSame(
          expected, ranker.rescore("visitor", searcher, first, DOCS), first.scoreDocs.length);
      assertSame(expected, ranker.rescore("visitor", searcher, first, 7), 7);
      assertNotEquals(docs(first), docs(expected));
    }
  }

  public void testASessionWithoutKnownClicksLeavesTheFirstPass() throws IOException {
    try (SessionRanker ranker = ranker()) {
      ranker.append("visitor", "unheard of");
      for (String session : List.of("visitor", "another")) {
        TopDocs ranked = ranker.rescore(session, searcher, first, DOCS);
        assertSame(first, ranked, first.scoreDocs.length);
      }
    }
  }

  public void testARescorerExplainsByTheIdsOfTheClicks() throws IOException {
    try (SessionRanker ranker = ranker()) {
      SessionRescorer rescorer = ranker.rescorer("visitor", () -> CLICKS);
      boolean named = false;
      for (ScoreDoc hit : rescorer.rescore(searcher, first, DOCS).scoreDocs) {
        Explanation explanation =
            rescorer.explain(searcher, Explanation.match(1f, "words"), hit.doc);
        assertEquals(hit.score, explanation.getValue().floatValue(), 0);
        // A GRU has one state, that of its last click.
        named |= explanation.toString().contains("click 1 of 1, id i4");
      }
      assertNull(rescorer.failure());
      assertTrue(named);
    }
  }

  public void testASwitchToAnotherModelTakesEffectAtOnce() throws IOException {
    try (SessionRanker ranker = ranker()) {
      CLICKS.forEach(click -> ranker.append("visitor", click));
      ServingModel next = model(random(), 2 * D, "next");
      ranker.switchTo(next);
      assertSwitched(ranker, next);
      ServingModel third = model(random(), D, "third");
      ranker.switchTo(third, reader);
      assertSwitched(ranker, third);
      ServingModel fourth = model(random(), D, "fourth");
      ranker.states().switchTo(fourth);
      assertSwitched(ranker, fourth);
    }
  }

  private void assertSwitched(SessionRanker ranker, ServingModel next) throws IOException {
    assertSame(next, ranker.model());
    // The session starts anew, unless its clicks are known elsewhere.
    assertSame(first, ranker.rescore("visitor", searcher, first, 9), 9);
    SessionRescorer rescorer = ranker.rescorer("visitor", () -> CLICKS);
    assertSame(expected(next), rescorer.rescore(searcher, first, 9), 9);
    assertNull(rescorer.failure());
    assertSame(expected(next), ranker.rescore("visitor", searcher, first, 9), 9);
  }

  public void testSearchesDuringASwitchAreOfOneModelEach() throws Exception {
    ServingModel next = model(random(), D, "next");
    List<List<Integer>> expected = List.of(docs(expected(model)), docs(expected(next)));
    AtomicBoolean done = new AtomicBoolean();
    try (SessionRanker ranker = ranker();
        ExecutorService searching = Executors.newFixedThreadPool(3)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String session = "visitor " + i;
        running.add(searching.submit(() -> {
          while (!done.get()) {
            SessionRescorer rescorer = ranker.rescorer(session, () -> CLICKS);
            TopDocs ranked = rescorer.rescore(searcher, first, DOCS);
            assertNull(rescorer.failure());
            assertTrue(expected.contains(docs(ranked)));
          }
          return null;
        }));
      }
      for (int i = 0; i < 200; i++) {
        ranker.switchTo(i % 2 == 0 ? next : model);
      }
      done.set(true);
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  public void testTheSettingsAreTheCallers() throws IOException {
    SessionStates states = SessionStates.builder(model, clock::get).build();
    SessionRescorer.Settings settings = SessionRescorer.Settings.defaults()
        .withBlend(new Blend.Replace())
        .withOnFailure(SessionRescorer.OnFailure.THROW);
    try (SessionRanker ranker = new SessionRanker(states, "id", settings)) {
      assertSame(states, ranker.states());
      CLICKS.forEach(click -> ranker.append("visitor", click));
      TopDocs expected = new SessionRescorer(ranker.items(), model.vector(CLICKS), settings)
          .rescore(searcher, first, DOCS);
      assertSame(
          expected, ranker.rescore("visitor", searcher, first, DOCS), first.scoreDocs.length);
    }
  }

  public void testAClosedRankerForgetsAndRefuses() {
    SessionRanker ranker = ranker();
    ranker.append("visitor", "i3");
    assertEquals(1, ranker.states().statistics().sessions());
    ranker.close();
    assertEquals(0, ranker.states().statistics().sessions());
    expectThrows(AlreadyClosedException.class, () -> ranker.append("visitor", "i3"));
    expectThrows(
        AlreadyClosedException.class, () -> ranker.rescore("visitor", searcher, first, 10));
    expectThrows(AlreadyClosedException.class, () -> ranker.switchTo(model));
    expectThrows(AlreadyClosedException.class, () -> ranker.warm(reader));
  }
}
