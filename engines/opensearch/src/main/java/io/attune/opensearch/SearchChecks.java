package io.attune.opensearch;

import java.util.List;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.search.SearchService;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.rescore.RescorerBuilder;
import org.opensearch.tasks.Task;

/** Looks at whole searches, of which a rescorer sees only its own part. */
final class SearchChecks implements ActionFilter {

  @Override
  public int order() {
    return 0;
  }

  @Override
  public <Request extends ActionRequest, Response extends ActionResponse> void apply(
      Task task,
      String action,
      Request request,
      ActionRequestMetadata<Request, Response> metadata,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    ActionListener<Response> then = listener;
    if (request instanceof SearchRequest search && search.source() != null) {
      try {
        check(search.source());
        then = completed(search, listener);
      } catch (IllegalArgumentException e) {
        listener.onFailure(e);
        return;
      }
    }
    chain.proceed(task, action, request, then);
  }

  /**
   * Refuses a window that is smaller than a page.
   *
   * @throws IllegalArgumentException for such a window
   */
  static void check(SearchSourceBuilder source) {
    if (source.rescores() == null) {
      return;
    }
    int from = source.from() < 0 ? SearchService.DEFAULT_FROM : source.from();
    int size = source.size() < 0 ? SearchService.DEFAULT_SIZE : source.size();
    List<RescorerBuilder<?>> rescores = List.copyOf(rescores(source));
    for (RescorerBuilder<?> rescore : rescores) {
      if (rescore instanceof SessionRescorerBuilder session && session.window() < from + size) {
        throw new IllegalArgumentException("the session's [window_size] is " + session.window()
            + ", but [from] + [size] is " + (from + size)
            + ": hits behind the window are not ranked; set [window_size] to " + (from + size)
            + " or more");
      }
    }
  }

  /** Has the hits of all shards ranked together, and the answer completed. */
  private static <Response extends ActionResponse> ActionListener<Response> completed(
      SearchRequest search, ActionListener<Response> listener) {
    SearchSourceBuilder source = search.source();
    if (source.rescores() == null) {
      return listener;
    }
    List<RescorerBuilder<?>> rescores = List.copyOf(rescores(source));
    ActionListener<Response> then = listener;
    source.clearRescorers();
    for (RescorerBuilder<?> rescore : rescores) {
      if (rescore instanceof SessionRescorerBuilder session) {
        SessionRescorerBuilder own = session.forOneSearch();
        source.addRescorer(own);
        // Hits that are merged bit by bit, as those of many shards are, would be merged too early.
        search.setBatchedReduceSize(Integer.MAX_VALUE);
        then = completed(own.gathered(), Math.max(0, source.from()), then);
      } else {
        source.addRescorer(rescore);
      }
    }
    return then;
  }

  private static <Response extends ActionResponse> ActionListener<Response> completed(
      GatheredHits hits, int from, ActionListener<Response> listener) {
    return new ActionListener<>() {
      @Override
      public void onResponse(Response response) {
        try {
          if (response instanceof SearchResponse found) {
            hits.complete(found, from);
          }
        } catch (RuntimeException e) {
          listener.onFailure(e);
          return;
        }
        listener.onResponse(response);
      }

      @Override
      public void onFailure(Exception e) {
        listener.onFailure(e);
      }
    };
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // as declared there, a list of raw types
  static List<RescorerBuilder<?>> rescores(SearchSourceBuilder source) {
    return (List) source.rescores();
  }
}
