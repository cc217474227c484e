package io.attune.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An exact top-k scan for batches of queries that skips most items by an upper bound on their
 * score.
 *
 * <p>It returns the same rows and scores as {@link ItemVectors#top}, bit for bit.
 * {@link #approximate} trades a few missed items for less work.
 *
 * <p>Vectors are rotated so that most of every inner product lies in the first coordinates. These,
 * together with the norms of what remains, bound a score from above: {@code q·e ≤ q'·e' + |q − q'|
 * |e − e'|} (Cauchy-Schwarz). The bounds of all items are one matrix product with fewer columns,
 * and only items whose bound reaches the current K-th best score are scored in full. The number of
 * coordinates is tuned on sample queries and does not affect the result.
 *
 * <p>The residuals of two vectors rarely point in the same direction, so an approximate scan adds
 * only part of the product of their norms: as much as keeps {@value BoundTuner#TARGET_RECALL} of
 * the sample's best items.
 *
 * <p>Source: Li, Chan, Yiu and Mamoulis 2017, "FEXIPRO: fast and exact inner product retrieval in
 * recommender systems", section 4.1.
 *
 * <p>Holds the rotated coordinates beside the item table, and scratch memory for the bounds of each
 * concurrent call. Immutable and thread-safe.
 *
 * <p>Internal: used by batch recommendation.
 */
public final class BoundedScan implements ItemScan {
  /** Items in a block: eight coordinates of a block stay in the L1 cache. */
  private static final int BLOCK = 512;

  /** Coordinates added in one pass. */
  static final int SLAB = 8;

  /**
   * Items whose bounds are compared as one, by their maximum: those a stride apart within a block.
   */
  private static final int GROUP = 8;

  private static final int STRIDE = BLOCK / GROUP;

  /** Maximum number of queries in a tile; fewer where their bounds would exceed 64 MB. */
  private static final int MAX_TILE = 32;

  private static final long MAX_BOUNDS = 1L << 24;

  private static final int SAMPLE_QUERIES = 16;

  private final ItemVectors items;
  private final int[] rows; // (N): the candidates, ascending
  private final PrincipalBasis basis;
  private final int coordinates; // not counting the residual norm, which follows them
  private final float share; // of the product of residual norms that is added to a bound
  private final float[][][] blocks; // (N / BLOCK, coordinates + 1 and zeros, BLOCK)
  private final double slack; // largest rounding error of a bound, for a query of length one
  private final int tile;
  private final ScratchPool<QueryTile> tiles;

  private BoundedScan(
      ItemVectors items, int[] rows, PrincipalBasis basis, BoundTuner.Choice choice) {
    this.items = items;
    this.rows = rows;
    this.basis = basis;
    this.coordinates = choice.coordinates();
    this.share = choice.share();
    int depth = Math.ceilDiv(coordinates + 1, SLAB) * SLAB;
    this.blocks = new float[Math.ceilDiv(rows.length, BLOCK)][depth][BLOCK];
    double longest = fill();
    this.slack = (items.dimension() + 2.0 * SLAB) * 0x1p-22 * longest;
    this.tile = Math.clamp(MAX_BOUNDS / Math.max(1, rows.length), SLAB, MAX_TILE);
    this.tiles = new ScratchPool<>(QueryTile::new);
  }

  /**
   * Prepares an exact scan.
   *
   * @param items all items
   * @param candidates the rows that may be found, ascending
   * @param count how many items queries will ask for
   * @param sample queries to tune the number of coordinates by
   * @throws ArithmeticException if an item vector is not finite
   */
  public static BoundedScan of(
      ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    BoundTuner found = BoundTuner.of(items, candidates, count, sample, SAMPLE_QUERIES);
    return new BoundedScan(items, candidates, found.basis(), found.choose(false));
  }

  /**
   * Prepares a scan that may miss some of the best items. The scores it returns are exact; which
   * items it finds depends on the sample.
   *
   * @param items all items
   * @param candidates the rows that may be found, ascending
   * @param count how many items queries will ask for
   * @param sample queries like those to come; a larger sample makes the recall more reliable
   * @throws ArithmeticException if an item vector is not finite
   */
  public static BoundedScan approximate(
      ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    BoundTuner found = BoundTuner.of(items, candidates, count, sample, sample.size());
    return new BoundedScan(items, candidates, found.basis(), found.choose(true));
  }

  /** The number of coordinates that bounds are made of. */
  int coordinates() {
    return coordinates;
  }

  @Override
  public List<ItemVectors.Top> top(List<Query> queries, int count) {
    List<ItemVectors.Top> found = new ArrayList<>(queries.size());
    for (int from = 0; from < queries.size(); from += tile) {
      List<Query> part = queries.subList(from, Math.min(queries.size(), from + tile));
      found.addAll(tiles.with(each -> each.top(part, count)));
    }
    return found;
  }

  /** Fills the blocks and returns the norm of the longest item vector. */
  private double fill() {
    float[] vector = new float[items.dimension()];
    double[] coordinatesOfVector = new double[coordinates];
    double longest = 0;
    for (int i = 0; i < rows.length; i++) {
      items.copy(rows[i], vector);
      double length = length(vector);
      if (!Double.isFinite(length)) {
        throw new NotFiniteException("the vector of row " + rows[i] + " is not finite");
      }
      longest = Math.max(longest, length);
      double residual = basis.project(vector, coordinatesOfVector);
      float[][] block = blocks[i / BLOCK];
      for (int c = 0; c < coordinates; c++) {
        block[c][i % BLOCK] = (float) coordinatesOfVector[c];
      }
      block[coordinates][i % BLOCK] = (float) residual;
    }
    return longest;
  }

  private static double length(float[] vector) {
    double squares = 0;
    for (float element : vector) {
      squares += (double) element * element;
    }
    return Math.sqrt(squares);
  }

  /** Scratch memory for the queries that are processed together. */
  private final class QueryTile {
    private final float[][] queries = new float[tile][]; // coordinates, residual norm, zeros
    private final float[][][] bounds = new float[tile][blocks.length][BLOCK];
    private final float[] maxima = new float[blocks.length * STRIDE]; // bound of each group
    private final double[] coordinatesOfVector = new double[coordinates];

    List<ItemVectors.Top> top(List<Query> batch, int count) {
      for (int q = 0; q < batch.size(); q++) {
        queries[q] = rotate(batch.get(q).vector());
      }
      for (int b = 0; b < blocks.length; b++) {
        for (int q = 0; q < batch.size(); q++) {
          Arrays.fill(bounds[q][b], 0);
        }
        for (int c = 0; c < blocks[b].length; c += SLAB) {
          for (int q = 0; q < batch.size(); q++) {
            add(bounds[q][b], queries[q], c, blocks[b]);
          }
        }
      }
      List<ItemVectors.Top> found = new ArrayList<>(batch.size());
      for (int q = 0; q < batch.size(); q++) {
        found.add(best(batch.get(q), bounds[q], count));
      }
      return found;
    }

    private float[] rotate(float[] vector) {
      if (vector.length != items.dimension()) {
        throw new IllegalArgumentException("a query must have " + items.dimension()
            + " elements, like the items, not " + vector.length);
      }
      double residual = basis.project(vector, coordinatesOfVector);
      float[] rotated = new float[Math.ceilDiv(coordinates + 1, SLAB) * SLAB];
      for (int c = 0; c < coordinates; c++) {
        rotated[c] = (float) coordinatesOfVector[c];
      }
      rotated[coordinates] = share * (float) residual;
      return rotated;
    }

    private ItemVectors.Top best(Query query, float[][] bound, int count) {
      double length = length(query.vector());
      if (!Double.isFinite(length)) {
        throw new NotFiniteException("a query vector is not finite");
      }
      float room = (float) (slack * length);
      for (int b = 0; b < bound.length; b++) {
        groupMaxima(bound[b], maxima, b * STRIDE);
      }
      TopK best = new TopK(Math.min(count, rows.length));
      // The groups with the highest bounds come first, so that the threshold rises early.
      TopK first = new TopK(Math.min(count + query.excluded().length, maxima.length));
      first.offer(0, maxima, maxima.length, group -> true);
      int[] groups = first.sorted((found, scores) -> found);
      for (int group : groups) {
        offer(group, bound, query, room, best);
        maxima[group] = Float.NaN; // done, whatever the threshold
      }
      float threshold = best.threshold() - room;
      for (int group = 0; group < maxima.length; group++) {
        if (maxima[group] >= threshold) {
          offer(group, bound, query, room, best);
          threshold = best.threshold() - room;
        }
      }
      return best.sorted(ItemVectors.Top::new);
    }

    private void offer(int group, float[][] bound, Query query, float room, TopK best) {
      int block = group / STRIDE;
      for (int i = group % STRIDE; i < BLOCK; i += STRIDE) {
        int candidate = block * BLOCK + i;
        if (candidate < rows.length && bound[block][i] >= best.threshold() - room) {
          int row = rows[candidate];
          if (query.excluded().length == 0 || Arrays.binarySearch(query.excluded(), row) < 0) {
            best.offer(row, items.dotUnchecked(query.vector(), row));
          }
        }
      }
    }
  }

  /** Computes the maximum bound of each group. */
  private static void groupMaxima(float[] bound, float[] maxima, int at) {
    for (int i = 0; i < STRIDE; i++) {
      float a = Math.max(bound[i], bound[i + STRIDE]);
      float b = Math.max(bound[i + 2 * STRIDE], bound[i + 3 * STRIDE]);
      float c = Math.max(bound[i + 4 * STRIDE], bound[i + 5 * STRIDE]);
      float d = Math.max(bound[i + 6 * STRIDE], bound[i + 7 * STRIDE]);
      maxima[at + i] = Math.max(Math.max(a, b), Math.max(c, d));
    }
  }

  private static void add(float[] sum, float[] query, int c, float[][] block) {
    add(
        sum,
        query[c],
        block[c],
        query[c + 1],
        block[c + 1],
        query[c + 2],
        block[c + 2],
        query[c + 3],
        block[c + 3],
        query[c + 4],
        block[c + 4],
        query[c + 5],
        block[c + 5],
        query[c + 6],
        block[c + 6],
        query[c + 7],
        block[c + 7]);
  }

  /** One array is written and nine are read, all at the same index, so C2 vectorizes the loop. */
  private static void add(
      float[] sum,
      float a,
      float[] s,
      float b,
      float[] t,
      float c,
      float[] u,
      float d,
      float[] v,
      float e,
      float[] w,
      float f,
      float[] x,
      float g,
      float[] y,
      float h,
      float[] z) {
    for (int j = 0; j < BLOCK; j++) {
      sum[j] = sum[j] + a * s[j] + b * t[j] + c * u[j] + d * v[j] + e * w[j] + f * x[j] + g * y[j]
          + h * z[j];
    }
  }
}
