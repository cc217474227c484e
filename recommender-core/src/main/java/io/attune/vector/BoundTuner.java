package io.attune.vector;

import java.util.Arrays;
import java.util.List;

/**
 * Chooses how many coordinates a {@link BoundedScan} bounds scores by, from sample queries and
 * their best items.
 *
 * @param rotated (Q, D): the queries in the coordinates of the basis
 * @param best (Q, at most K): the rows of the best items, best first
 * @param thresholds (Q): the K-th best score, or negative infinity if there are fewer items
 */
record BoundTuner(
    ItemVectors items,
    int[] candidates,
    PrincipalBasis basis,
    double[][] rotated,
    int[][] best,
    float[] thresholds) {
  /**
   * The cost per element of scoring a single item, relative to one in a matrix product. An
   * estimate, since it depends on whether the table fits in a cache.
   */
  private static final double RANDOM_ACCESS_COST = 20;

  /** The share of the sample's best items that an approximate scan must find. */
  static final double TARGET_RECALL = 0.98;

  private static final int SAMPLE_ITEMS = 4096;

  /** The form of a bound: how many coordinates, and what share of the residual norms is added. */
  record Choice(int coordinates, float share) {}

  static BoundTuner of(
      ItemVectors items, int[] candidates, int count, List<float[]> queries, int limit) {
    List<float[]> some = candidates.length < SAMPLE_ITEMS
        ? List.of() // too few items for tuning to pay off
        : queries.subList(0, Math.min(queries.size(), limit));
    PrincipalBasis basis = PrincipalBasis.of(items);
    double[][] rotated = new double[some.size()][items.dimension()];
    int[][] best = new int[some.size()][];
    float[] thresholds = new float[some.size()];
    for (int q = 0; q < thresholds.length; q++) {
      ItemVectors.Top top =
          items.top(some.get(q), count, row -> Arrays.binarySearch(candidates, row) >= 0);
      basis.project(some.get(q), rotated[q]);
      best[q] = top.rows();
      thresholds[q] = top.rows().length < count ? Float.NEGATIVE_INFINITY : top.scores()[count - 1];
    }
    return new BoundTuner(items, candidates, basis, rotated, best, thresholds);
  }

  /**
   * Returns the choice with the lowest total cost of bounds and of exact scores for the items that
   * pass.
   */
  Choice choose(boolean approximate) {
    int dimension = items.dimension();
    if (rotated.length == 0) {
      return new Choice(dimension, 1);
    }
    float[] shares = new float[dimension + 1]; // by number of coordinates
    Arrays.fill(shares, 1);
    if (approximate) {
      calibrate(shares);
    }
    double[] survivors = survivors(shares);
    int coordinates = dimension;
    double least = Math.ceilDiv(dimension + 1, BoundedScan.SLAB) * BoundedScan.SLAB;
    for (int depth = BoundedScan.SLAB; depth < dimension; depth += BoundedScan.SLAB) {
      double cost = depth + RANDOM_ACCESS_COST * dimension * survivors[depth - 1];
      if (cost < least) {
        least = cost;
        coordinates = depth - 1;
      }
    }
    return new Choice(coordinates, shares[coordinates]);
  }

  /** For each number of coordinates, the share of the items whose bound reaches the threshold. */
  private double[] survivors(float[] shares) {
    double[] survivors = new double[shares.length];
    int step = candidates.length / SAMPLE_ITEMS;
    long sampled = 0;
    for (int i = 0; i < candidates.length; i += step) {
      double[] item = rotated(candidates[i]);
      for (int q = 0; q < rotated.length; q++) {
        float threshold = thresholds[q];
        sampled++;
        bounds(
            rotated[q],
            item,
            (c, product, residual) ->
                survivors[c] += product + shares[c] * residual >= threshold ? 1 : 0);
      }
    }
    for (int c = 0; c < survivors.length; c++) {
      survivors[c] /= sampled;
    }
    return survivors;
  }

  /**
   * For each number of coordinates, finds the share of the residual norms that lets
   * {@link #TARGET_RECALL} of the best items pass. Many need none of it: their first coordinates
   * already reach the threshold.
   */
  private void calibrate(float[] shares) {
    int total = Arrays.stream(best).mapToInt(rows -> rows.length).sum();
    float[][] needed = new float[shares.length][total];
    int at = 0;
    for (int q = 0; q < best.length; q++) {
      for (int row : best[q]) {
        int place = at++;
        float threshold = thresholds[q];
        bounds(
            rotated[q],
            rotated(row),
            (c, product, residual) ->
                needed[c][place] = residual == 0 ? 0 : (float) ((threshold - product) / residual));
      }
    }
    for (int c = 0; c < shares.length && total > 0; c++) {
      Arrays.sort(needed[c]);
      shares[c] = Math.clamp(needed[c][(int) (TARGET_RECALL * (total - 1))], 0f, 1f);
    }
  }

  /** Receives the two parts of a bound. */
  private interface BoundVisitor {
    void visit(int coordinates, double product, double residual);
  }

  /** Visits the bound of a query and an item for each number of coordinates from 1. */
  private static void bounds(double[] query, double[] item, BoundVisitor into) {
    double product = 0;
    double queryResidual = squares(query);
    double itemResidual = squares(item);
    for (int c = 0; c < item.length; c++) {
      product += query[c] * item[c];
      queryResidual -= query[c] * query[c];
      itemResidual -= item[c] * item[c];
      into.visit(c + 1, product, Math.sqrt(Math.max(0, itemResidual) * Math.max(0, queryResidual)));
    }
  }

  private double[] rotated(int row) {
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
