package io.attune.opensearch;

import io.attune.lucene.Blend;
import io.attune.lucene.ItemSource;
import io.attune.lucene.SessionRescorer;
import io.attune.lucene.SessionRescorer.OnFailure;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;
import org.opensearch.search.query.QuerySearchResult;
import org.opensearch.search.rescore.RescoreContext;
import org.opensearch.search.rescore.Rescorer;

/**
 * The session rescoring of one request on one shard.
 *
 * <p>The only shard of a search ranks its hits itself. One of several shards leaves its hits in
 * first-pass order and sends the session scores with them, see {@link CoordinatorRanking}.
 *
 * <p>A shard returns only its window. A window is at least as large as a page, so hits beyond it
 * are on no page. If a shard cannot rank, its hits keep their first-pass order.
 */
final class SessionRescore extends RescoreContext {
  private static final Logger LOGGER = LogManager.getLogger(SessionRescore.class);

  private final AttuneService service;
  private final RequestSession session;
  private final Plan plan;
  private final OnFailure onFailure;
  private final boolean ranksAcrossShards;
  private boolean singleShard = true;
  private boolean last = true;
  private @Nullable Query query;
  private @Nullable SessionRescorer rescorer; // remembers its ranking for explanations
  private @Nullable ShardHits shardHits;

  /** What a shard has to rank by. */
  sealed interface Plan {}

  /**
   * Everything that is needed.
   *
   * @param field the field that vectors are found by
   */
  record Ready(
      ItemSource items, SessionVector vector, SessionRescorer.Settings settings, String field)
      implements Plan {
    /** Its rescorer for a query. */
    SessionRescorer rescorer(@Nullable Query query) {
      return new SessionRescorer(
          items, vector, query == null ? settings : settings.withQuery(query));
    }

    /** The number of words of a query, if the blend needs it; otherwise 0. */
    int words(@Nullable Query query) {
      return query != null && settings.blend() instanceof Blend.Learned learned
          ? learned.withQuery(query).words()
          : 0;
    }
  }

  /** The session has no known clicks, so the first pass is kept. */
  record EmptySession() implements Plan {}

  /**
   * Something is missing.
   *
   * @param outcome whether the request is to blame
   */
  record Unavailable(ShardHits.Outcome outcome, String reason) implements Plan {}

  /**
   * Creates a rescoring.
   *
   * @param ranksAcrossShards whether the coordinating node ranks the hits of several shards
   */
  SessionRescore(
      int window,
      AttuneService service,
      RequestSession session,
      Plan plan,
      OnFailure onFailure,
      boolean ranksAcrossShards) {
    super(window, BySession.INSTANCE);
    this.service = service;
    this.session = session;
    this.plan = plan;
    this.onFailure = onFailure;
    this.ranksAcrossShards = ranksAcrossShards;
  }

  /** The session that hits are ranked by. */
  RequestSession session() {
    return session;
  }

  /**
   * Called before use.
   *
   * @param shards number of shards in the search
   * @param isLast whether it is the last of the search's rescorers
   * @param firstPass the query whose hits are rescored; null if it is not known
   */
  void setContext(int shards, boolean isLast, @Nullable Query firstPass) {
    singleShard = shards == 1;
    last = isLast;
    query = firstPass;
  }

  /** Adds what the coordinating node needs to the shard's result. */
  void sendTo(QuerySearchResult answer) {
    if (!singleShard && ranksAcrossShards && !(plan instanceof EmptySession)) {
      ShardHits hits = shardHits;
      if (hits == null) { // there were no hits
        hits = plan instanceof Unavailable unavailable
            ? unscored(answer.topDocs().topDocs, unavailable.outcome, unavailable.reason)
            : scored(answer.topDocs().topDocs, new float[0]);
      }
      hits.writeTo(answer);
    }
  }

  private TopDocs rescore(TopDocs firstPass, IndexSearcher searcher) throws IOException {
    TopDocs window = new TopDocs(
        firstPass.totalHits,
        Arrays.copyOf(firstPass.scoreDocs, Math.min(getWindowSize(), firstPass.scoreDocs.length)));
    if (!singleShard && !last) {
      throw new IllegalArgumentException("of several rescorers on several shards, [session] must be"
          + " the last one, since it ranks the hits of all shards together");
    }
    return switch (plan) {
      case EmptySession empty -> window;
      case Unavailable unavailable -> {
        if (singleShard && unavailable.outcome == ShardHits.Outcome.INVALID_FIELD) {
          throw new IllegalArgumentException(unavailable.reason);
        }
        yield unranked(window, unavailable.outcome, unavailable.reason);
      }
      case Ready ready ->
        singleShard ? ranked(ready, searcher, window) : scored(ready, searcher, window);
    };
  }

