package io.attune.opensearch;

import io.attune.lucene.SessionRescorer;
import io.attune.lucene.SessionRescorer.OnFailure;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;
import org.opensearch.search.rescore.RescoreContext;
import org.opensearch.search.rescore.Rescorer;

/**
 * Rescoring on one shard for one request.
 *
 * <p>A shard answers with its window and no more: a window is at least a page, so hits behind it
 * are on no page, and no hit that was rescored competes with one that was not. Where rescoring
 * fails, the shard's hits keep their order, and come below all hits of other shards: see
 * {@link #below}.
 */
final class SessionRescore extends RescoreContext {
  private static final Logger LOGGER = LogManager.getLogger(SessionRescore.class);

  private final AttuneNode node;
  private final RequestSession.Encoded session;
  private final @Nullable SessionRescorer rescorer;
  private final OnFailure onFailure;
  private final @Nullable String explainedAs;

  /**
   * A rescoring to be done.
   *
   * @param rescorer empty where this node does not hold the version of the model
   * @param explainedAs key of the ranking, null where nobody will ask for it
   */
  SessionRescore(
      int window,
      AttuneNode node,
      RequestSession.Encoded session,
      Optional<SessionRescorer> rescorer,
      OnFailure onFailure,
      @Nullable String explainedAs) {
    super(window, BySession.INSTANCE);
    this.node = node;
    this.session = session;
    this.rescorer = rescorer.orElse(null);
    this.onFailure = onFailure;
    this.explainedAs = explainedAs;
  }

  /** The session by which hits are ranked. */
  RequestSession.Encoded session() {
    return session;
  }

  private TopDocs rescore(TopDocs firstPass, IndexSearcher searcher) throws IOException {
    if (rescorer == null) {
      String missing = "this node does not hold the model " + session.modelVersion();
      if (onFailure == OnFailure.THROW) {
        throw new IllegalStateException(missing);
      }
      return unranked(firstPass, missing);
    }
    TopDocs ranked = rescorer.rescore(searcher, firstPass, getWindowSize());
    Exception failure = rescorer.failure();
    if (failure != null) {
      LOGGER.debug("rescoring failed", failure);
      return unranked(firstPass, String.valueOf(failure.getMessage()));
    }
    if (!session.vector().isEmpty()) {
      node.countRescored();
      setRescoredDocs(documents(ranked));
      if (explainedAs != null) {
        node.explained().put(explainedAs, rescorer);
      }
    }
    return ranked;
  }

  private static Set<Integer> documents(TopDocs hits) {
    return Arrays.stream(hits.scoreDocs)
        .map((ScoreDoc hit) -> hit.doc)
        .collect(Collectors.toUnmodifiableSet());
  }

  private TopDocs unranked(TopDocs firstPass, String reason) {
    node.countFailed();
    LOGGER.debug("hits are not ranked by session: {}", reason);
    ScoreDoc[] hits = Arrays.stream(firstPass.scoreDocs)
        .limit(getWindowSize())
        .map(hit -> new ScoreDoc(hit.doc, below(hit.score), hit.shardIndex))
        .toArray(ScoreDoc[]::new);
    return new TopDocs(firstPass.totalHits, hits);
  }

  private Explanation explain(int doc, IndexSearcher searcher, Explanation firstPass) {
    if (session.vector().isEmpty()) {
      return Explanation.match(
          firstPass.getValue(), "the session is empty, so the first pass decides", firstPass);
    }
    if (!isRescored(doc)) {
      return Explanation.match(
          below(firstPass.getValue().floatValue()),
          "this shard could not rank by session, so its hits keep their order below all others",
          firstPass);
    }
    SessionRescorer ranked = explainedAs == null ? rescorer : node.explained().get(explainedAs);
    return ranked == null
        ? Explanation.match(
            firstPass.getValue(), "ranked by session; how is no longer known", firstPass)
        : ranked.explain(searcher, firstPass, doc);
  }

  /**
   * A score that keeps the order of first-pass scores, and is below {@code -1e33}, where no
   * rescored hit is: the floats are squeezed into the lowest of them, 32 onto one.
   */
  static float below(float first) {
    int bits = Float.floatToIntBits(first);
    long place = (bits ^ ((bits >> 31) & 0x7fffffff)) - (long) Integer.MIN_VALUE;
    int magnitude = Float.floatToIntBits(Float.MAX_VALUE) - (int) (place >>> 5);
    return -Float.intBitsToFloat(magnitude);
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
        int doc, IndexSearcher searcher, RescoreContext context, Explanation firstPass) {
      return ((SessionRescore) context).explain(doc, searcher, firstPass);
    }
  }
}
