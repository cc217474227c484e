package io.attune.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The best items of many queries, exactly: the same rows and scores, to the last bit, as
 * {@link ItemVectors#top}, at a fraction of the work; or {@link #approximate nearly} so, at less.
 *
 * <p>Vectors are turned so that most of every inner product lies in the first coordinates. Those
 * alone, and what is left of both lengths, bound a score from above: {@code q·e ≤ q'·e' + |q − q'|
 * |e − e'|} (Cauchy and Schwarz). The bounds of all items are one product of matrices with fewer
 * columns; only items whose bound reaches the worst of the best so far are scored in full. How many
 * coordinates pay is found from the first queries; the result does not depend on it.
 *
 * <p>What is left of two vectors hardly ever points the same way. An approximate scan believes only
 * a share of its bound, as much as {@value BoundSample#FOUND} of the best items of some queries
 * need.
 *
 * <p>Source of the bound: Li, Chan, Yiu and Mamoulis 2017, "FEXIPRO: fast and exact inner product
 * retrieval in recommender systems", section 4.1.
 *
 * <p>Takes memory for the coordinates beside the table, and for bounds in each thread. Immutable,
 * and safe for use by several threads.
 */
public final class BoundedScan {
  /** Items of a block: one block of eight coordinates stays in the first-level cache. */
  private static final int BLOCK = 512;

  /** Coordinates that are added in one go. */
  static final int SLAB = 8;

  /** Items whose bounds are looked at together: those a stride apart within a block. */
  private static final int GROUP = 8;

  private static final int STRIDE = BLOCK / GROUP;

  /** Queries of a tile, at most, and the bounds that a tile may take, 64 MB. */
  private static final int TILE = 32;

  private static final long BOUNDS = 1L << 24;

  private static final int SAMPLE_QUERIES = 16;

  private final ItemVectors items;
  private final int[] rows; // (N): the candidates, rising
  private final PrincipalBasis basis;
  private final int coordinates; // without the length that is left, which follows them
  private final float share; // of what the lengths that are left add to a bound
  private final float[][][] blocks; // (N / BLOCK, coordinates + 1 and zeros, BLOCK)
  private final double slack; // of a query of length one: what rounding may take from a bound
  private final int tile;
  private final Pool<Tile> tiles;

  /**
   * A query with the rows that are no candidates for it.
   *
   * @param vector float32 (D)
   * @param excluded item rows, rising
   */
  public record Query(float[] vector, int[] excluded) {}

  private BoundedScan(
      ItemVectors items, int[] rows, PrincipalBasis basis, BoundSample.Choice choice) {
    this.items = items;
    this.rows = rows;
    this.basis = basis;
    this.coordinates = choice.coordinates();
    this.share = choice.share();
    int depth = Math.ceilDiv(coordinates + 1, SLAB) * SLAB;
    this.blocks = new float[Math.ceilDiv(rows.length, BLOCK)][depth][BLOCK];
    double longest = fill();
    this.slack = (items.dimension() + 2.0 * SLAB) * 0x1p-22 * longest;
    this.tile = Math.clamp(BOUNDS / Math.max(1, rows.length), SLAB, TILE);
    this.tiles = new Pool<>(Tile::new);
  }

  /**
   * Prepares a scan.
   *
   * @param items all items
   * @param candidates the rows that may be found, rising
   * @param count how many items queries will ask for
   * @param sample some of the queries, from which the number of coordinates is chosen
   * @throws ArithmeticException when an item vector is not finite
   */
  public static BoundedScan of(
      ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    BoundSample found = BoundSample.of(items, candidates, count, sample, SAMPLE_QUERIES);
    return new BoundedScan(items, candidates, found.basis(), found.choose(false));
  }

  /**
   * Prepares a scan that may miss some of the best items; the scores of those that it finds are
   * right. What it finds depends on the sample.
   *
   * @param items all items
   * @param candidates the rows that may be found, rising
   * @param count how many items queries will ask for
   * @param sample queries like those to come; the more, the surer is what share is found
   * @throws ArithmeticException when an item vector is not finite
   */
  public static BoundedScan approximate(
      ItemVectors items, int[] candidates, int count, List<float[]> sample) {
    BoundSample found = BoundSample.of(items, candidates, count, sample, sample.size());
    return new BoundedScan(items, candidates, found.basis(), found.choose(true));
  }

  /** How many coordinates the bounds are made of. */
  int coordinates() {
    return coordinates;
  }

  /**
   * The best items of each query.
   *
   * @param count the most to return
   * @return for each query, best first, of equal scores the lower row first
   * @throws ArithmeticException when a query or a score is not finite
   */
  public List<ItemVectors.Top> top(List<Query> queries, int count) {
    List<ItemVectors.Top> found = new ArrayList<>(queries.size());
    for (int from = 0; from < queries.size(); from += tile) {
      List<Query> part = queries.subList(from, Math.min(queries.size(), from + tile));
      found.addAll(tiles.with(each -> each.top(part, count)));
    }
    return found;
  }

  /** Fills the blocks, and returns the length of the longest item. */
  private double fill() {
    float[] vector = new float[items.dimension()];
    double[] place = new double[coordinates];
    double longest = 0;
    for (int i = 0; i < rows.length; i++) {
      items.copy(rows[i], vector);
      double length = length(vector);
      if (!Double.isFinite(length)) {
        throw new NotFiniteException("the vector of row " + rows[i] + " is not finite");
      }
      longest = Math.max(longest, length);
      double left = basis.project(vector, place);
      float[][] block = blocks[i / BLOCK];
      for (int c = 0; c < coordinates; c++) {
        block[c][i % BLOCK] = (float) place[c];
      }
      block[coordinates][i % BLOCK] = (float) left;
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

  /** The working memory of some queries at a time. */
  private final class Tile {
    private final float[][] queries = new float[tile][]; // coordinates, the length left, zeros
    private final float[][][] bounds = new float[tile][blocks.length][BLOCK];
    private final float[] highest = new float[blocks.length * STRIDE]; // of each group
    private final double[] place = new double[coordinates];

    List<ItemVectors.Top> top(List<Query> asked, int count) {
      for (int q = 0; q < asked.size(); q++) {
        queries[q] = turn(asked.get(q).vector());
      }
      for (int b = 0; b < blocks.length; b++) {
        for (int q = 0; q < asked.size(); q++) {
          Arrays.fill(bounds[q][b], 0);
        }
        for (int c = 0; c < blocks[b].length; c += SLAB) {
          for (int q = 0; q < asked.size(); q++) {
            add(bounds[q][b], queries[q], c, blocks[b]);
          }
        }
      }
      List<ItemVectors.Top> found = new ArrayList<>(asked.size());
      for (int q = 0; q < asked.size(); q++) {
        found.add(best(asked.get(q), bounds[q], count));
      }
      return found;
    }

    private float[] turn(float[] vector) {
      if (vector.length != items.dimension()) {
        throw new IllegalArgumentException("a query must have " + items.dimension()
            + " elements, as the items have, not " + vector.length);
      }
      double left = basis.project(vector, place);
      float[] turned = new float[Math.ceilDiv(coordinates + 1, SLAB) * SLAB];
      for (int c = 0; c < coordinates; c++) {
        turned[c] = (float) place[c];
      }
      turned[coordinates] = share * (float) left;
      return turned;
    }

    private ItemVectors.Top best(Query query, float[][] bound, int count) {
      double length = length(query.vector());
      if (!Double.isFinite(length)) {
        throw new NotFiniteException("a query vector is not finite");
      }
      float room = (float) (slack * length);
      for (int b = 0; b < bound.length; b++) {
        fold(bound[b], highest, b * STRIDE);
      }
      TopK best = new TopK(Math.min(count, rows.length));
      // The groups of the highest bounds come first, so that there is soon something to beat.
      TopK first = new TopK(Math.min(count + query.excluded().length, highest.length));
      first.offer(0, highest, highest.length, group -> true);
      int[] groups = first.sorted((found, scores) -> found);
      for (int group : groups) {
        offer(group, bound, query, room, best);
        highest[group] = Float.NEGATIVE_INFINITY;
      }
      float worst = best.worst() - room;
      for (int group = 0; group < highest.length; group++) {
        if (highest[group] >= worst) {
          offer(group, bound, query, room, best);
          worst = best.worst() - room;
        }
      }
      return best.sorted(ItemVectors.Top::new);
    }

    private void offer(int group, float[][] bound, Query query, float room, TopK best) {
      int block = group / STRIDE;
      for (int i = group % STRIDE; i < BLOCK; i += STRIDE) {
        int candidate = block * BLOCK + i;
        if (candidate < rows.length && bound[block][i] >= best.worst() - room) {
          int row = rows[candidate];
          if (query.excluded().length == 0 || Arrays.binarySearch(query.excluded(), row) < 0) {
            best.offer(row, items.product(query.vector(), row));
          }
        }
      }
    }
  }

  /** The highest of each group's bounds. */
  private static void fold(float[] bound, float[] highest, int at) {
    for (int i = 0; i < STRIDE; i++) {
      float a = Math.max(bound[i], bound[i + STRIDE]);
      float b = Math.max(bound[i + 2 * STRIDE], bound[i + 3 * STRIDE]);
      float c = Math.max(bound[i + 4 * STRIDE], bound[i + 5 * STRIDE]);
      float d = Math.max(bound[i + 6 * STRIDE], bound[i + 7 * STRIDE]);
      highest[at + i] = Math.max(Math.max(a, b), Math.max(c, d));
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

  /** One array is written and nine are read at one index: so it becomes vector instructions. */
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
