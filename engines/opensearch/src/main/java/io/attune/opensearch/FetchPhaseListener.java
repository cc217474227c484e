package io.attune.opensearch;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchPhase;
import org.opensearch.action.search.SearchPhaseContext;
import org.opensearch.action.search.SearchPhaseName;
import org.opensearch.action.search.SearchPhaseResults;
import org.opensearch.action.search.SearchRequestOperationsListener;

/**
 * Ranks the hits of all shards when a search enters its fetch phase.
 *
 * <p>The extension point for this, a phase results processor in a search pipeline, only works if
 * the request or the cluster enables a pipeline, and is skipped with {@code dfs_query_then_fetch}.
 * So the shards' results are read by reflection from the phase that is about to merge them.
 */
final class FetchPhaseListener extends SearchRequestOperationsListener {
  private static final Logger LOGGER = LogManager.getLogger(FetchPhaseListener.class);
  private static final String FETCH = "org.opensearch.action.search.FetchSearchPhase";
  private static final Optional<Field> PHASE_RESULTS = findPhaseResults();

  private final SearchRequestFilter searches;

  /**
   * Creates a listener.
   *
   * @param searches has a ranking for each search of this node
   */
  FetchPhaseListener(SearchRequestFilter searches) {
    this.searches = searches;
  }

  private static Optional<Field> findPhaseResults() {
    try {
      Optional<Field> found = Arrays.stream(Class.forName(FETCH).getDeclaredFields())
          .filter(field -> SearchPhaseResults.class.equals(field.getType()))
          .findFirst();
      found.ifPresent(field -> field.setAccessible(true));
      return found;
    } catch (ClassNotFoundException | RuntimeException e) {
      LOGGER.error("the fetch phase of this version of OpenSearch is not supported", e);
      return Optional.empty();
    }
  }

  /** Whether the hits of several shards can be ranked together on this version of OpenSearch. */
  static boolean isSupported() {
    return PHASE_RESULTS.isPresent();
  }

  @Override
  protected void onPhaseStart(SearchPhaseContext context) {
    SearchPhase phase = context.getCurrentPhase();
    if (context.getRequest().source() == null
        || !SearchPhaseName.FETCH.getName().equals(phase.getName())
        || PHASE_RESULTS.isEmpty()
        || !PHASE_RESULTS.get().getDeclaringClass().isInstance(phase)) {
      return;
    }
    SessionRescorerBuilder session =
        SearchRequestFilter.sessionRescorer(context.getRequest().source());
    if (session != null) {
      try {
        SearchPhaseResults<?> results =
            (SearchPhaseResults<?>) PHASE_RESULTS.get().get(phase);
        CoordinatorRanking ranking = searches.ranking(context.getTask());
        (ranking == null ? new CoordinatorRanking() : ranking)
            .rank(results.getAtomicArray(), session);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException("cannot read the results of the shards", e);
      }
    }
  }
}
