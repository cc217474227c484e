package io.attune.lucene;

import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Rescorer;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.jspecify.annotations.Nullable;

/**
 * Ranks the hits of a query by what a visitor's session looks for.
 *
 * <p>The first {@code window} hits are rescored; those behind follow in their order. A
 * {@link SessionRanking} says what that makes of places and scores. An empty session changes
 * nothing: places and scores are those of the first pass.
 *
 * <p>The hits that are handed in are never changed. Where something fails, or time runs out, the
 * answer is the first pass, unless {@link OnFailure#THROW} was asked for; {@link #failure} tells.
 *
 * <p>One object serves one request: it remembers its last ranking, which {@link #explain} speaks
 * of.
 */
public final class SessionRescorer extends Rescorer {
  private final ItemSource source;
  private final SessionVector session;
  private final Settings settings;
  private @Nullable Last last;
  private @Nullable Exception failure;

  /** What to do when rescoring fails. */
  public enum OnFailure {
    /** Answer with the first pass. */
    FIRST_PASS,
    /** Throw what happened. */
    THROW
  }

  /**
   * How to rescore.
   *
   * @param blend what becomes of the two scores
   * @param window how many of the first hits are rescored
   * @param budget how long scoring may take, looked at every {@value ItemSource#BLOCK} hits
   * @param nanoTime a clock in nanoseconds
   * @param onFailure what to do when it fails or takes longer
   * @param vocabulary names the clicks in explanations; null: their rows do
   */
  public record Settings(
      Blend blend,
      int window,
      Duration budget,
      LongSupplier nanoTime,
      OnFailure onFailure,
      @Nullable Vocabulary vocabulary) {

    public Settings {
      if (window < 1) {
        throw new IllegalArgumentException("window must be 1 or more, not " + window);
      }
    }

    /** Equal parts of first pass and session over 1,000 hits, without a limit of time. */
    public static Settings standard() {
      return new Settings(
          new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX),
          1000,
          Duration.ofDays(1),
          System::nanoTime,
          OnFailure.FIRST_PASS,
          null);
    }

    /** The same with another blend. */
    public Settings with(Blend other) {
      return new Settings(other, window, budget, nanoTime, onFailure, vocabulary);
    }

    /** The same with another window. */
    public Settings withWindow(int hits) {
      return new Settings(blend, hits, budget, nanoTime, onFailure, vocabulary);
    }

    /** The same, failing as asked. */
    public Settings with(OnFailure other) {
      return new Settings(blend, window, budget, nanoTime, other, vocabulary);
    }

    /** The same with a limit of time. */
    public Settings withBudget(Duration limit, LongSupplier clock) {
      return new Settings(blend, window, limit, clock, onFailure, vocabulary);
    }

