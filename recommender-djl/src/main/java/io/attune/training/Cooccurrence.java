package io.attune.training;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Arrays;

/**
 * Initial item vectors from co-occurrence: each item's random vector, plus those of the items
 * clicked near it, plus those of the items clicked near these. The co-occurrence matrix is never
 * built; a pass over the sessions multiplies by it.
 *
 * <p>Two items meet with a weight of one over their distance in clicks, up to {@value #WINDOW}. A
 * pass is {@code N' = D^-½ A D^-½ N}, where {@code A} holds the sums of those weights and {@code D}
 * the sums of its rows; then the mean row is taken off, since it is what all items share, and each
 * row is brought to length one.
 *
 * <p>Source: Chen et al. 2019, "Fast and Accurate Network Embeddings via Very Sparse Random
 * Projection", algorithm 1, with β −½. Differs from the paper: the projection is dense, the vectors
 * before the first pass take part, and mean rows are taken off.
 */
final class Cooccurrence {
  private static final int WINDOW = 5;

  /** What the rows after 0, 1 and 2 passes weigh. */
  private static final float[] SHARES = {1, 1, 1};

  /** Passes that place new items among known ones. */
  private static final int PLACING = 2;

  /** How much of its random vector a new item keeps. */
  private static final float NOISE = 0.5f;

  private final Sessions sessions;
  private final int dimension;
  private final float[] degrees; // (V + 1)

  /**
   * Counts what meets.
   *
   * @param dimension D
   */
  Cooccurrence(Sessions sessions, int dimension) {
    this.sessions = sessions;
    this.dimension = dimension;
    degrees = new float[sessions.vocabulary().size() + 1];
    pairs((a, b, weight) -> {
      degrees[a] += weight;
      degrees[b] += weight;
    });
  }

  /**
   * Spreads vectors over the items that meet.
   *
   * @param vectors float32 (V + 1, D), row 0 being padding, which stays; changed in place. Rows
   *     keep their mean length, and a row that meets no other its direction.
   */
  void spread(float[] vectors) {
    int rows = degrees.length;
    double length = 0;
    for (int row = 1; row < rows; row++) {
      length += norm(vectors, row);
    }
    length /= rows - 1;
    float[] now = vectors.clone();
    normalize(now, 1);
    float[] sum = vectors;
    add(sum, 0, now, SHARES[0]);
    float[] next = new float[now.length];
    for (int pass = 1; pass < SHARES.length; pass++) {
      Arrays.fill(next, 0);
      float[] from = now;
      float[] to = next;
      pairs((a, b, weight) -> {
        float scaled = (float) (weight / Math.sqrt((double) degrees[a] * degrees[b]));
        axpy(scaled, from, b, to, a);
        axpy(scaled, from, a, to, b);
      });
      center(to);
      normalize(to, 1);
      add(sum, 1, to, SHARES[pass]);
      next = from;
      now = to;
    }
    normalize(sum, length);
  }

  /**
   * Places the vectors of new items among those of known ones: each becomes the mean of the items
   * it meets, as a pass weighs them, plus as much of its random vector. Those that meet new items
   * alone follow in a second pass, and those that meet none keep their direction.
   *
   * @param vectors float32 (V + 1, D), row 0 being padding; changed in place
   * @param known (V + 1): which rows are those of known items
   * @param length of all rows, new and known; 0 leaves the known ones as they are, and gives the
   *     new ones their mean length
   */
  void place(float[] vectors, boolean[] known, double length) {
    double mean = 0;
    int count = 0;
    for (int row = 1; row < known.length; row++) {
      if (known[row]) {
        mean += norm(vectors, row);
        count++;
      }
    }
    double common = length > 0 ? length : mean / Math.max(1, count);
    boolean[] placed = known.clone();
    float[] units = vectors.clone();
    normalize(units, 1);
    for (int pass = 0; pass < PLACING; pass++) {
      float[] sums = new float[vectors.length];
      boolean[] met = new boolean[known.length];
      boolean[] before = placed.clone();
      pairs((a, b, weight) -> {
        gather(units, sums, met, before, a, b, weight);
        gather(units, sums, met, before, b, a, weight);
      });
      normalize(sums, 1);
      for (int row = 1; row < known.length; row++) {
        if (met[row]) {
          for (int i = row * dimension; i < (row + 1) * dimension; i++) {
            units[i] = sums[i] + NOISE * units[i];
          }
          placed[row] = true;
        }
      }
      normalize(units, 1);
    }
    for (int row = 1; row < known.length; row++) {
      double scale = known[row] && length == 0 ? norm(vectors, row) : common;
      for (int i = row * dimension; i < (row + 1) * dimension; i++) {
        vectors[i] = (float) (scale * units[i]);
      }
    }
  }

  /** Adds the vector of a placed item to the sum of one that is not, which it meets. */
  private void gather(
      float[] units,
      float[] sums,
      boolean[] met,
      boolean[] placed,
      int to,
      int from,
      float weight) {
    if (!placed[to] && placed[from]) {
      met[to] = true;
      axpy((float) (weight / Math.sqrt(degrees[from])), units, from, sums, to);
    }
  }

  private interface Pair {
    void meet(int a, int b, float weight);
  }

  private void pairs(Pair pair) {
    for (int s = 0; s < sessions.size(); s++) {
      int end = sessions.end(s);
      for (int click = sessions.start(s); click < end; click++) {
        int a = sessions.item(click);
        for (int d = 1; a != Vocabulary.UNKNOWN && d <= WINDOW && click + d < end; d++) {
          int b = sessions.item(click + d);
          if (b != Vocabulary.UNKNOWN && b != a) {
            pair.meet(a, b, 1f / d);
          }
        }
      }
    }
  }

  private void axpy(float scale, float[] from, int a, float[] to, int b) {
    int source = a * dimension;
    int target = b * dimension;
    for (int i = 0; i < dimension; i++) {
      to[target + i] += scale * from[source + i];
    }
  }

  /** {@code sum = keep · sum + share · part}. */
  private static void add(float[] sum, float keep, float[] part, float share) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = keep * sum[i] + share * part[i];
    }
  }

  /** Takes the mean off the rows that met another. */
  private void center(float[] rows) {
    double[] mean = new double[dimension];
    int met = 0;
    for (int row = 1; row < degrees.length; row++) {
      if (degrees[row] > 0) {
        met++;
        for (int i = 0; i < dimension; i++) {
          mean[i] += rows[row * dimension + i];
        }
      }
    }
    for (int row = 1; row < degrees.length; row++) {
      for (int i = 0; degrees[row] > 0 && i < dimension; i++) {
        rows[row * dimension + i] -= (float) (mean[i] / met);
      }
    }
  }

  private void normalize(float[] rows, double length) {
    for (int row = 1; row < degrees.length; row++) {
      double norm = norm(rows, row);
      float scale = norm == 0 ? 0 : (float) (length / norm);
      for (int i = row * dimension; i < (row + 1) * dimension; i++) {
        rows[i] *= scale;
      }
    }
  }

  private double norm(float[] rows, int row) {
    double sum = 0;
    for (int i = row * dimension; i < (row + 1) * dimension; i++) {
      sum += (double) rows[i] * rows[i];
    }
    return Math.sqrt(sum);
  }
}
