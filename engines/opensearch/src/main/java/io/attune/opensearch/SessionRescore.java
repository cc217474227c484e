package io.attune.opensearch;

import io.attune.lucene.SessionRescorer;
import io.attune.lucene.SessionRescorer.OnFailure;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;
import org.opensearch.search.query.QuerySearchResult;
import org.opensearch.search.rescore.RescoreContext;
import org.opensearch.search.rescore.Rescorer;

/**
 * Rescoring on one shard for one request.
 *
 * <p>The only shard of a search ranks its hits itself. One of several leaves them in the order of
 * the first pass, and sends the session's scores beside them: see {@link GatheredHits}.
 *
 * <p>A shard answers with its window and no more: a window is at least a page, so hits behind it
 * are on no page. Where it cannot rank, its hits keep their first pass.
 */
final class SessionRescore extends RescoreContext {
  private static final Logger LOGGER = LogManager.getLogger(SessionRescore.class);

  private final AttuneNode node;
  private final RequestSession session;
  private final Means means;
  private final OnFailure onFailure;
  private final boolean gathered;
  private boolean alone = true;
  private boolean last = true;
  private @Nullable ShardHits found;

  /** By what a shard ranks. */
  sealed interface Means {}

  /**
   * Everything is there.
   *
   * @param field that the vectors come from
   */
  record Ready(SessionRescorer rescorer, String field) implements Means {}

  /** The session has no known click, so the first pass decides. */
  record Nothing() implements Means {}

  /**
   * Something is not there.
   *
   * @param outcome whether it is the request's fault
   */
  record Missing(ShardHits.Outcome outcome, String reason) implements Means {}

  /**
   * A rescoring to be done.
   *
   * @param gathered whether the coordinating node ranks the hits of several shards
   */
  SessionRescore(
      int window,
      AttuneNode node,
      RequestSession session,
      Means means,
      OnFailure onFailure,
      boolean gathered) {
    super(window, BySession.INSTANCE);
    this.node = node;
    this.session = session;
    this.means = means;
    this.onFailure = onFailure;
    this.gathered = gathered;
  }

  /** The session by which hits are ranked. */
  RequestSession session() {
    return session;
  }

  /**
   * Told before it is used.
   *
   * @param shards of the search
   * @param isLast of its rescorers
   */
  void isPartOf(int shards, boolean isLast) {
    alone = shards == 1;
    last = isLast;
  }

  /** Puts what the coordinating node needs into the shard's answer. */
  void send(QuerySearchResult answer) {
    if (!alone && gathered && !(means instanceof Nothing)) {
      ShardHits hits = found;
      if (hits == null) { // nothing was hit
        hits = means instanceof Missing missing
            ? unscored(answer.topDocs().topDocs, missing.outcome, missing.reason)
            : scored(answer.topDocs().topDocs, new float[0]);
      }
      hits.writeTo(answer);
    }
  }

  private TopDocs rescore(TopDocs firstPass, IndexSearcher searcher) throws IOException {
    TopDocs window = new TopDocs(
        firstPass.totalHits,
        Arrays.copyOf(firstPass.scoreDocs, Math.min(getWindowSize(), firstPass.scoreDocs.length)));
    if (!alone && !last) {
      throw new IllegalArgumentException("of several rescorers on several shards the session must"
          + " be the last, since it ranks the hits of all shards together");
    }
    return switch (means) {
      case Nothing nothing -> window;
      case Missing missing -> {
        if (alone && missing.outcome == ShardHits.Outcome.UNFIT) {
          throw new IllegalArgumentException(missing.reason);
        }
        yield unranked(window, missing.outcome, missing.reason);
      }
      case Ready ready -> alone ? ranked(ready, searcher, window) : scored(ready, searcher, window);
    };
  }

  /** The only shard's hits. */
  private TopDocs ranked(Ready ready, IndexSearcher searcher, TopDocs window) throws IOException {
    SessionRescorer rescorer = ready.rescorer;
    TopDocs ranked = rescorer.rescore(searcher, window, getWindowSize());
    Exception failure = rescorer.failure();
    if (failure != null) {
      LOGGER.debug("rescoring failed", failure);
      return unranked(window, ShardHits.Outcome.FAILED, String.valueOf(failure.getMessage()));
    }
    setRescoredDocs(rescorer.rankedDocs());
    count(ready, window);
    return ranked;
  }

