package io.attune.opensearch;

import java.util.List;
import org.opensearch.index.shard.SearchOperationListener;
import org.opensearch.search.internal.SearchContext;
import org.opensearch.search.rescore.RescoreContext;

/**
 * Tells the session rescorers of a shard about the search that they are part of, and adds their
 * scores to the shard's result.
 */
final class ShardSearchListener implements SearchOperationListener {

  @Override
  public void onPreQueryPhase(SearchContext search) {
    prepare(search);
  }

  @Override
  public void onPreFetchPhase(SearchContext search) {
    prepare(search);
  }

  private static void prepare(SearchContext search) {
    List<RescoreContext> rescores = search.rescore();
    for (int i = 0; i < rescores.size(); i++) {
      if (rescores.get(i) instanceof SessionRescore session) {
        session.setContext(search.numberOfShards(), i == rescores.size() - 1, search.query());
      }
    }
  }

  @Override
  public void onQueryPhase(SearchContext search, long tookInNanos) {
    if (search.size() > 0) {
      for (RescoreContext rescore : search.rescore()) {
        if (rescore instanceof SessionRescore session) {
          session.sendTo(search.queryResult());
        }
      }
    }
  }
}
