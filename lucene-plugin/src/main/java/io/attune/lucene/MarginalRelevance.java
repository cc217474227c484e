package io.attune.lucene;

import java.io.IOException;
import java.util.Arrays;
import org.apache.lucene.util.LongHeap;
import org.apache.lucene.util.VectorUtil;

/**
 * Chooses the hits of the first places by maximal marginal relevance, so that they are not all
 * alike: each next hit is that of the highest {@code (1 − diversity) · relevance − diversity ·
 * similarity}. Relevance is the score, from 0 for the lowest to 1 for the highest; similarity is
 * the highest cosine of the hit's item vector with those of the hits before it, at least 0.
 *
 * <p>A hit's value only falls as it is compared with more of those placed. So only the hit that is
 * the best by what is known is compared, until it is worth less than another; most hits are
 * compared with few of the others, and many are never looked at.
 *
 * <p>Source: Carbonell and Goldstein 1998, "The use of MMR, diversity-based reranking for
 * reordering documents and producing summaries", section 2. Differs from it: relevance is
 * normalized, since scores have any scale. The lazy order is that of Minoux 1978, "Accelerated
 * greedy algorithms for maximizing submodular set functions".
 */
final class MarginalRelevance {
  /** Copies the item vector of a hit: float32 (D). */
  @FunctionalInterface
  interface Vectors {
    void copy(int hit, float[] into) throws IOException;
  }

  private final float[] relevance; // the value of each hit while it is like none before it
  private final float diversity;
  private final int dimension;
  private final Vectors vectors;
  private final float[][] directions; // of hits that were looked at, of length one
  private final float[] similarities; // to the placed hits that it was compared with
  private final int[] seen; // with how many of the placed hits it was compared

  private MarginalRelevance(
      float[] scores,
      float lowest,
      float highest,
      float diversity,
      int dimension,
      Vectors vectors) {
    this.relevance = new float[scores.length];
    float range = highest - lowest;
    for (int i = 0; i < scores.length && range > 0; i++) {
      relevance[i] = (1 - diversity) * (scores[i] - lowest) / range;
    }
    this.diversity = diversity;
    this.dimension = dimension;
    this.vectors = vectors;
    this.directions = new float[scores.length][];
    this.similarities = new float[scores.length];
    this.seen = new int[scores.length];
  }

  /**
   * Chooses the first hits.
   *
   * @param scores of all hits, (N), finite
   * @param count how many to choose, at most N
   * @param diversity from 0, by score alone, to 1
   * @param dimension D
   * @return the hits in their order, (count)
   */
  static int[] first(float[] scores, int count, float diversity, int dimension, Vectors vectors)
      throws IOException {
    long[] order = RadixSort.sortDescending(scores, scores.length);
    int[] chosen = new int[count];
    if (count == 0) {
      return chosen;
    }
    float lowest = scores[RadixSort.index(order[order.length - 1])];
    float highest = scores[RadixSort.index(order[0])];
    new MarginalRelevance(scores, lowest, highest, diversity, dimension, vectors)
        .choose(order, chosen);
    return chosen;
  }

  private void choose(long[] order, int[] chosen) throws IOException {
    LongHeap looked = new LongHeap(order.length); // by value, the highest first
    int next = 0; // in order: the first that was not looked at
    for (int place = 0; place < chosen.length; ) {
      float unseen =
          next < order.length ? relevance[RadixSort.index(order[next])] : Float.NEGATIVE_INFINITY;
      int best = looked.size() == 0 ? -1 : RadixSort.index(looked.top());
      if (best < 0 || unseen > value(best)) {
        best = RadixSort.index(order[next++]);
        directions[best] = direction(best);
        looked.push(packed(best));
      } else if (seen[best] == place) {
        looked.pop();
        chosen[place++] = best;
      } else {
        compare(best, chosen, place, Math.max(unseen, second(looked)));
        looked.updateTop(packed(best));
      }
    }
  }

  /** The value of the second best, which is one of the two below the root of the heap. */
  private float second(LongHeap looked) {
    float second = Float.NEGATIVE_INFINITY;
    for (int child = 2; child <= Math.min(3, looked.size()); child++) {
      second = Math.max(second, value(RadixSort.index(looked.get(child))));
    }
    return second;
  }

  private float value(int hit) {
    return relevance[hit] - diversity * similarities[hit];
  }

  private long packed(int hit) {
    return RadixSort.pack(RadixSort.descendingKey(value(hit)), hit);
  }

  /**
   * Compares a hit with those placed since it was looked at, until it is worth less than the next
   * best: it may never have to be compared with the rest.
   */
  private void compare(int hit, int[] chosen, int placed, float rival) {
    float[] direction = directions[hit];
    float enough = (relevance[hit] - rival) / diversity; // similarity that lets the rival pass
    float similarity = similarities[hit];
    int at = seen[hit];
    do { // at least one, or rounding could keep it the best for ever
      similarity = Math.max(similarity, VectorUtil.dotProduct(direction, directions[chosen[at++]]));
    } while (at < placed && similarity <= enough);
    similarities[hit] = similarity;
    seen[hit] = at;
  }

  private float[] direction(int hit) throws IOException {
    float[] vector = new float[dimension];
    vectors.copy(hit, vector);
    double length = Math.sqrt(VectorUtil.dotProduct(vector, vector));
    if (length > 0) {
      for (int k = 0; k < vector.length; k++) {
        vector[k] /= (float) length;
      }
    } else {
      Arrays.fill(vector, 0); // like none
    }
    return vector;
  }
}
