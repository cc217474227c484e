package io.attune.opensearch;

import java.util.Collection;
import java.util.List;
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
   * Refuses what a session's ranking would be wrong or lost in. A search without a session is left
   * as it is.
   *
   * @throws IllegalArgumentException with what to ask instead
   */
  static void check(SearchSourceBuilder source) {
    if (source.rescores() == null) {
      return;
    }
    List<RescorerBuilder<?>> rescores = List.copyOf(rescores(source));
    for (int i = 0; i < rescores.size(); i++) {
      if (rescores.get(i) instanceof SessionRescorerBuilder session) {
        requireScores(source, session.window());
        requirePage(source, session.window());
        if (i < rescores.size() - 1) {
          throw new IllegalArgumentException("of several rescorers the session must be the last,"
              + " since it ranks the hits of all shards together");
        }
        if (source.aggregations() != null) {
          requireNoTopHits(source.aggregations().getAggregatorFactories());
        }
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

  /** A session makes scores: refuses what orders hits by something else, or looks at them later. */
  private static void requireScores(SearchSourceBuilder source, int window) {
    if (source.collapse() != null) {
      String field = source.collapse().getField();
      throw new IllegalArgumentException("[collapse] cannot follow a [rescore]: leave [collapse]"
          + " out, ask for [size] " + window + " (the window) with [docvalue_fields] [" + field
          + "], and keep the first hit of each [" + field + "]; or collapse the hits of an ["
          + SessionQueryBuilder.NAME + "] query, which needs no [rescore]");
    }
    if (!isByScore(source.sorts())) {
      throw new IllegalArgumentException("[sort] cannot be used with a [session] rescorer, which"
          + " ranks by score: leave out [sort], or leave out the rescorer");
    }
    if (source.searchAfter() != null) {
      throw new IllegalArgumentException("[search_after] cannot be used with a [session] rescorer:"
          + " page by [from] and [size], with one [window_size] that holds all pages");
    }
    if (source.query() != null && source.query().getWriteableName().equals("hybrid")) {
      throw new IllegalArgumentException("a [hybrid] query brings scores to a scale of its own"
          + " after shards have answered, where a [session] rescorer has had its say already: leave"
          + " out the rescorer, and make an [" + SessionQueryBuilder.NAME
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
          "the session's [window_size] must be 1 or more, not " + window);
    }
    long from = source.from() < 0 ? SearchService.DEFAULT_FROM : source.from();
    long end = from + (source.size() < 0 ? SearchService.DEFAULT_SIZE : source.size());
    if (window < end) {
      throw new IllegalArgumentException("the session's [window_size] is " + window
          + ", but [from] + [size] is " + end
          + ": hits behind the window are not ranked; set [window_size] to " + end
          + " or more, and to the same for all pages, since their order depends on it");
    }
  }

  /** The server would have each shard rescore each bucket, by itself, and cut it to the window. */
  private static void requireNoTopHits(Collection<AggregationBuilder> aggregations) {
    for (AggregationBuilder aggregation : aggregations) {
      if (aggregation instanceof TopHitsAggregationBuilder hits && isByScore(hits.sorts())) {
        throw new IllegalArgumentException("the aggregation [" + hits.getName() + "] of [top_hits]"
            + " has no [sort] of its own, so each shard would rescore its buckets by itself, which"
            + " a [session] cannot: give it a [sort], or ask for it in a search without the"
            + " rescorer; for groups ranked by the session ask for the hits of the window with the"
            + " group's field in [docvalue_fields], and keep the first of each group");
      }
      requireNoTopHits(aggregation.getSubAggregations());
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // as declared there, a list of raw types
  static List<RescorerBuilder<?>> rescores(SearchSourceBuilder source) {
    return (List) source.rescores();
  }
}
