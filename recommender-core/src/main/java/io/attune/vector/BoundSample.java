package io.attune.vector;

import java.util.Arrays;
import java.util.List;

/**
 * Some queries and their best items, to choose by what bounds are made of.
 *
 * @param turned (Q, D): the queries in the directions of the basis
 * @param best (Q, at most K): the rows of the best items, best first
 * @param worst (Q): the score of the last of K, or negative infinity
 */
record BoundSample(
    ItemVectors items,
    int[] candidates,
    PrincipalBasis basis,
    double[][] turned,
    int[][] best,
    float[] worst) {
  /**
   * What an element costs in a score of its own, beside one in a product of matrices: about, since
   * a table may lie in a cache or not.
   */
  private static final double ALONE = 20;

  /** The share of the sample's best items that an approximate scan finds. */
  static final double FOUND = 0.98;

  private static final int SAMPLE_ITEMS = 4096;

  /** How a bound is made: of how many coordinates, and what share of the lengths left. */
  record Choice(int coordinates, float share) {}

  static BoundSample of(
      ItemVectors items, int[] candidates, int count, List<float[]> queries, int most) {
    List<float[]> some = candidates.length < SAMPLE_ITEMS
        ? List.of() // A choice would not pay.
        : queries.subList(0, Math.min(queries.size(), most));
    PrincipalBasis basis = PrincipalBasis.of(items);
    double[][] turned = new double[some.size()][items.dimension()];
    int[][] best = new int[some.size()][];
    float[] worst = new float[some.size()];
    for (int q = 0; q < worst.length; q++) {
      ItemVectors.Top top =
          items.top(some.get(q), count, row -> Arrays.binarySearch(candidates, row) >= 0);
      basis.project(some.get(q), turned[q]);
      best[q] = top.rows();
      worst[q] = top.rows().length < count ? Float.NEGATIVE_INFINITY : top.scores()[count - 1];
    }
    return new BoundSample(items, candidates, basis, turned, best, worst);
  }

  /** That for which bounds and the scores that they do not save cost least. */
  Choice choose(boolean approximate) {
    int dimension = items.dimension();
    if (turned.length == 0) {
      return new Choice(dimension, 1);
    }
    float[] shares = new float[dimension + 1]; // by number of coordinates
    Arrays.fill(shares, 1);
    if (approximate) {
      believe(shares);
    }
    double[] reach = reach(shares);
    int coordinates = dimension;
    double least = Math.ceilDiv(dimension + 1, BoundedScan.SLAB) * BoundedScan.SLAB;
    for (int depth = BoundedScan.SLAB; depth < dimension; depth += BoundedScan.SLAB) {
      double cost = depth + ALONE * dimension * reach[depth - 1];
      if (cost < least) {
        least = cost;
        coordinates = depth - 1;
      }
    }
    return new Choice(coordinates, shares[coordinates]);
  }

  /** By number of coordinates, the share of the items whose bound reaches the worst. */
  private double[] reach(float[] shares) {
    double[] reach = new double[shares.length];
    int step = candidates.length / SAMPLE_ITEMS;
    long sampled = 0;
    for (int i = 0; i < candidates.length; i += step) {
      double[] item = turned(candidates[i]);
      for (int q = 0; q < turned.length; q++) {
        float threshold = worst[q];
        sampled++;
        bounds(
            turned[q],
            item,
            (c, product, left) -> reach[c] += product + shares[c] * left >= threshold ? 1 : 0);
      }
    }
    for (int c = 0; c < reach.length; c++) {
      reach[c] /= sampled;
    }
    return reach;
  }

  /**
   * By number of coordinates, what share of the lengths left most of the best items need to reach
   * the last of them. Many need none: they stand high by their first coordinates.
   */
  private void believe(float[] shares) {
    int all = Arrays.stream(best).mapToInt(rows -> rows.length).sum();
    float[][] needed = new float[shares.length][all];
    int at = 0;
    for (int q = 0; q < best.length; q++) {
      for (int row : best[q]) {
        int place = at++;
        float threshold = worst[q];
        bounds(
            turned[q],
            turned(row),
            (c, product, left) ->
                needed[c][place] = left == 0 ? 0 : (float) ((threshold - product) / left));
      }
    }
    for (int c = 0; c < shares.length && all > 0; c++) {
      Arrays.sort(needed[c]);
      shares[c] = Math.clamp(needed[c][(int) (FOUND * (all - 1))], 0f, 1f);
    }
  }

  /** What a bound is made of. */
  private interface Parts {
    void take(int coordinates, double product, double left);
  }

  /** The parts of the bound of a query and an item, for each number of coordinates from 1. */
  private static void bounds(double[] query, double[] item, Parts into) {
    double product = 0;
    double queryLeft = squares(query);
    double itemLeft = squares(item);
    for (int c = 0; c < item.length; c++) {
      product += query[c] * item[c];
      queryLeft -= query[c] * query[c];
      itemLeft -= item[c] * item[c];
      into.take(c + 1, product, Math.sqrt(Math.max(0, itemLeft) * Math.max(0, queryLeft)));
    }
  }

  private double[] turned(int row) {
    float[] vector = new float[items.dimension()];
    double[] place = new double[vector.length];
    items.copy(row, vector);
    basis.project(vector, place);
    return place;
  }

  private static double squares(double[] vector) {
    double sum = 0;
    for (double element : vector) {
      sum += element * element;
    }
    return sum;
  }
}
