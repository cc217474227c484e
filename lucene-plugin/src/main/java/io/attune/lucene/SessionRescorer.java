package io.attune.lucene;

import io.attune.model.LearnedBlend;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Rescorer;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;

/**
 * A rescorer that re-ranks the hits of a query by a visitor's session.
 *
 * <p>The first {@code window} hits are rescored; the others follow in their order.
 * {@link SessionRanking} defines the resulting order and scores. An empty session changes neither.
 *
 * <p>The caller's hits are never modified. If rescoring fails or exceeds its budget, the first pass
 * is returned and {@link #failure} has the reason, unless the settings ask for
 * {@link OnFailure#THROW}.
 *
 * <p>Use one object per request: it remembers its last ranking for {@link #explain}. Not
 * thread-safe.
 */
public final class SessionRescorer extends Rescorer {
  /** The most hits that are chosen for diversity: further down few look. */
  public static final int DIVERSE_HITS = 100;

  private final ItemSource source;
  private final SessionVector session;
  private final Settings settings;
  private @Nullable Last last;
  private @Nullable Exception failure;

  /** What to do if rescoring fails. */
  public enum OnFailure {
    /** Return the first pass. */
    FIRST_PASS,
    /** Throw the exception. */
    THROW
  }

  /**
   * The settings of a rescorer. Start from {@link #defaults} and change what differs.
   *
   * @param blend how first-pass and session scores are combined; null for the learned blend of the
   *     model that the items are joined with, or {@link Blend#defaults} where there is none
   * @param window number of first hits to rescore
   * @param budget maximum time for scoring, checked every {@value ItemSource#BLOCK} hits
   * @param nanoTime the clock that the budget is measured by, in nanoseconds
   * @param onFailure what to do if scoring fails or exceeds its budget
   * @param vocabulary resolves the ids of clicks in explanations; if null, their rows are shown
   * @param query the query of the first pass, whose words a learned blend counts; null if it is not
   *     known
   * @param diversity how much the first {@value #DIVERSE_HITS} hits shall differ: from 0, by score
   *     alone, to 1
   */
  public record Settings(
      @Nullable Blend blend,
      int window,
      Duration budget,
      LongSupplier nanoTime,
      OnFailure onFailure,
      @Nullable Vocabulary vocabulary,
      @Nullable Query query,
      float diversity) {

    public Settings {
      if (window < 1) {
        throw new IllegalArgumentException("window must be 1 or more, not " + window);
      }
      if (!(diversity >= 0 && diversity <= 1)) {
        throw new IllegalArgumentException("diversity must be from 0 to 1, not " + diversity);
      }
    }

    /**
     * The learned blend of the model that the items are joined with, or else equal weights of first
     * pass and session, min-max normalized; over a window of 1,000 hits, without a time budget; the
     * first pass is returned on failure.
     */
    public static Settings defaults() {
      return new Settings(
          null,
          1000,
          Duration.ofDays(1),
          () -> 0, // no budget, so no clock is read
          OnFailure.FIRST_PASS,
          null,
          null,
          0);
    }

    /** Returns these settings with another blend; null for that of the model. */
    public Settings withBlend(@Nullable Blend other) {
      return new Settings(other, window, budget, nanoTime, onFailure, vocabulary, query, diversity);
    }

    /**
     * The blend by which a model's hits are ranked: that of these settings, or else the model's.
     *
     * @param learned the model's; null if it has none
     * @throws IllegalArgumentException if this version does not know a weight of the model's
     */
    public Blend blendOf(@Nullable LearnedBlend learned) {
      Blend chosen = blend == null ? Blend.of(learned) : blend;
      return chosen instanceof Blend.Learned unaware && query != null
          ? unaware.withQuery(query)
          : chosen;
    }

    /** Returns these settings with another window, in hits. */
    public Settings withWindow(int hits) {
      return new Settings(blend, hits, budget, nanoTime, onFailure, vocabulary, query, diversity);
    }

    /**
     * Returns these settings with a time budget.
     *
     * @param limit maximum time for scoring
     * @param clock a clock in nanoseconds, such as {@link System#nanoTime}
     */
    public Settings withBudget(Duration limit, LongSupplier clock) {
      return new Settings(blend, window, limit, clock, onFailure, vocabulary, query, diversity);
    }

    /** Returns these settings with another reaction to failures. */
    public Settings withOnFailure(OnFailure other) {
      return new Settings(blend, window, budget, nanoTime, other, vocabulary, query, diversity);
    }

    /** Returns these settings with a vocabulary, so that explanations show the ids of clicks. */
    public Settings withVocabulary(Vocabulary names) {
      return new Settings(blend, window, budget, nanoTime, onFailure, names, query, diversity);
    }

    /**
     * Returns these settings with another diversity.
     *
     * @param degree from 0, by score alone, to 1
     */
    public Settings withDiversity(float degree) {
      return new Settings(blend, window, budget, nanoTime, onFailure, vocabulary, query, degree);
    }

    /** Returns these settings for a query, so that a learned blend knows its words. */
    public Settings withQuery(Query words) {
      return new Settings(blend, window, budget, nanoTime, onFailure, vocabulary, words, diversity);
    }
  }

