package io.attune.opensearch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.support.ListenerTimeouts;
import org.opensearch.common.cache.Cache;
import org.opensearch.common.cache.CacheBuilder;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.ListenableFuture;
import org.opensearch.common.util.concurrent.OpenSearchExecutors;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;

/**
 * Finds the last clicks of sessions, without blocking a thread. Thread-safe.
 *
 * <p>What is found in events is kept for a second, so the searches of one page view, or of a search
 * box that searches at each key, are one query. A failure is kept as well: where events cannot be
 * read, a session waits once a second. What is stored by this plugin is read each time, so a click
 * counts from its acknowledgement on.
 */
final class RecentClicks {
  static final TimeValue KEPT = TimeValue.timeValueSeconds(1);

  private static final int MAX_KEPT = 2000; // sessions; of twenty clicks some two kilobytes each

  private final Client client;
  private final SessionStore sessions;
  private final Cache<Query, ListenableFuture<List<String>>> cache =
      CacheBuilder.<Query, ListenableFuture<List<String>>>builder()
          .setMaximumWeight(MAX_KEPT)
          .setExpireAfterWrite(KEPT)
          .build();

  RecentClicks(Client client) {
    this.client = client;
    this.sessions = new SessionStore(client);
  }

  /**
   * Clicks to be found.
   *
   * @param count of the clicks, at most
   * @param maxAge of a click
   * @param timeout after which it is a failure
   */
  record Query(
      ClickSource source, String session, int count, TimeValue maxAge, TimeValue timeout) {}

  /**
   * Finds clicks.
   *
   * @param listener gets item ids, oldest first, in a thread of the server, or in this one
   */
  void find(Query query, ActionListener<List<String>> listener) {
    ListenableFuture<List<String>> found =
        query.source instanceof ClickSource.Sessions ? null : cache.get(query);
    if (found == null) {
      found = new ListenableFuture<>();
      if (!(query.source instanceof ClickSource.Sessions)) {
        cache.put(query, found);
      }
      start(query, found);
    }
    // In the context of this search: another one may have asked for these clicks.
    found.addListener(
        listener,
        OpenSearchExecutors.newDirectExecutorService(),
        client.threadPool().getThreadContext());
  }

  private void start(Query query, ListenableFuture<List<String>> found) {
    ThreadPool threads = client.threadPool();
    ActionListener<List<String>> result = ListenerTimeouts.wrapWithTimeout(
        threads, found, query.timeout, ThreadPool.Names.GENERIC, "clicks of a session");
    long since = threads.absoluteTimeInMillis() - query.maxAge.millis();
    try {
      switch (query.source) {
        case ClickSource.Sessions stored ->
          sessions.newest(query.session, query.count, since, result);
        case ClickSource.Events events ->
          client.search(
              events.newest(query.session, query.count, since, query.timeout),
              ActionListener.map(result, (@Nullable SearchResponse hits) -> events.items(hits)));
      }
    } catch (RuntimeException e) { // such as a rejected execution
      result.onFailure(e);
    }
  }
}
