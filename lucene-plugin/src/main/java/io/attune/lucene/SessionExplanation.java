package io.attune.lucene;

import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.Explanation;
import org.jspecify.annotations.Nullable;

/**
 * Why a session gives an item its score: the attention that it pays to each click, the learned
 * correction where it clicked the item itself, and whether the item's vector is made of words.
 *
 * @param source the item vectors of documents
 * @param vocabulary resolves the ids of clicks; if null, their rows are shown
 */
record SessionExplanation(
    ItemSource source, SessionVector session, @Nullable Vocabulary vocabulary) {

  /**
   * Explains the session score of a document whose item has a vector.
   *
   * @param doc within the segment
   * @param score its session score
   */
  Explanation of(LeafReaderContext leaf, int doc, float score) throws IOException {
    int row = session.clicked().isEmpty() ? 0 : source.row(leaf, doc);
    String product = "query vector · item vector"
        + (source.isFromWords(leaf, doc) ? ", from its words alone" : "");
    if (!session.clicked().contains(row)) {
      return Explanation.match(score, "session: " + product, attention());
    }
    float addition = session.clicked().of(row);
    return Explanation.match(
        score,
        "session: query vector · item vector, corrected for a clicked item",
        Explanation.match(score - addition, product, attention()),
        Explanation.match(
            addition,
            "learned correction of a clicked item: " + session.clicked().describe(row)));
  }

  /**
   * The attention share of each click, in descending order; of a session of several visits that of
   * each visit, with those of its clicks.
   */
  private List<Explanation> attention() {
    float[] visits = session.visitShares();
    if (visits.length < 2) {
      return attention(0);
    }
    List<Explanation> shares = new ArrayList<>();
    for (int visit = 0; visit < visits.length; visit++) {
      shares.add(Explanation.match(
          visits[visit],
          String.format(
              Locale.ROOT,
              "visit %d of %d: %.0f %%",
              visit + 1,
              visits.length,
              100 * visits[visit]),
          attention(visit)));
    }
    return descending(shares);
  }

  private List<Explanation> attention(int visit) {
    List<Explanation> shares = new ArrayList<>();
    int[] clicks = session.clicks();
    for (int i = 0; i < clicks.length; i++) {
      if (session.visits()[i] != visit) {
        continue;
      }
      String id = vocabulary == null ? "row " + clicks[i] : "id " + vocabulary.id(clicks[i]);
      shares.add(Explanation.match(
          session.attention()[i],
          String.format(
              Locale.ROOT,
              "click %d of %d, %s: %.0f %%",
              i + 1,
              clicks.length,
              id,
              100 * session.attention()[i])));
    }
    return descending(shares);
  }

  private static List<Explanation> descending(List<Explanation> shares) {
    shares.sort((a, b) -> Float.compare(b.getValue().floatValue(), a.getValue().floatValue()));
    return shares;
  }
}
