package io.attune.lucene;

import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
 * <p>The first {@code window} hits are rescored; those behind follow in their order, each with the
 * next lower score. Within the window:
 *
 * <ul>
 *   <li>hits whose item has a vector are ordered by the {@link Blend}, of equal scores the earlier
 *       one first;
 *   <li>a hit without a vector, or whose item the model does not know, keeps its place, and has the
 *       score of the hit before it (the first hit, of the one after it);
 *   <li>an empty session changes nothing: places and scores are those of the first pass.
 * </ul>
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
  private @Nullable Ranking ranking;
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
   * What the hits are ranked by, by their places in the first pass.
   *
   * @param docs documents
   * @param session inner products, NaN without a vector; of the window alone
   * @param known places of those with a vector
   * @param blended their scores
   * @param above the score of hits before the first of these
   */
  private record Ranking(int[] docs, float[] session, int[] known, float[] blended, float above) {

    /** The first places. */
    Places first(int count) {
      long[] order = KeyedPlaces.byFalling(blended, count);
      Places places = new Places(new int[count], new float[count]);
      int next = 0;
      float score = order.length > 0 ? blended[KeyedPlaces.place(order[0])] : above;
      for (int place = 0; place < count; place++) {
        int from = place;
        if (place >= session.length) {
          score = Math.nextDown(score);
        } else if (!Float.isNaN(session[place])) {
          int best = KeyedPlaces.place(order[next++]);
          from = known[best];
          score = blended[best];
        }
        places.before[place] = from;
        places.scores[place] = score;
      }
      return places;
    }
  }

  /**
   * Hits by their places now.
   *
   * @param before places in the first pass, from 0
   * @param scores they have now
   */
  private record Places(int[] before, float[] scores) {}

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
    ranking = null;
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

  private ScoreDoc[] ranked(IndexSearcher searcher, ScoreDoc[] hits, int topN) throws IOException {
    int[] docs = new int[hits.length];
    float[] first = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      docs[i] = hits[i].doc;
      first[i] = hits[i].score;
    }
    float[] bySession = scores(searcher, docs, Math.min(settings.window, hits.length));
    int[] places = new int[bySession.length];
    int known = 0;
    for (int i = 0; i < bySession.length; i++) {
      places[known] = i;
      known += Float.isNaN(bySession[i]) ? 0 : 1;
    }
    float[] blended = known == hits.length
        ? settings.blend.scores(first, bySession)
        : settings.blend.scores(at(places, known, first), at(places, known, bySession));
    Ranking now = new Ranking(docs, bySession, places, blended, first[0]);
    Places top = now.first(Math.min(topN, hits.length));
    ScoreDoc[] ranked = new ScoreDoc[top.before.length];
    for (int place = 0; place < ranked.length; place++) {
      int from = top.before[place];
      ranked[place] = new ScoreDoc(docs[from], top.scores[place], hits[from].shardIndex);
    }
    ranking = now;
    return ranked;
  }

  private static float[] at(int[] places, int count, float[] values) {
    float[] chosen = new float[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = values[places[i]];
    }
    return chosen;
  }

  /** The session's score of each hit of the window, one pass over each segment. */
  private float[] scores(IndexSearcher searcher, int[] hits, int window) throws IOException {
    for (float element : session.query()) {
      if (!Float.isFinite(element)) {
        throw new ArithmeticException(
            "the query vector holds " + element + ": the model is broken");
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
      sorted[i] = KeyedPlaces.of(hits[i], i);
    }
    KeyedPlaces.sort(sorted);
    int[] docs = new int[window]; // within their segments
    float[] found = new float[window];
    int from = 0;
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      int end = leaf.docBase + leaf.reader().maxDoc();
      int to = from;
      while (to < window && KeyedPlaces.key(sorted[to]) < end) {
        docs[to] = KeyedPlaces.key(sorted[to]) - leaf.docBase;
        to++;
      }
      if (from < to) {
        source.score(leaf, session.query(), docs, from, to, found, watch);
      }
      from = to;
    }
    float[] scores = new float[window];
    for (int i = 0; i < window; i++) {
      if (Float.isInfinite(found[i])) {
        throw new ArithmeticException("the session's score of document "
            + KeyedPlaces.key(sorted[i]) + " is " + found[i]
            + ": the model or the index is broken");
      }
      scores[KeyedPlaces.place(sorted[i])] = found[i];
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
    Ranking last = ranking;
    if (last == null) {
      Exception reason = failure;
      String why = reason != null
          ? "rescoring failed (" + reason.getMessage() + ")"
          : "the session is empty";
      return Explanation.match(
          firstPass.getValue(), why + ", so the first pass decides", firstPass);
    }
    Places all = last.first(last.docs.length);
    int place = 0;
    while (place < last.docs.length && last.docs[all.before[place]] != doc) {
      place++;
    }
    if (place == last.docs.length) {
      throw new IllegalArgumentException(
          "document " + doc + " is none of the " + place + " hits rescored last");
    }
    float score = all.scores[place];
    int before = all.before[place];
    String moved = "place " + (before + 1) + " in the first pass, " + (place + 1) + " now";
    if (place >= settings.window) {
      return Explanation.match(
          score, moved + ": behind the window of " + settings.window, firstPass);
    }
    if (Float.isNaN(last.session[before])) {
      return Explanation.match(
          score, moved + ": its item has no vector, so it keeps its place", firstPass);
    }
    Explanation bySession =
        Explanation.match(last.session[before], "session: query vector · item vector", attention());
    return Explanation.match(
        score, moved + ", by " + describe(settings.blend), firstPass, bySession);
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

  private static String describe(Blend blend) {
    return switch (blend) {
      case Blend.Replace replace -> "the session alone";
      case Blend.Weighted weighted ->
        String.format(
            Locale.ROOT,
            "%.2f first pass + %.2f session, each %s",
            1 - weighted.weight(),
            weighted.weight(),
            switch (weighted.normalization()) {
              case MIN_MAX -> "min-max over the window";
              case Z_SCORE -> "z-score over the window";
              case NONE -> "as it is";
            });
      case Blend.ReciprocalRankFusion fusion ->
        String.format(
            Locale.ROOT, "reciprocal rank fusion, k %d, session %.2f", fusion.k(), fusion.weight());
    };
  }
}