  /** Ranks the hits of the only shard. */
  private TopDocs ranked(Ready ready, IndexSearcher searcher, TopDocs window) throws IOException {
    SessionRescorer own = rescorer(ready);
    TopDocs ranked = own.rescore(searcher, window, getWindowSize());
    Exception failure = own.failure();
    if (failure != null) {
      LOGGER.debug("rescoring failed", failure);
      return unranked(window, ShardHits.Outcome.FAILED, String.valueOf(failure.getMessage()));
    }
    setRescoredDocs(own.rankedDocs());
    count(ready, window);
    return ranked;
  }

  private SessionRescorer rescorer(Ready ready) {
    SessionRescorer own = rescorer;
    if (own == null) {
      own = ready.rescorer(query);
      rescorer = own;
    }
    return own;
  }

  /** Scores the hits of one of several shards. */
  private TopDocs scored(Ready ready, IndexSearcher searcher, TopDocs window) throws IOException {
    if (!ranksAcrossShards) {
      return unranked(
          window,
          ShardHits.Outcome.FAILED,
          "the hits of several shards cannot be ranked together on this version of OpenSearch");
    }
    float[] scores;
    try {
      scores = rescorer(ready).scores(searcher, window);
    } catch (IOException | RuntimeException e) {
      if (onFailure == OnFailure.THROW) {
        throw e;
      }
      LOGGER.debug("rescoring failed", e);
      return unranked(window, ShardHits.Outcome.FAILED, String.valueOf(e.getMessage()));
    }
    shardHits = scored(window, scores);
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
    service.countRescored(
        session.model(), ready.field, window.scoreDocs.length, getRescoredDocs().size());
  }

  private TopDocs unranked(TopDocs window, ShardHits.Outcome outcome, String reason) {
    if (onFailure == OnFailure.THROW) {
      throw outcome == ShardHits.Outcome.INVALID_FIELD
          ? new IllegalArgumentException(reason)
          : new IllegalStateException(reason);
    }
    service.countFailed(reason);
    LOGGER.debug("hits are not ranked by session: {}", reason);
    shardHits = unscored(window, outcome, reason);
    return window;
  }

  private ShardHits scored(TopDocs hits, float[] scores) {
    return new ShardHits(
        hits.totalHits,
        hits.scoreDocs,
        scores,
        ShardHits.Outcome.SCORED,
        "",
        plan instanceof Ready ready ? ready.words(query) : 0);
  }

  private static ShardHits unscored(TopDocs hits, ShardHits.Outcome outcome, String reason) {
    float[] none = new float[hits.scoreDocs.length];
    Arrays.fill(none, Float.NaN);
    return new ShardHits(hits.totalHits, hits.scoreDocs, none, outcome, reason, 0);
  }

  private Explanation explain(int doc, IndexSearcher searcher, Explanation firstPass)
      throws IOException {
    return switch (plan) {
      case EmptySession empty ->
        Explanation.match(
            firstPass.getValue(),
            "the session is empty, so the first-pass order is kept",
            firstPass);
      case Unavailable unavailable ->
        Explanation.match(
            firstPass.getValue(),
            "not re-ranked, since its shard could not rank by session: " + unavailable.reason,
            firstPass);
      case Ready ready ->
        singleShard
            ? rescorer(ready).explain(searcher, firstPass, doc)
            : explain(rescorer(ready), doc, searcher, firstPass);
    };
  }

  /** Explains both scores; how they are combined is explained by the coordinating node. */
  private Explanation explain(
      SessionRescorer own, int doc, IndexSearcher searcher, Explanation firstPass)
      throws IOException {
    Explanation bySession;
    try {
      bySession = own.explainSession(searcher, doc);
    } catch (IOException | RuntimeException e) {
      if (onFailure == OnFailure.THROW) {
        throw e;
      }
      bySession = Explanation.noMatch("scoring failed: " + e.getMessage());
    }
    return Explanation.match(firstPass.getValue(), "first pass and session", firstPass, bySession);
  }

  /** The rescorer that OpenSearch calls; its state is in the context. */
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
