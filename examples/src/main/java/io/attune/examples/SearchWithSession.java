package io.attune.examples;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.SessionRanker;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;

/** What an existing Lucene application adds so that a visitor's clicks re-rank its hits. */
public final class SearchWithSession implements AutoCloseable {
  private final IndexSearcher searcher; // the application's own
  private final SessionRanker ranker;

  // @start region="ranker"
  /**
   * Opens a model beside an index.
   *
   * @param idField the index's sorted doc values field with the item's id, as in the click log
   * @param model the model's directory
   */
  public SearchWithSession(IndexSearcher searcher, String idField, Path model) throws IOException {
    this.searcher = searcher;
    this.ranker = SessionRanker.open(model, idField, Ticker.systemTicker()); // no native code
  }

  /** Records a visitor's click on an item. */
  public void click(String visitor, String item) {
    ranker.append(visitor, item); // one step, whatever the length of the session
  }

  /** Searches, and re-ranks the hits by the visitor's clicks so far, if there are any. */
  public TopDocs search(String visitor, Query words, int count) throws IOException {
    TopDocs hits = searcher.search(words, 1000);
    return ranker.rescore(visitor, searcher, hits, count);
  }

  /** Replaces the model by a retrained one. The index stays as it is. */
  public void retrained(Path model) throws IOException {
    ranker.switchTo(ServingModel.open(model), searcher.getIndexReader());
  }
  // @end

  @Override
  public void close() {
    ranker.close();
  }
}
