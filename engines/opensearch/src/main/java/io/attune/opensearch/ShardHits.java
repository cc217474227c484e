package io.attune.opensearch;

import java.util.Arrays;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.grouping.CollapseTopFieldDocs;
import org.opensearch.common.lucene.search.TopDocsAndMaxScore;
import org.opensearch.search.DocValueFormat;
import org.opensearch.search.query.QuerySearchResult;

/**
 * The hits of one of several shards, with both scores of each hit.
 *
 * <p>Shards send it as collapsed hits whose collapse value is the session score: of the result
 * types that OpenSearch can serialize, this is the one with a value per hit and a text for all, and
 * nothing on the way inspects it. The coordinating node replaces it by ordinary hits before it
 * merges them.
 *
 * @param hits in first-pass order, with first-pass scores
 * @param session the session score of each hit; NaN for a hit without a vector
 * @param outcome whether the shard could rank
 * @param reason why it could not; empty if it could
 * @param words number of words of the query, if the blend needs it; otherwise 0
 */
record ShardHits(
    TotalHits total, ScoreDoc[] hits, float[] session, Outcome outcome, String reason, int words) {
  private static final String PREFIX = "attune";
  private static final int PARTS = 3; // prefix, outcome, reason

  /** Whether a shard could rank its hits. */
  enum Outcome {
    /** The hits with a vector have session scores. */
    SCORED,
    /** Something failed, so no hit has a session score. */
    FAILED,
    /** The index has no field that the request could refer to. */
    INVALID_FIELD
  }

  /** Writes it to a shard's result. */
  void writeTo(QuerySearchResult answer) {
    FieldDoc[] docs = new FieldDoc[hits.length];
    Object[] values = new Object[hits.length];
    for (int i = 0; i < docs.length; i++) {
      docs[i] = new FieldDoc(hits[i].doc, hits[i].score, new Object[] {hits[i].score});
      values[i] = session[i];
    }
    CollapseTopFieldDocs sent = new CollapseTopFieldDocs(
        String.join(":", PREFIX, words == 0 ? outcome.name() : outcome + "/" + words, reason),
        total,
        docs,
        new SortField[] {SortField.FIELD_SCORE},
        values);
    answer.topDocs(
        new TopDocsAndMaxScore(sent, answer.topDocs().maxScore),
        new DocValueFormat[] {DocValueFormat.RAW});
  }

  /** Whether a shard's result contains one. */
  static boolean isPresent(QuerySearchResult answer) {
    return answer.topDocs().topDocs instanceof CollapseTopFieldDocs sent
        && sent.field.startsWith(PREFIX + ":");
  }

  /** Reads it from a shard's result. Ordinary hits are those of a shard that could not rank. */
  static ShardHits read(QuerySearchResult answer) {
    TopDocs docs = answer.topDocs().topDocs;
    float[] session = new float[docs.scoreDocs.length];
    if (!(docs instanceof CollapseTopFieldDocs sent) || !isPresent(answer)) {
      Arrays.fill(session, Float.NaN);
      return new ShardHits(docs.totalHits, docs.scoreDocs, session, Outcome.FAILED, "", 0);
    }
    String[] parts = sent.field.split(":", PARTS);
    for (int i = 0; i < session.length; i++) {
      session[i] = (Float) sent.collapseValues[i];
    }
    String[] outcome = parts[1].split("/", 2);
    return new ShardHits(
        sent.totalHits,
        sent.scoreDocs,
        session,
        Outcome.valueOf(outcome[0]),
        parts[2],
        outcome.length == 1 ? 0 : Integer.parseInt(outcome[1]));
  }
}
