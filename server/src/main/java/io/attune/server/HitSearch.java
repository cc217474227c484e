package io.attune.server;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import io.attune.lucene.SessionRescorer;
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

/**
 * Searches the server's items.
 *
 * @param settings how hits are ranked
 * @param limit time for one search
 */
record HitSearch(SessionRescorer.Settings settings, Duration limit, Ticker ticker) {

  /**
   * Searches by words, and ranks the hits by a session.
   *
   * @param vector of the same model
   * @throws RequestFailure if the server has no index, or the text has too many words
   */
  Answer.Found search(ActiveModel active, SessionVector vector, String text, int count)
      throws IOException {
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
      SessionRescorer rescorer = new SessionRescorer(
          active.source(), vector, settings.withQuery(query).withBudget(left, ticker::read));
      TopDocs ranked = rescorer.rescore(searcher, hits, count);
      return new Answer.Found(
          active.model().version(),
          !vector.isEmpty() && rescorer.failure() == null && hits.scoreDocs.length > 0,
          !searcher.timedOut(),
          hits.totalHits.value(),
          active.clicks(vector),
          hits(catalogue, hits, ranked));
    } catch (IndexSearcher.TooManyClauses e) {
      throw RequestFailure.invalid("too many words", "query.q", "fewer words");
    }
  }

  private static List<Answer.Hit> hits(Catalogue catalogue, TopDocs before, TopDocs ranked)
      throws IOException {
    Map<Integer, Integer> ranks = new HashMap<>();
    for (int i = 0; i < before.scoreDocs.length; i++) {
      ranks.put(before.scoreDocs[i].doc, i + 1);
    }
    List<Answer.Hit> hits = new ArrayList<>();
    for (ScoreDoc hit : ranked.scoreDocs) {
      hits.add(new Answer.Hit(
          catalogue.id(hit.doc),
          hits.size() + 1,
          ranks.getOrDefault(hit.doc, 0),
          hit.score,
          catalogue.fields(hit.doc)));
    }
    return hits;
  }
}
