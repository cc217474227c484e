package io.attune.server;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.TeamDraft;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;

/**
 * Searches the server's items.
 *
 * @param settings how hits are ranked
 * @param limit time for one search
 */
record HitSearch(SessionRescorer.Settings settings, Duration limit, Ticker ticker) {

  /**
   * What was found by words.
   *
   * @param settings for this query and the time that is left
   */
  private record FirstPass(
      Catalogue catalogue,
      IndexSearcher searcher,
      TopDocs hits,
      SessionRescorer.Settings settings) {}

  /**
   * Searches by words, and ranks the hits by a session.
   *
   * @param vector of the same model
   * @throws RequestFailure if the server has no index, or the text has too many words
   */
  Answer.Found search(ActiveModel active, SessionVector vector, String text, int count)
      throws IOException {
    FirstPass first = firstPass(active, text, count);
    SessionRescorer rescorer = new SessionRescorer(active.source(), vector, first.settings);
    TopDocs ranked = rescorer.rescore(first.searcher, first.hits, count);
    boolean reranked =
        !vector.isEmpty() && rescorer.failure() == null && first.hits.scoreDocs.length > 0;
    Map<Integer, Integer> ranks = new HashMap<>();
    for (ScoreDoc hit : first.hits.scoreDocs) {
      ranks.put(hit.doc, ranks.size() + 1);
    }
    List<Answer.Hit> hits = new ArrayList<>();
    for (ScoreDoc hit : ranked.scoreDocs) {
      hits.add(hit(first, hit, hits.size() + 1, ranks.getOrDefault(hit.doc, 0), null));
    }
    return found(active, vector, first, reranked, hits, null);
  }

  /**
   * Searches by words, and interleaves two rankings of the hits. A hit has its score in the first
   * pass. Where the session cannot be had in time, both rankings are that by words.
   *
   * @param session whose models can rank as the pair says
   * @param seed decides the coins
   * @param queryId the id of this search
   */
  Answer.Found compare(
      RankingPair.Encoded session,
      String text,
      int count,
      RankingPair pair,
      long seed,
      String queryId)
      throws IOException {
    ActiveModel active = session.active();
    FirstPass first = firstPass(active, text, count);
    ScoreDoc[] found = first.hits.scoreDocs;
    float[] byWords = new float[found.length];
    for (int i = 0; i < found.length; i++) {
      byWords[i] = found[i].score;
    }
    RankingPair.Draft draft = pair.draft(
        first.settings,
        session,
        byWords,
        ranking -> scores(session.model(ranking), session.vector(ranking), first),
        count,
        seed);
    List<Answer.Hit> hits = new ArrayList<>();
    for (TeamDraft.Pick<Integer> pick : draft.picks()) {
      int place = pick.hit();
      hits.add(hit(first, found[place], hits.size() + 1, place + 1, pair.label(pick.team())));
    }
    return found(active, session.vector(), first, draft.reranked(), hits, queryId);
  }

  private FirstPass firstPass(ActiveModel active, String text, int count) throws IOException {
    long start = ticker.read();
    Catalogue catalogue = active.catalogue();
    if (catalogue == null) {
      throw new RequestFailure(
          404,
          "the server has no items to search",
          "path",
          "a server that was started with --items or --index");
    }
    try {
      Query query = ItemIndex.textQuery(catalogue.textFields(), text);
      IndexSearcher searcher = new IndexSearcher(catalogue.reader());
      long budget = limit.toNanos();
      searcher.setTimeout(() -> ticker.read() - start > budget);
      TopDocs hits = searcher.search(query, Math.max(count, settings.window()));
      Duration left = Duration.ofNanos(Math.max(0, budget - (ticker.read() - start)));
      return new FirstPass(
          catalogue, searcher, hits, settings.withQuery(query).withBudget(left, ticker::read));
    } catch (IndexSearcher.TooManyClauses e) {
      throw RequestFailure.invalid("too many words", "query.q", "fewer words");
    }
  }

  /** Session scores of the window; none without known clicks, null where they cannot be had. */
  private static float @Nullable [] scores(
      ActiveModel model, SessionVector vector, FirstPass first) {
    if (vector.isEmpty() || first.hits.scoreDocs.length == 0) {
      return new float[0];
    }
    try {
      return new SessionRescorer(model.source(), vector, first.settings)
          .scores(first.searcher, first.hits);
    } catch (IOException | RuntimeException e) {
      return null; // where a rescorer returns the first pass
    }
  }

  private static Answer.Hit hit(
      FirstPass first, ScoreDoc hit, int rank, int was, @Nullable String team) throws IOException {
    return new Answer.Hit(
        first.catalogue.id(hit.doc), rank, was, hit.score, first.catalogue.fields(hit.doc), team);
  }

  private static Answer.Found found(
      ActiveModel active,
      SessionVector vector,
      FirstPass first,
      boolean reranked,
      List<Answer.Hit> hits,
      @Nullable String queryId)
      throws IOException {
    return new Answer.Found(
        active.model().version(),
        reranked,
        !first.searcher.timedOut(),
        first.hits.totalHits.value(),
        active.clicks(vector),
        hits,
        queryId);
  }
}
