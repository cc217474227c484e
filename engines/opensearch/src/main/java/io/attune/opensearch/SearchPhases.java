package io.attune.opensearch;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchPhase;
import org.opensearch.action.search.SearchPhaseContext;
import org.opensearch.action.search.SearchPhaseName;
import org.opensearch.action.search.SearchPhaseResults;
import org.opensearch.action.search.SearchRequestOperationsListener;
import org.opensearch.search.rescore.RescorerBuilder;

/**
 * Ranks the hits of all shards when a search goes on to fetch them.
 *
 * <p>The server's own place for that, a processor of phase results in a search pipeline, is there
 * only for who has named a pipeline or enabled it for the cluster, and is never asked in a search
 * with {@code dfs_query_then_fetch}. So the answers of the shards are taken from the phase that is
 * about to merge them: of its field of that type.
 */
final class SearchPhases extends SearchRequestOperationsListener {
  private static final Logger LOGGER = LogManager.getLogger(SearchPhases.class);
  private static final String FETCH = "org.opensearch.action.search.FetchSearchPhase";
  private static final Optional<Field> ANSWERS = answers();

  private static Optional<Field> answers() {
    try {
      Optional<Field> found = Arrays.stream(Class.forName(FETCH).getDeclaredFields())
          .filter(field -> SearchPhaseResults.class.equals(field.getType()))
          .findFirst();
      found.ifPresent(field -> field.setAccessible(true));
      return found;
    } catch (ClassNotFoundException | RuntimeException e) {
      LOGGER.error("this version of OpenSearch merges hits elsewhere", e);
      return Optional.empty();
    }
  }

  /** Whether this version of the server lets the hits of several shards be ranked together. */
  static boolean areKnown() {
    return ANSWERS.isPresent();
  }

  @Override
  protected void onPhaseStart(SearchPhaseContext context) {
    SearchPhase phase = context.getCurrentPhase();
    if (context.getRequest().source() == null
        || context.getRequest().source().rescores() == null
        || !SearchPhaseName.FETCH.getName().equals(phase.getName())
        || ANSWERS.isEmpty()
        || !ANSWERS.get().getDeclaringClass().isInstance(phase)) {
      return;
    }
    List<RescorerBuilder<?>> rescorers =
        SearchChecks.rescores(context.getRequest().source());
    if (rescorers.getLast() instanceof SessionRescorerBuilder session) {
      try {
        SearchPhaseResults<?> answers = (SearchPhaseResults<?>) ANSWERS.get().get(phase);
        session.gathered().rank(answers.getAtomicArray(), session);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException("cannot read the answers of the shards", e);
      }
    }
  }
}