    /** The same with ids for the clicks in explanations. */
    public Settings with(Vocabulary names) {
      return new Settings(blend, window, budget, nanoTime, onFailure, names);
    }
  }

  /**
   * The last ranking.
   *
   * @param docs documents by their places in the first pass
   * @param session inner products, NaN without a vector; of the window alone
   */
  private record Last(int[] docs, float[] session, SessionRanking ranking) {}

  /** A rescorer of the standard settings. */
  public SessionRescorer(ItemSource source, SessionVector session) {
    this(source, session, Settings.standard());
  }

  public SessionRescorer(ItemSource source, SessionVector session, Settings settings) {
    this.source = source;
    this.session = session;
    this.settings = settings;
  }

  /** Why the last ranking is that of the first pass; null where nothing failed. */
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
      // Copies: the hits belong to the caller.
      top[i] = new ScoreDoc(hits[i].doc, hits[i].score, hits[i].shardIndex);
    }
    return new TopDocs(firstPass.totalHits, top);
  }

  /**
   * The session's scores alone, for whoever ranks the hits of several indexes together by a
   * {@link SessionRanking}.
   *
   * @return of the hits of the window, in their order; NaN for a hit without a vector
   * @throws RuntimeException when scoring fails or takes too long, whatever the settings say
   */
  public float[] scores(IndexSearcher searcher, TopDocs firstPass) throws IOException {
    ScoreDoc[] hits = firstPass.scoreDocs;
    return scores(searcher, docs(hits), Math.min(settings.window, hits.length));
  }

  private ScoreDoc[] ranked(IndexSearcher searcher, ScoreDoc[] hits, int topN) throws IOException {
    int[] docs = docs(hits);
    float[] first = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      first[i] = hits[i].score;
    }
    float[] bySession = scores(searcher, docs, Math.min(settings.window, hits.length));
    SessionRanking ranking = SessionRanking.of(settings.blend, first, bySession);
    SessionRanking.Places top = ranking.first(Math.min(topN, hits.length));
    ScoreDoc[] ranked = new ScoreDoc[top.before().length];
    for (int place = 0; place < ranked.length; place++) {
      int from = top.before()[place];
      ranked[place] = new ScoreDoc(docs[from], top.scores()[place], hits[from].shardIndex);
    }
    last = new Last(docs, bySession, ranking);
    return ranked;
  }

  private static int[] docs(ScoreDoc[] hits) {
    int[] docs = new int[hits.length];
    for (int i = 0; i < hits.length; i++) {
      docs[i] = hits[i].doc;
    }
    return docs;
  }

  /** The session's score of each hit of the window, one pass over each segment. */
  private float[] scores(IndexSearcher searcher, int[] hits, int window) throws IOException {
    for (float element : session.query()) {
      if (!Float.isFinite(element)) {
        throw new NotFiniteException("the query vector holds " + element + ": the model is broken");
      }
    }
    long deadline = settings.nanoTime.getAsLong() + settings.budget.toNanos();
    IntConsumer watch = scored -> {
      if (settings.nanoTime.getAsLong() - deadline > 0) {
        throw new IllegalStateException("rescoring took longer than " + settings.budget.toMillis()
            + " ms: " + scored + " of " + window + " hits are scored");
      }
    };
    long[] sorted = new long[window];
    for (int i = 0; i < window; i++) {
      sorted[i] = RadixSort.of(hits[i], i);
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
        source.score(leaf, session, docs, from, to, found, watch);
      }
      from = to;
    }
    float[] scores = new float[window];
    for (int i = 0; i < window; i++) {
      if (Float.isInfinite(found[i])) {
        throw new NotFiniteException("the session's score of document "
            + RadixSort.key(sorted[i]) + " is " + found[i]
            + ": the model or the index is broken");
      }
      scores[RadixSort.place(sorted[i])] = found[i];
    }
    return scores;
  }

  /**
   * Explains a hit of the last ranking of this object.
   *
   * @throws IllegalArgumentException when the document was not in it
   */
  @Override
  public Explanation explain(IndexSearcher searcher, Explanation firstPass, int doc) {
    Last now = last;
    if (now == null) {
      Exception reason = failure;
      String why = reason != null
          ? "rescoring failed (" + reason.getMessage() + ")"
          : "the session is empty";
      return Explanation.match(
          firstPass.getValue(), why + ", so the first pass decides", firstPass);
    }
    SessionRanking ranking = now.ranking;
    SessionRanking.Places all = ranking.first(ranking.size());
    int place = 0;
    while (place < ranking.size() && now.docs[all.before()[place]] != doc) {
      place++;
    }
    if (place == ranking.size()) {
      throw new IllegalArgumentException(
          "document " + doc + " is none of the " + place + " hits rescored last");
    }
    int before = all.before()[place];
    String why = ranking.describe(before, place);
    return ranking.hasVector(before)
        ? Explanation.match(all.scores()[place], why, firstPass, bySession(now.session[before]))
        : Explanation.match(all.scores()[place], why, firstPass);
  }

  /** The documents of the last ranking whose items have a vector; none where there was none. */
  public Set<Integer> rankedDocs() {
    Set<Integer> docs = new HashSet<>();
    Last now = last;
    for (int i = 0; now != null && i < now.session.length; i++) {
      if (now.ranking.hasVector(i)) {
        docs.add(now.docs[i]);
      }
    }
    return docs;
  }

  /**
   * Explains the session's score of any document, for whoever ranks by {@link #scores}.
   *
   * @return no match where its item has no vector
   */
  public Explanation explainSession(IndexSearcher searcher, int doc) throws IOException {
    ScoreDoc[] hit = {new ScoreDoc(doc, 0)};
    float score = scores(searcher, docs(hit), 1)[0];
    return Float.isNaN(score) ? Explanation.noMatch("its item has no vector") : bySession(score);
  }

  private Explanation bySession(float score) {
    return Explanation.match(score, "session: query vector · item vector", attention());
  }

  /** The share of each click, the largest first. */
  private List<Explanation> attention() {
    List<Explanation> shares = new ArrayList<>();
    int[] clicks = session.clicks();
    for (int i = 0; i < clicks.length; i++) {
      Vocabulary vocabulary = settings.vocabulary;
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
    shares.sort((a, b) -> Float.compare(b.getValue().floatValue(), a.getValue().floatValue()));
    return shares;
  }
}
