package io.attune.lucene;

import io.attune.session.Counts;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;

/**
 * Ranks hits by their first-pass and session scores.
 *
 * <p>Hits are given in first-pass order. The first of them, the window, have been scored by the
 * session:
 *
 * <ul>
 *   <li>hits in the window whose item has a vector are ordered by the {@link Blend}; ties keep
 *       their order;
 *   <li>a hit in the window without a vector keeps its place and gets the score of the hit before
 *       it (at the top, that of the best hit with a vector);
 *   <li>a hit beyond the window keeps its place and gets the next lower float than the hit before
 *       it;
 *   <li>if no hit has a vector, the first pass is returned unchanged;
 *   <li>with diversity, the first hits with a vector are chosen so that they differ.
 * </ul>
 *
 * <p>Hits may come from anywhere: the merged hits of several shards are ranked like those of a
 * single index.
 */
public final class SessionRanking {
  private final Blend blend;
  private final float[] first;
  private final float[] session;
  private final int[] known; // first-pass places of the hits with a vector
  private final float[] blended; // their combined scores
  private final float diversity;
  private final int[] ahead; // of known: chosen for the first places to differ; empty without

  /**
   * Hits in their new order.
   *
   * @param before the place of each hit in the first pass, from 0
   * @param scores the score of each hit, never increasing; with diversity those of the places
   */
  public record Places(int[] before, float[] scores) {}

  private SessionRanking(
      Blend blend,
      float[] first,
      float[] session,
      int[] known,
      float[] blended,
      float diversity,
      int[] ahead) {
    this.blend = blend;
    this.first = first;
    this.session = session;
    this.known = known;
    this.blended = blended;
    this.diversity = diversity;
    this.ahead = ahead;
  }

  /**
   * Ranks hits.
   *
   * @param first first-pass scores of all hits, in first-pass order
   * @param session session scores of the hits in the window; NaN for a hit without a vector
   * @throws IllegalArgumentException if the blend needs first-pass scores but the hits have none
   */
  public static SessionRanking of(Blend blend, float[] first, float[] session) {
    int[] known = new int[session.length];
    int count = 0;
    for (int i = 0; i < session.length; i++) {
      known[count] = i;
      count += Float.isNaN(session[i]) ? 0 : 1;
    }
    float[] blended = count == first.length
        ? blend.scores(first, session)
        : blend.scores(at(known, count, first), at(known, count, session));
    return new SessionRanking(
        blend, first, session, Arrays.copyOf(known, count), blended, 0, new int[0]);
  }

  /**
   * The same ranking with hits in the first places that are not all alike, by
   * {@link MarginalRelevance}. Scores stay where they are: each place keeps its own, so that hits
   * can be merged with others.
   *
   * @param degree from 0, as it is, to 1
   * @param places how many to choose; the other hits follow in their order
   * @param dimension D
   * @param vectors of the hits with a vector, by place in the first pass
   */
  SessionRanking diverse(float degree, int places, int dimension, MarginalRelevance.Vectors vectors)
      throws IOException {
    int[] chosen = MarginalRelevance.first(
        blended,
        Math.min(places, known.length),
        degree,
        dimension,
        (hit, into) -> vectors.copy(known[hit], into));
    return new SessionRanking(blend, first, session, known, blended, degree, chosen);
  }

  private static float[] at(int[] places, int count, float[] values) {
    float[] chosen = new float[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = values[places[i]];
    }
    return chosen;
  }

  /** The number of hits. */
  public int size() {
    return first.length;
  }

  /**
   * Whether a hit was ranked by the session.
   *
   * @param before its place in the first pass, from 0
   */
  public boolean hasVector(int before) {
    return before < session.length && !Float.isNaN(session[before]);
  }

  /** Returns the first hits in their new order. */
  public Places top(int count) {
    long[] order = RadixSort.sortDescending(blended, count);
    int[] ranked = aheadOf(order);
    Places places = new Places(new int[count], new float[count]);
    int next = 0;
    float score = order.length > 0 ? blended[RadixSort.index(order[0])] : 0;
    for (int place = 0; place < count; place++) {
      int from = place;
      if (known.length == 0) {
        score = first[place];
      } else if (place >= session.length) {
        score = Math.nextDown(score);
      } else if (!Float.isNaN(session[place])) {
        from = known[ranked[next]];
        score = blended[RadixSort.index(order[next++])];
      }
      places.before[place] = from;
      places.scores[place] = score;
    }
    return places;
  }

  /** The hits chosen to be ahead, then the others in their order: as many as there are. */
  private int[] aheadOf(long[] order) {
    int[] ranked = Arrays.copyOf(ahead, order.length);
    int next = Math.min(ahead.length, order.length);
    BitSet chosen = new BitSet();
    Arrays.stream(ahead).forEach(chosen::set);
    for (int i = 0; next < order.length; i++) {
      int hit = RadixSort.index(order[i]);
      if (!chosen.get(hit)) {
        ranked[next++] = hit;
      }
    }
    return ranked;
  }

  /**
   * Explains the new place of a hit.
   *
   * @param before its place in the first pass, from 0
   * @param now its new place, from 0
   */
  public String describe(int before, int now) {
    String moved = "rank " + (now + 1) + ", was " + (before + 1) + " in the first pass: ";
    if (now >= session.length) {
      return moved + "beyond the window of " + session.length;
    }
    return hasVector(before)
        ? moved + describe() + diversified()
        : moved + "not re-ranked, since its item has no vector";
  }

  private String diversified() {
    return ahead.length == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "; the first %s chosen to differ, with a diversity of %.2f",
            Counts.of(ahead.length, "hit"),
            diversity);
  }

  private String describe() {
    return switch (blend) {
      case Blend.Replace replace -> "the session alone";
      case Blend.Learned learned -> describe(learned);
      case Blend.Weighted weighted ->
        String.format(
            Locale.ROOT,
            "%.2f · first pass + %.2f · session, %s",
            1 - weighted.weight(),
            weighted.weight(),
            switch (weighted.normalization()) {
              case MIN_MAX -> "each min-max normalized over the window";
              case Z_SCORE -> "each z-score normalized over the window";
              case NONE -> "not normalized";
            });
      case Blend.ReciprocalRankFusion fusion ->
        String.format(
            Locale.ROOT,
            "reciprocal rank fusion with k = %d and a session weight of %.2f",
            fusion.k(),
            fusion.weight());
    };
  }

  private String describe(Blend.Learned learned) {
    double session = BlendWeights.of(learned.weights())
        .sessionShare(
            learned.words(), at(known, known.length, first), at(known, known.length, this.session));
    return String.format(
        Locale.ROOT,
        "words %.0f %%, session %.0f %% for this query, by a learned blend: %s, %s",
        100 - 100 * session,
        100 * session,
        learned.words() == 0 ? "words not counted" : Counts.of(learned.words(), "word"),
        Counts.of(known.length, "hit"));
  }
}
