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
 * What one of several shards says of its hits: both scores of each, not yet one.
 *
 * <p>It travels as hits that are collapsed by a value, the session's score: of the forms that the
 * server sends it is the one that has a value for each hit and a text for all, and that nothing on
 * the way looks into. The coordinating node makes plain hits of it before it merges them.
 *
 * @param hits in the order of the first pass, with its scores
 * @param session the session's score of each; NaN for a hit without a vector
 * @param outcome how far the shard got
 * @param reason why it got no further; empty where it did
 */
record ShardHits(
    TotalHits total, ScoreDoc[] hits, float[] session, Outcome outcome, String reason) {
  private static final String MARK = "attune";
  private static final int PARTS = 3; // mark, outcome, reason

  /** How far a shard got. */
  enum Outcome {
    /** The session scored the hits that have a vector. */
    SCORED,
    /** Something failed, so that no hit has a score of the session. */
    FAILED,
    /** The index has no field that the request could mean. */
    UNFIT
  }

  /** Puts it into a shard's answer. */
  void writeTo(QuerySearchResult answer) {
    FieldDoc[] docs = new FieldDoc[hits.length];
    Object[] values = new Object[hits.length];
    for (int i = 0; i < docs.length; i++) {
      docs[i] = new FieldDoc(hits[i].doc, hits[i].score, new Object[] {hits[i].score});
      values[i] = session[i];
    }
    CollapseTopFieldDocs sent = new CollapseTopFieldDocs(
        String.join(":", MARK, outcome.name(), reason),
        total,
        docs,
        new SortField[] {SortField.FIELD_SCORE},
        values);
    answer.topDocs(
        new TopDocsAndMaxScore(sent, answer.topDocs().maxScore),
        new DocValueFormat[] {DocValueFormat.RAW});
  }

  /** Whether a shard's answer holds one. */
  static boolean isIn(QuerySearchResult answer) {
    return answer.topDocs().topDocs instanceof CollapseTopFieldDocs sent
        && sent.field.startsWith(MARK + ":");
  }

  /** Finds it in a shard's answer; plain hits are those of a shard that could not rank. */
  static ShardHits read(QuerySearchResult answer) {
    TopDocs docs = answer.topDocs().topDocs;
    float[] session = new float[docs.scoreDocs.length];
    if (!(docs instanceof CollapseTopFieldDocs sent) || !isIn(answer)) {
      Arrays.fill(session, Float.NaN);
      return new ShardHits(docs.totalHits, docs.scoreDocs, session, Outcome.FAILED, "");
    }
    String[] parts = sent.field.split(":", PARTS);
    for (int i = 0; i < session.length; i++) {
      session[i] = (Float) sent.collapseValues[i];
    }
    return new ShardHits(
        sent.totalHits, sent.scoreDocs, session, Outcome.valueOf(parts[1]), parts[2]);
  }
}