  /**
   * The last ranking.
   *
   * @param docs documents in first-pass order
   * @param session session scores of the window; NaN without a vector
   */
  private record Last(int[] docs, float[] session, SessionRanking ranking) {}

  /**
   * Creates a rescorer with {@linkplain Settings#defaults default settings}.
   *
   * @param source provides the item vectors of documents
   * @param session the session to rank by
   */
  public SessionRescorer(ItemSource source, SessionVector session) {
    this(source, session, Settings.defaults());
  }

  /**
   * Creates a rescorer.
   *
   * @param source provides the item vectors of documents
   * @param session the session to rank by
   */
  public SessionRescorer(ItemSource source, SessionVector session, Settings settings) {
    this.source = source;
    this.session = session;
    this.settings = settings;
  }

  /** The reason why the last call returned the first pass; null if it did not fail. */
  public @Nullable Exception failure() {
    return failure;
  }

  @Override
  public TopDocs rescore(IndexSearcher searcher, TopDocs firstPass, int topN) throws IOException {
    last = null;
    failure = null;
    ScoreDoc[] hits = firstPass.scoreDocs;
    if (!session.isEmpty() && hits.length > 0) {
      try {
        return new TopDocs(firstPass.totalHits, ranked(searcher, hits, topN));
      } catch (IOException | RuntimeException e) {
        if (settings.onFailure == OnFailure.THROW) {
          throw e;
        }
        failure = e;
      }
    }
    ScoreDoc[] top = new ScoreDoc[Math.min(topN, hits.length)];
    for (int i = 0; i < top.length; i++) {
      // copied, since the hits belong to the caller
      top[i] = new ScoreDoc(hits[i].doc, hits[i].score, hits[i].shardIndex);
    }
    return new TopDocs(firstPass.totalHits, top);
  }

  /**
   * Returns the session scores only, for a caller that ranks the hits of several indexes together
   * with a {@link SessionRanking}.
   *
   * @return the scores of the window in first-pass order; NaN for a hit without a vector
   * @throws RuntimeException if scoring fails or exceeds its budget, whatever {@link OnFailure} is
   *     set
   */
  public float[] scores(IndexSearcher searcher, TopDocs firstPass) throws IOException {
    ScoreDoc[] hits = firstPass.scoreDocs;
    int window = Math.min(settings.window, hits.length);
    return scores(searcher, docs(hits), window, budget(window));
  }

