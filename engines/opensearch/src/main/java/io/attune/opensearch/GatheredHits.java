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
 * The hits of all shards of one search, on the node that coordinates it: ranked together, so that
 * several shards say what one index of all documents says.
 *
 * <p>Shards send both scores of their hits. Merged by the first pass, the first of them are the
 * window, and the {@link SessionRanking} of the window decides. A hit of a shard that could not
 * rank is a hit without a vector there: it keeps its place.
 *
 * <p>Used by one thread after another.
 */
final class GatheredHits {
  private volatile @Nullable String wrong;
  private volatile @Nullable Ranked ranked;

  /**
   * A hit as its shard has it.
   *
   * @param shard index into the answers
   */
  private record Hit(int shard, ScoreDoc doc, float session) {}

  /** The hits as they stand now. */
  private record Ranked(
      SessionRanking ranking,
      SessionRanking.Places places,
      List<Hit> firstPass,
      List<SearchShardTarget> targets) {}

  /**
   * Ranks the hits of all shards, and writes the scores they have now into their answers. Does
   * nothing where shards sent plain hits.
   *
   * @param answers of shards; null where a shard failed
   */
  void rank(AtomicArray<? extends SearchPhaseResult> answers, SessionRescorerBuilder rescorer) {
    List<QuerySearchResult> shards = answers.asList().stream()
        .map(SearchPhaseResult::queryResult)
        .filter(shard -> !shard.isNull() && !shard.hasConsumedTopDocs())
        .toList();
    if (shards.stream().noneMatch(ShardHits::isIn)) {
      return;
    }
    List<ShardHits> sent = shards.stream().map(ShardHits::read).toList();
    List<Hit> hits = merged(sent);
    if (shards.size() == answers.length() && !hits.isEmpty()) {
      wrong = fieldIsNowhere(sent);
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
    SessionRanking ranking = SessionRanking.of(rescorer.blend(), first, session);
    SessionRanking.Places places = ranking.top(first.length);
    settle(places, hits);
    write(shards, sent, places, hits);
    ranked = new Ranked(
        ranking,
        places,
        hits,
        shards.stream().map(SearchPhaseResult::getSearchShardTarget).toList());
  }

  /** The hits of the first pass, as the server merges them. */
  private static List<Hit> merged(List<ShardHits> shards) {
    List<Hit> hits = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      ShardHits sent = shards.get(shard);
      for (int place = 0; place < sent.hits().length; place++) {
        hits.add(new Hit(shard, sent.hits()[place], sent.session()[place]));
      }
    }
    // The sort is stable: of equal scores the earlier shard, and its earlier hit, come first.
    hits.sort(Comparator.comparingDouble((Hit hit) -> -hit.doc.score));
    return hits;
  }

  private static @Nullable String fieldIsNowhere(List<ShardHits> shards) {
    return shards.stream().allMatch(shard -> shard.outcome() == ShardHits.Outcome.UNFIT)
        ? shards.getFirst().reason()
        : null;
  }

  /** The server merges equal scores by shard: scores fall where that would change the order. */
  private static void settle(SessionRanking.Places places, List<Hit> hits) {
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
      ScoreDoc[] now = docs.get(shard).toArray(ScoreDoc[]::new);
      answers
          .get(shard)
          .topDocs(
              new TopDocsAndMaxScore(
                  new TopDocs(sent.get(shard).total(), now),
                  now.length == 0 ? Float.NaN : now[0].score),
              null);
    }
  }

  /**
   * Completes an answer: what a hit's shard could not know of its place is added to its
   * explanation.
   *
   * @param from the place of the first hit, from 0
   * @throws IllegalArgumentException when no index has the field that the request names
   */
  void complete(SearchResponse response, int from) {
    if (wrong != null) {
      throw new IllegalArgumentException(wrong);
    }
    Ranked now = ranked;
    SearchHit[] hits = response.getHits().getHits();
    if (now == null || Arrays.stream(hits).allMatch(hit -> hit.getExplanation() == null)) {
      return;
    }
    // Others may have reordered the hits since, or put those of other clusters between them.
    int start = response.getClusters().getTotal() > 1 ? 0 : from;
    Map<List<Object>, Queue<Integer>> places = new HashMap<>();
    for (int place = start; place < now.ranking.size(); place++) {
      Hit hit = now.firstPass.get(now.places.before()[place]);
      places
          .computeIfAbsent(
              key(now.targets.get(hit.shard), now.places.scores()[place]),
              scored -> new ArrayDeque<>())
          .add(place);
    }
    for (SearchHit hit : hits) {
      Queue<Integer> scored = places.get(key(hit.getShard(), hit.getScore()));
      Integer place = scored == null ? null : scored.poll();
      if (place != null && hit.getExplanation() != null) {
        hit.explanation(explained(now, place, hit.getExplanation()));
      }
    }
  }

  private static List<Object> key(@Nullable SearchShardTarget shard, float score) {
    return shard == null
        ? List.of(score)
        : List.of(shard.getShardId(), String.valueOf(shard.getClusterAlias()), score);
  }

  private static Explanation explained(Ranked now, int place, Explanation byShard) {
    int before = now.places.before()[place];
    return Explanation.match(
        now.places.scores()[place],
        now.ranking.describe(before, place),
        now.ranking.hasVector(before) ? byShard.getDetails() : new Explanation[] {byShard});
  }
}
