package io.attune.opensearch;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.search.SearchService;
import org.opensearch.search.aggregations.AggregationBuilder;
import org.opensearch.search.aggregations.metrics.TopHitsAggregationBuilder;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.rescore.RescorerBuilder;
import org.opensearch.search.sort.ScoreSortBuilder;
import org.opensearch.search.sort.SortBuilder;
import org.opensearch.search.sort.SortOrder;
import org.opensearch.tasks.Task;

/**
 * Validates search requests with a session rescorer, which itself only sees its own part of the
 * request, and completes the responses of those that were ranked on this node. Thread-safe.
 */
final class SearchRequestFilter implements ActionFilter {
  // By task, since a search pipeline may copy the request and its rescorers.
  private final Map<Task, CoordinatorRanking> rankings = new ConcurrentHashMap<>();

  @Override
  public int order() {
    return 0;
  }

  /** The ranking of a running search; null if this node has not started it. */
  @Nullable
  CoordinatorRanking ranking(Task search) {
    return rankings.get(search);
  }

  @Override
  public <Request extends ActionRequest, Response extends ActionResponse> void apply(
      Task task,
      String action,
      Request request,
      ActionRequestMetadata<Request, Response> metadata,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    if (!(request instanceof SearchRequest search)) {
      chain.proceed(task, action, request, listener);
      return;
    }
    if (search.source() != null) {
      try {
        prepare(search);
      } catch (IllegalArgumentException e) {
        listener.onFailure(e);
        return;
      }
    }
    CoordinatorRanking ranking = new CoordinatorRanking();
    rankings.put(task, ranking);
    int from = search.source() == null ? 0 : Math.max(0, search.source().from());
    chain.proceed(
        task,
        action,
        request,
        ActionListener.runBefore(
            completed(ranking, from, listener), () -> rankings.remove(task, ranking)));
  }

  /**
   * Prepares a search with a session rescorer; other searches pass unchanged.
   *
   * @throws IllegalArgumentException if its results would be wrong, see {@link #check}
   */
  static void prepare(SearchRequest search) {
    check(search.source());
    if (sessionRescorer(search.source()) != null) {
      // Partial reduces would merge the hits of many shards before they are ranked.
      search.setBatchedReduceSize(Integer.MAX_VALUE);
    }
  }

  /**
   * Refuses requests whose results would be wrong or whose session ranking would be lost. Searches
   * without a session pass unchanged.
   *
   * @throws IllegalArgumentException with a message that says what to use instead
   */
  static void check(SearchSourceBuilder source) {
    List<RescorerBuilder<?>> rescores = rescores(source);
    for (int i = 0; i < rescores.size(); i++) {
      if (rescores.get(i) instanceof SessionRescorerBuilder session) {
        requireScores(source, session.window());
        requirePage(source, session.window());
        if (i < rescores.size() - 1) {
          throw new IllegalArgumentException("of several rescorers, [session] must be the last one,"
              + " since it ranks the hits of all shards together");
        }
        if (source.aggregations() != null) {
          requireNoTopHits(source.aggregations().getAggregatorFactories());
        }
      }
    }
  }

  private static <Response extends ActionResponse> ActionListener<Response> completed(
      CoordinatorRanking hits, int from, ActionListener<Response> listener) {
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

  /**
   * Refuses whatever orders hits by something other than the session's scores, or uses scores
   * before they are final.
   */
  private static void requireScores(SearchSourceBuilder source, int window) {
    if (source.collapse() != null) {
      String field = source.collapse().getField();
      throw new IllegalArgumentException("[collapse] cannot be combined with a [session] rescorer,"
          + " since OpenSearch collapses hits before it rescores them: remove [collapse], request"
          + " [size] " + window + " (the window) with [docvalue_fields] [" + field
          + "], and keep the first hit of each [" + field + "]; or collapse the hits of an ["
          + SessionQueryBuilder.NAME + "] query, which needs no rescorer");
    }
    if (!isByScore(source.sorts())) {
      throw new IllegalArgumentException("[sort] cannot be combined with a [session] rescorer,"
          + " which ranks by score: remove [sort] or the rescorer");
    }
    if (source.searchAfter() != null) {
      throw new IllegalArgumentException("[search_after] cannot be combined with a [session]"
          + " rescorer: page with [from] and [size], and one [window_size] that covers all pages");
    }
    if (source.query() != null && source.query().getWriteableName().equals("hybrid")) {
      throw new IllegalArgumentException("a [hybrid] query cannot be combined with a [session]"
          + " rescorer, since its scores are normalized after shards have rescored their hits:"
          + " remove the rescorer, and make an [" + SessionQueryBuilder.NAME
          + "] query one of the hybrid's [queries]");
    }
  }

  private static boolean isByScore(@Nullable List<SortBuilder<?>> sorts) {
    return sorts == null
        || sorts.stream()
            .allMatch(sort -> sort instanceof ScoreSortBuilder && sort.order() == SortOrder.DESC);
  }

  private static void requirePage(SearchSourceBuilder source, int window) {
    if (window < 1) {
      throw new IllegalArgumentException(
          "[window_size] must be 1 or more for a [session] rescorer, not " + window);
    }
    long from = source.from() < 0 ? SearchService.DEFAULT_FROM : source.from();
    long end = from + (source.size() < 0 ? SearchService.DEFAULT_SIZE : source.size());
    if (window < end) {
      throw new IllegalArgumentException("[window_size] of the [session] rescorer is " + window
          + ", but [from] + [size] is " + end
          + ", and hits beyond the window are not ranked: set [window_size] to " + end
          + " or more, and to the same value for all pages, since their order depends on it");
    }
  }

  /** OpenSearch would let each shard rescore each bucket on its own, and cut it to the window. */
  private static void requireNoTopHits(Collection<AggregationBuilder> aggregations) {
    for (AggregationBuilder aggregation : aggregations) {
      if (aggregation instanceof TopHitsAggregationBuilder hits && isByScore(hits.sorts())) {
        throw new IllegalArgumentException("the [top_hits] aggregation [" + hits.getName()
            + "] has no [sort], so each shard would rescore its buckets on its own, which a"
            + " [session] rescorer does not support: add a [sort], or request it in a search"
            + " without the rescorer; for groups ranked by the session, request the hits of the"
            + " window with the group's field in [docvalue_fields], and keep the first of each"
            + " group");
      }
      requireNoTopHits(aggregation.getSubAggregations());
    }
  }

  /** The session rescorer of a search, the last of its rescorers; null if it has none. */
  static @Nullable SessionRescorerBuilder sessionRescorer(SearchSourceBuilder source) {
    List<RescorerBuilder<?>> rescores = rescores(source);
    return !rescores.isEmpty() && rescores.getLast() instanceof SessionRescorerBuilder session
        ? session
        : null;
  }

  /** The rescorers of a search; empty if it has none. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // as declared there, a list of raw types
  static List<RescorerBuilder<?>> rescores(SearchSourceBuilder source) {
    List<?> rescores = source.rescores();
    return rescores == null ? List.of() : List.copyOf((List) rescores);
  }
}
