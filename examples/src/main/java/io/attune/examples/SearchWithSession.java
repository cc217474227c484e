package io.attune.examples;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;

/** What an existing Lucene application adds to let a visitor's clicks re-rank its hits. */
public final class SearchWithSession {
  private final IndexSearcher searcher; // the application's own
  private final SessionStates states;
  private final ItemSource vectors;

  /**
   * Opens a model beside an index.
   *
   * @param idField the index's sorted doc values field with the item's id, as in the click log
   */
  public SearchWithSession(IndexSearcher searcher, String idField, Path model) throws IOException {
    ServingModel served = ServingModel.open(model);
    this.searcher = searcher;
    this.states =
        new SessionStates(served, 256L << 20, Duration.ofMinutes(30), Ticker.systemTicker());
    this.vectors = new ItemSource.Joined(idField, served);
  }

  /** A visitor clicked an item: one step. */
  public void click(String visitor, String item) {
    states.append(visitor, item);
  }

  /** The best hits of a query for a visitor; of one without clicks those of the words. */
  public TopDocs search(String visitor, Query words, int count) throws IOException {
    TopDocs hits = searcher.search(words, 1000);
    SessionVector session = states.get(visitor, List::of).vector();
    return new SessionRescorer(vectors, session).rescore(searcher, hits, count);
  }
}
