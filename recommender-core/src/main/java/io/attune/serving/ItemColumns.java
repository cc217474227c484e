package io.attune.serving;

import io.attune.recommender.BestRows;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A copy of the item vectors for scans of all of them: blocks of rows, column by column, so that
 * neighbouring rows are scored by one vector instruction. Takes as much memory as the table, and
 * scans it two to three times faster than {@link ItemVectors#top}, with the same scores to the last
 * bit. Immutable, and safe for use by several threads.
 */
public final class ItemColumns {
  /** Rows of a block: its eight sums stay in the first-level cache. */
  private static final int BLOCK = 512;

  private static final int LANES = 8; // as Arithmetic.dot has

  private final int size; // V
  private final int dimension;
  private final float[][][] blocks; // (blocks, D, BLOCK), from row 1

  private ItemColumns(int size, int dimension, float[][][] blocks) {
    this.size = size;
    this.dimension = dimension;
    this.blocks = blocks;
  }

  /** Copies item vectors. */
  public static ItemColumns of(ItemVectors items) {
    int size = items.size();
    int dimension = items.dimension();
    float[][][] blocks = new float[Math.ceilDiv(size, BLOCK)][dimension][BLOCK];
    float[] row = new float[dimension];
    for (int i = 0; i < size; i++) {
      items.copy(i + 1, row);
      float[][] block = blocks[i / BLOCK];
      for (int column = 0; column < dimension; column++) {
        block[column][i % BLOCK] = row[column];
      }
    }
    return new ItemColumns(size, dimension, blocks);
  }

  /**
   * The best items of a query, exactly.
   *
   * @param query float32 (D)
   * @param count the most to return
   * @param candidate which rows are candidates; asked only of rows that would be among the best
   * @return best first, of equal scores the lower row first
   * @throws ArithmeticException when a score is not a number
   */
  public ItemVectors.Top top(float[] query, int count, IntPredicate candidate) {
    if (query.length != dimension) {
      throw new IllegalArgumentException(
          "a query must have " + dimension + " elements, as the items have, not " + query.length);
    }
    BestRows best = new BestRows(Math.min(count, size));
    float[][] lanes = new float[LANES][BLOCK];
    for (int block = 0; block < blocks.length; block++) {
      int from = 1 + block * BLOCK;
      best.offer(
          from, score(query, blocks[block], lanes), Math.min(BLOCK, size + 1 - from), candidate);
    }
    return best.sorted(ItemVectors.Top::new);
  }

  /** The scores of a block, in the order of additions of {@link Arithmetic#dot}. */
  private float[] score(float[] q, float[][] columns, float[][] lanes) {
    int whole = dimension - dimension % LANES;
    for (int lane = 0; lane < LANES; lane++) {
      Arrays.fill(lanes[lane], 0);
      int i = lane;
      for (; i + 3 * LANES < whole; i += 4 * LANES) {
        add(
            lanes[lane],
            q[i],
            columns[i],
            q[i + LANES],
            columns[i + LANES],
            q[i + 2 * LANES],
            columns[i + 2 * LANES],
            q[i + 3 * LANES],
            columns[i + 3 * LANES]);
      }
      for (; i < whole; i += LANES) {
        Arithmetic.addScaled(lanes[lane], q[i], columns[i], BLOCK);
      }
    }
    float[] scores = lanes[0];
    add(scores, lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6], lanes[7]);
    for (int i = whole; i < dimension; i++) {
      Arithmetic.addScaled(scores, q[i], columns[i], BLOCK);
    }
    return scores;
  }

  private static void add(
      float[] sum, float a, float[] x, float b, float[] y, float c, float[] z, float d, float[] w) {
    for (int j = 0; j < BLOCK; j++) {
      sum[j] = sum[j] + a * x[j] + b * y[j] + c * z[j] + d * w[j];
    }
  }

  private static void add(
      float[] s0,
      float[] s1,
      float[] s2,
      float[] s3,
      float[] s4,
      float[] s5,
      float[] s6,
      float[] s7) {
    for (int j = 0; j < BLOCK; j++) {
      s0[j] = (s0[j] + s4[j] + (s1[j] + s5[j])) + (s2[j] + s6[j] + (s3[j] + s7[j]));
    }
  }
}