  private ScoreDoc[] ranked(IndexSearcher searcher, ScoreDoc[] hits, int topN) throws IOException {
    int[] docs = docs(hits);
    float[] first = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      first[i] = hits[i].score;
    }
    int window = Math.min(settings.window, hits.length);
    IntConsumer budget = budget(window);
    float[] bySession = scores(searcher, docs, window, budget);
    SessionRanking ranking = SessionRanking.of(settings.blendOf(source.blend()), first, bySession);
    if (settings.diversity > 0) {
      ranking = ranking.diverse(
          settings.diversity,
          Math.min(topN, DIVERSE_HITS),
          session.query().length,
          vectors(searcher, docs, budget));
    }
    SessionRanking.Places top = ranking.top(Math.min(topN, hits.length));
    ScoreDoc[] ranked = new ScoreDoc[top.before().length];
    for (int place = 0; place < ranked.length; place++) {
      int from = top.before()[place];
      ranked[place] = new ScoreDoc(docs[from], top.scores()[place], hits[from].shardIndex);
    }
    last = new Last(docs, bySession, ranking);
    return ranked;
  }

  /** The item vectors of hits by their place in the first pass. */
  private MarginalRelevance.Vectors vectors(
      IndexSearcher searcher, int[] docs, IntConsumer budget) {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    ItemSource.DocVectors[] bySegment = new ItemSource.DocVectors[leaves.size()];
    return (hit, into) -> {
      budget.accept(docs.length);
      int segment = ReaderUtil.subIndex(docs[hit], leaves);
      LeafReaderContext leaf = leaves.get(segment);
      if (bySegment[segment] == null) {
        bySegment[segment] = source.vectors(leaf, into.length);
      }
      bySegment[segment].copy(docs[hit] - leaf.docBase, into);
    };
  }

  private static int[] docs(ScoreDoc[] hits) {
    int[] docs = new int[hits.length];
    for (int i = 0; i < hits.length; i++) {
      docs[i] = hits[i].doc;
    }
    return docs;
  }

  /** Throws when it is told of progress and the time is over; it begins now. */
  private IntConsumer budget(int window) {
    long deadline = settings.nanoTime.getAsLong() + settings.budget.toNanos();
    return scored -> {
      if (settings.nanoTime.getAsLong() - deadline > 0) {
        throw new IllegalStateException("rescoring exceeded its budget of "
            + settings.budget.toMillis() + " ms after " + scored + " of " + window + " hits");
      }
    };
  }

  /** Scores the hits of the window, one segment after the other. */
  private float[] scores(IndexSearcher searcher, int[] hits, int window, IntConsumer checkBudget)
      throws IOException {
    for (float element : session.query()) {
      if (!Float.isFinite(element)) {
        throw new NotFiniteException(
            "the query vector contains " + element + ": the model is damaged");
      }
    }
    long[] sorted = new long[window];
    for (int i = 0; i < window; i++) {
      sorted[i] = RadixSort.pack(hits[i], i);
    }
    RadixSort.sort(sorted);
    int[] docs = new int[window]; // within their segments
    float[] found = new float[window];
    int from = 0;
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      int end = leaf.docBase + leaf.reader().maxDoc();
      int to = from;
      while (to < window && RadixSort.key(sorted[to]) < end) {
        docs[to] = RadixSort.key(sorted[to]) - leaf.docBase;
        to++;
      }
      if (from < to) {
        source.score(leaf, session, docs, from, to, found, checkBudget);
      }
      from = to;
    }
    float[] scores = new float[window];
    for (int i = 0; i < window; i++) {
      if (Float.isInfinite(found[i])) {
        throw new NotFiniteException("the session score of document "
            + RadixSort.key(sorted[i]) + " is " + found[i]
            + ": the model or the index is damaged");
      }
      scores[RadixSort.index(sorted[i])] = found[i];
    }
    return scores;
  }

  /**
   * Explains a hit of this object's last ranking.
   *
   * @throws IllegalArgumentException if the document was not part of it
   */
  @Override
  public Explanation explain(IndexSearcher searcher, Explanation firstPass, int doc)
      throws IOException {
    Last current = last;
    if (current == null) {
      Exception reason = failure;
      String why = reason != null
          ? "rescoring failed (" + reason.getMessage() + ")"
          : "the session is empty";
      return Explanation.match(
          firstPass.getValue(), why + ", so the first-pass order is kept", firstPass);
    }
    SessionRanking ranking = current.ranking;
    SessionRanking.Places all = ranking.top(ranking.size());
    int place = 0;
    while (place < ranking.size() && current.docs[all.before()[place]] != doc) {
      place++;
    }
    if (place == ranking.size()) {
      throw new IllegalArgumentException(
          "document " + doc + " is not among the " + place + " hits of the last ranking");
    }
    int before = all.before()[place];
    String why = ranking.describe(before, place);
    return ranking.hasVector(before)
        ? Explanation.match(
            all.scores()[place], why, firstPass, bySession(searcher, doc, current.session[before]))
        : Explanation.match(all.scores()[place], why, firstPass);
  }

  /** The documents of the last ranking whose items have a vector; empty if there was no ranking. */
  public Set<Integer> rankedDocs() {
    Set<Integer> docs = new HashSet<>();
    Last current = last;
    for (int i = 0; current != null && i < current.session.length; i++) {
      if (current.ranking.hasVector(i)) {
        docs.add(current.docs[i]);
      }
    }
    return docs;
  }

  /**
   * Explains the session score of any document, for a caller that ranks by {@link #scores}.
   *
   * @return no match if its item has no vector
   */
  public Explanation explainSession(IndexSearcher searcher, int doc) throws IOException {
    ScoreDoc[] hit = {new ScoreDoc(doc, 0)};
    float score = scores(searcher, docs(hit), 1, budget(1))[0];
    return Float.isNaN(score)
        ? Explanation.noMatch("its item has no vector")
        : bySession(searcher, doc, score);
  }

  private Explanation bySession(IndexSearcher searcher, int doc, float score) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(doc, leaves));
    return new SessionExplanation(source, session, settings.vocabulary)
        .of(leaf, doc - leaf.docBase, score);
  }
}
