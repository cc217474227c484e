package io.attune.lucene;

import java.util.Arrays;
import java.util.Locale;

/**
 * Hits by their first pass and their session: which place each gets, and which score.
 *
 * <p>Hits come in the order of the first pass, and the first of them, the window, have been scored
 * by the session:
 *
 * <ul>
 *   <li>those of the window whose item has a vector are ordered by the {@link Blend}, of equal
 *       scores the earlier one first;
 *   <li>a hit of the window without a vector keeps its place, and has the score of the hit before
 *       it (the first hit, of the first one that has a vector);
 *   <li>a hit behind the window keeps its place, with the next lower score than the hit before it;
 *   <li>where no hit has a vector, the first pass stands as it is.
 * </ul>
 *
 * <p>It does not matter where the hits come from: the merged hits of several shards are ranked as
 * those of one index are.
 */
public final class SessionRanking {
  private final Blend blend;
  private final float[] first;
  private final float[] session;
  private final int[] known; // places in the first pass of those with a vector
  private final float[] blended; // their scores

  /**
   * Hits by their places.
   *
   * @param before places in the first pass, from 0
   * @param scores they have now, never rising
   */
  public record Places(int[] before, float[] scores) {}

  private SessionRanking(
      Blend blend, float[] first, float[] session, int[] known, float[] blended) {
    this.blend = blend;
    this.first = first;
    this.session = session;
    this.known = known;
    this.blended = blended;
  }

  /**
   * Ranks hits.
   *
   * @param first scores of the first pass, in its order
   * @param session scores of the session, of the first hits of the first pass: the window; NaN for
   *     a hit without a vector
   * @throws IllegalArgumentException when the first pass has no scores and the blend needs them
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
    return new SessionRanking(blend, first, session, Arrays.copyOf(known, count), blended);
  }

  private static float[] at(int[] places, int count, float[] values) {
    float[] chosen = new float[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = values[places[i]];
    }
    return chosen;
  }

  /** How many hits there are. */
  public int size() {
    return first.length;
  }

  /**
   * Whether the session ranked a hit.
   *
   * @param before its place in the first pass, from 0
   */
  public boolean hasVector(int before) {
    return before < session.length && !Float.isNaN(session[before]);
  }

  /** The first of the hits as they stand now. */
  public Places first(int count) {
    long[] order = RadixSort.byFalling(blended, count);
    Places places = new Places(new int[count], new float[count]);
    int next = 0;
    float score = order.length > 0 ? blended[RadixSort.place(order[0])] : 0;
    for (int place = 0; place < count; place++) {
      int from = place;
      if (known.length == 0) {
        score = first[place];
      } else if (place >= session.length) {
        score = Math.nextDown(score);
      } else if (!Float.isNaN(session[place])) {
        int best = RadixSort.place(order[next++]);
        from = known[best];
        score = blended[best];
      }
      places.before[place] = from;
      places.scores[place] = score;
    }
    return places;
  }

  /**
   * Says of a hit where it stood and why it stands where it does.
   *
   * @param before its place in the first pass, from 0
   * @param now its place now, from 0
   */
  public String describe(int before, int now) {
    String moved = "place " + (before + 1) + " in the first pass, " + (now + 1) + " now";
    if (now >= session.length) {
      return moved + ": behind the window of " + session.length;
    }
    return hasVector(before)
        ? moved + ", by " + describe(blend)
        : moved + ": its item has no vector, so it keeps its place";
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
