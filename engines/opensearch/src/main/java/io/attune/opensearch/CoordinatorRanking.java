package io.attune.opensearch;

import io.attune.lucene.SessionRanking;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.lucene.search.TopDocsAndMaxScore;
import org.opensearch.common.util.concurrent.AtomicArray;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchPhaseResult;
import org.opensearch.search.SearchShardTarget;
import org.opensearch.search.query.QuerySearchResult;

/**
 * Ranks the hits of all shards of one search together, on the coordinating node, so that several
 * shards give the same result as a single index with all documents.
 *
 * <p>Shards send the first-pass and session scores of their hits. The hits are merged by first-pass
 * score, the first of them form the window, and a {@link SessionRanking} ranks it. Hits of a shard
 * that could not rank count as hits without a vector and keep their places.
 *
 * <p>Not thread-safe, but may be used by one thread after another.
 */
final class CoordinatorRanking {
  private volatile @Nullable String requestError;
  private volatile @Nullable Ranked ranked;

  /**
   * A hit of a shard.
   *
   * @param shard index of the shard's result
   */
  private record Hit(int shard, ScoreDoc doc, float session) {}

  /** The hits in their new order. */
  private record Ranked(
      SessionRanking ranking,
      SessionRanking.Places places,
      List<Hit> firstPass,
      List<SearchShardTarget> targets) {}

  /**
   * Ranks the hits of all shards and writes their new scores to the shards' results. Does nothing
   * if the shards sent ordinary hits.
   *
   * @param answers the shards' results; null if a shard failed
   */
  void rank(AtomicArray<? extends SearchPhaseResult> answers, SessionRescorerBuilder rescorer) {
    List<QuerySearchResult> shards = answers.asList().stream()
        .map(SearchPhaseResult::queryResult)
        .filter(shard -> !shard.isNull() && !shard.hasConsumedTopDocs())
        .toList();
    if (shards.stream().noneMatch(ShardHits::isPresent)) {
      return;
    }
    List<ShardHits> sent = shards.stream().map(ShardHits::read).toList();
    List<Hit> hits = merged(sent);
    if (shards.size() == answers.length() && !hits.isEmpty()) {
      requestError = missingFieldError(sent);
    }
    int window = Math.min(rescorer.window(), hits.size());
    float[] first = new float[hits.size()];
    float[] session = new float[window];
    for (int i = 0; i < first.length; i++) {
      first[i] = hits.get(i).doc.score;
      if (i < window) {
        session[i] = hits.get(i).session;
      }
    }
    int words = sent.stream().mapToInt(ShardHits::words).max().orElse(0);
    SessionRanking ranking = SessionRanking.of(rescorer.blend(words), first, session);
    SessionRanking.Places places = ranking.top(first.length);
    adjustTies(places, hits);
    write(shards, sent, places, hits);
    ranked = new Ranked(
        ranking,
        places,
        hits,
        shards.stream().map(SearchPhaseResult::getSearchShardTarget).toList());
  }

  /** Merges first-pass hits as OpenSearch does. */
  private static List<Hit> merged(List<ShardHits> shards) {
    List<Hit> hits = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      ShardHits sent = shards.get(shard);
      for (int place = 0; place < sent.hits().length; place++) {
        hits.add(new Hit(shard, sent.hits()[place], sent.session()[place]));
      }
    }
    // The sort is stable: ties are ordered by shard, then by the shard's own order.
    hits.sort(Comparator.comparingDouble((Hit hit) -> -hit.doc.score));
    return hits;
  }

  private static @Nullable String missingFieldError(List<ShardHits> shards) {
    return shards.stream().allMatch(shard -> shard.outcome() == ShardHits.Outcome.INVALID_FIELD)
        ? shards.getFirst().reason()
        : null;
  }

  /**
   * OpenSearch merges equal scores by shard, so a score is lowered where that would change the
   * order.
   */
  private static void adjustTies(SessionRanking.Places places, List<Hit> hits) {
    float[] scores = places.scores();
    for (int i = 1; i < scores.length; i++) {
      int shard = hits.get(places.before()[i]).shard;
      int shardBefore = hits.get(places.before()[i - 1]).shard;
      if (scores[i] >= scores[i - 1]) {
        scores[i] = shard < shardBefore ? Math.nextDown(scores[i - 1]) : scores[i - 1];
      }
    }
  }

  private static void write(
      List<QuerySearchResult> answers,
      List<ShardHits> sent,
      SessionRanking.Places places,
      List<Hit> hits) {
    List<List<ScoreDoc>> docs = answers.stream()
        .map(shard -> (List<ScoreDoc>) new ArrayList<ScoreDoc>())
        .toList();
    for (int place = 0; place < hits.size(); place++) {
      Hit hit = hits.get(places.before()[place]);
      docs.get(hit.shard).add(new ScoreDoc(hit.doc.doc, places.scores()[place]));
    }
    for (int shard = 0; shard < docs.size(); shard++) {
      ScoreDoc[] ranking = docs.get(shard).toArray(ScoreDoc[]::new);
      answers
          .get(shard)
          .topDocs(
              new TopDocsAndMaxScore(
                  new TopDocs(sent.get(shard).total(), ranking),
                  ranking.length == 0 ? Float.NaN : ranking[0].score),
              null);
    }
  }

  /**
   * Completes the response: adds to explanations what a hit's shard could not know about its rank.
   *
   * @param from rank of the first hit in the response, from 0
   * @throws IllegalArgumentException if no index has the field that the request names
   */
  void complete(SearchResponse response, int from) {
    if (requestError != null) {
      throw new IllegalArgumentException(requestError);
    }
    Ranked current = ranked;
    SearchHit[] hits = response.getHits().getHits();
    if (current == null || Arrays.stream(hits).allMatch(hit -> hit.getExplanation() == null)) {
      return;
    }
    // Response processors may have reordered the hits, and hits of other clusters may be among
    // them.
    int start = response.getClusters().getTotal() > 1 ? 0 : from;
    Map<List<Object>, Queue<Integer>> places = new HashMap<>();
    for (int place = start; place < current.ranking.size(); place++) {
      Hit hit = current.firstPass.get(current.places.before()[place]);
      places
          .computeIfAbsent(
              key(current.targets.get(hit.shard), current.places.scores()[place]),
              scored -> new ArrayDeque<>())
          .add(place);
    }
    for (SearchHit hit : hits) {
      Queue<Integer> scored = places.get(key(hit.getShard(), hit.getScore()));
      Integer place = scored == null ? null : scored.poll();
      if (place != null && hit.getExplanation() != null) {
        hit.explanation(explained(current, place, hit.getExplanation()));
      }
    }
  }

  private static List<Object> key(@Nullable SearchShardTarget shard, float score) {
    return shard == null
        ? List.of(score)
        : List.of(shard.getShardId(), String.valueOf(shard.getClusterAlias()), score);
  }

  private static Explanation explained(Ranked current, int place, Explanation byShard) {
    int before = current.places.before()[place];
    return Explanation.match(
        current.places.scores()[place],
        current.ranking.describe(before, place),
        current.ranking.hasVector(before) ? byShard.getDetails() : new Explanation[] {byShard});
  }
}
