package io.attune.opensearch;

import java.util.List;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.common.UUIDs;
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
    if (request instanceof SearchRequest search && search.source() != null) {
      try {
        check(search.source());
      } catch (IllegalArgumentException e) {
        listener.onFailure(e);
        return;
      }
    }
    chain.proceed(task, action, request, listener);
  }

  /**
   * Refuses a window that is smaller than a page, and has rankings kept that are to be explained.
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
    if (Boolean.TRUE.equals(source.explain())) {
      source.clearRescorers();
      for (RescorerBuilder<?> rescore : rescores) {
        source.addRescorer(
            rescore instanceof SessionRescorerBuilder session
                ? session.explained(UUIDs.randomBase64UUID())
                : rescore);
      }
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // as declared there, a list of raw types
  private static List<RescorerBuilder<?>> rescores(SearchSourceBuilder source) {
    return (List) source.rescores();
  }
}