  /** The hits of one shard of several. */
  private TopDocs scored(Ready ready, IndexSearcher searcher, TopDocs window) throws IOException {
    if (!gathered) {
      return unranked(
          window,
          ShardHits.Outcome.FAILED,
          "this version of OpenSearch is not known to"
              + " let the hits of several shards be ranked together");
    }
    float[] scores;
    try {
      scores = ready.rescorer.scores(searcher, window);
    } catch (IOException | RuntimeException e) {
      if (onFailure == OnFailure.THROW) {
        throw e;
      }
      LOGGER.debug("rescoring failed", e);
      return unranked(window, ShardHits.Outcome.FAILED, String.valueOf(e.getMessage()));
    }
    found = scored(window, scores);
    Set<Integer> docs = new HashSet<>();
    for (int i = 0; i < scores.length; i++) {
      if (!Float.isNaN(scores[i])) {
        docs.add(window.scoreDocs[i].doc);
      }
    }
    setRescoredDocs(docs);
    count(ready, window);
    return window;
  }

  private void count(Ready ready, TopDocs window) {
    node.countRescored(
        session.model(), ready.field, window.scoreDocs.length, getRescoredDocs().size());
  }

  private TopDocs unranked(TopDocs window, ShardHits.Outcome outcome, String reason) {
    if (onFailure == OnFailure.THROW) {
      throw outcome == ShardHits.Outcome.UNFIT
          ? new IllegalArgumentException(reason)
          : new IllegalStateException(reason);
    }
    node.countFailed(reason);
    LOGGER.debug("hits are not ranked by session: {}", reason);
    found = unscored(window, outcome, reason);
    return window;
  }

  private static ShardHits scored(TopDocs hits, float[] scores) {
    return new ShardHits(hits.totalHits, hits.scoreDocs, scores, ShardHits.Outcome.SCORED, "");
  }

  private static ShardHits unscored(TopDocs hits, ShardHits.Outcome outcome, String reason) {
    float[] none = new float[hits.scoreDocs.length];
    Arrays.fill(none, Float.NaN);
    return new ShardHits(hits.totalHits, hits.scoreDocs, none, outcome, reason);
  }

  private Explanation explain(int doc, IndexSearcher searcher, Explanation firstPass)
      throws IOException {
    return switch (means) {
      case Nothing nothing ->
        Explanation.match(
            firstPass.getValue(), "the session is empty, so the first pass decides", firstPass);
      case Missing missing ->
        Explanation.match(
            firstPass.getValue(),
            "its shard could not rank by session, so it keeps its place: " + missing.reason,
            firstPass);
      case Ready ready ->
        alone
            ? ready.rescorer.explain(searcher, firstPass, doc)
            : explain(ready.rescorer, doc, searcher, firstPass);
    };
  }

  /** Both scores; what becomes of them is said where all shards are known. */
  private Explanation explain(
      SessionRescorer rescorer, int doc, IndexSearcher searcher, Explanation firstPass)
      throws IOException {
    Explanation bySession;
    try {
      bySession = rescorer.explainSession(searcher, doc);
    } catch (IOException | RuntimeException e) {
      if (onFailure == OnFailure.THROW) {
        throw e;
      }
      bySession = Explanation.noMatch("scoring failed: " + e.getMessage());
    }
    return Explanation.match(firstPass.getValue(), "first pass and session", firstPass, bySession);
  }

  /** What OpenSearch calls; everything is in the context. */
  private enum BySession implements Rescorer {
    INSTANCE;

    @Override
    public TopDocs rescore(TopDocs firstPass, IndexSearcher searcher, RescoreContext context)
        throws IOException {
      return firstPass.scoreDocs.length == 0
          ? firstPass
          : ((SessionRescore) context).rescore(firstPass, searcher);
    }

    @Override
    public Explanation explain(
        int doc, IndexSearcher searcher, RescoreContext context, Explanation firstPass)
        throws IOException {
      return ((SessionRescore) context).explain(doc, searcher, firstPass);
    }
  }
}
