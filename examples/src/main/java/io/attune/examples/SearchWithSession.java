package io.attune.examples;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.serving.EncodedSession;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;

/** What an existing Lucene application adds to let a visitor's clicks re-rank its hits. */
public final class SearchWithSession {
  private final IndexSearcher searcher; // the application's own
  private final String idField;
  private final SessionStates states;
  private volatile ItemSource vectors;

  /**
   * Opens a model beside an index.
   *
   * @param idField the index's sorted doc values field with the item's id, as in the click log
   * @param directory of the model
   */
  public SearchWithSession(IndexSearcher searcher, String idField, Path directory)
      throws IOException {
    this.searcher = searcher;
    this.idField = idField;
    ServingModel model = ServingModel.open(directory); // once; no native code
    this.states = SessionStates.builder(model, Ticker.systemTicker()).build();
    this.vectors = new ItemSource.Joined(idField, model); // the model's vectors, by item id
  }

  /** A visitor clicked an item. */
  public void click(String visitor, String item) {
    states.append(visitor, item); // one step, whatever the length of the session
  }

  /** The best hits of a query for a visitor; without clicks those of the words. */
  public TopDocs search(String visitor, Query words, int count) throws IOException {
    TopDocs hits = searcher.search(words, 1000);
    EncodedSession session = states.get(visitor, List::of);
    return new SessionRescorer(vectors, session.vector()).rescore(searcher, hits, count);
  }

  /**
   * Puts a retrained model into use; the index stays as it is. A search that falls between the two
   * steps keeps the order of its words, since vectors of two models are never compared.
   */
  public void retrained(Path directory) throws IOException {
    ServingModel next = ServingModel.open(directory);
    states.switchTo(next);
    vectors = new ItemSource.Joined(idField, next);
  }
}
