package io.attune.vector;

import java.util.function.Function;

/**
 * Newton's method for a smooth loss of a few variables, with a line search that halves steps which
 * do not lead down. It finds the minimum of a convex loss, and a local one of another.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class NewtonMethod {
  private static final int MAX_STEPS = 100;
  private static final double SHORTEST = 1e-6; // share of a step

  private NewtonMethod() {}

  /**
   * A loss at a point with its derivatives.
   *
   * @param gradient (F)
   * @param curvature (F, F), symmetric and positive definite: the second derivatives, or an
   *     approximation of them
   */
  public record Slope(double loss, double[] gradient, double[][] curvature) {}

  /**
   * Finds the minimum.
   *
   * @param start (F)
   * @param converged a step that lowers the loss by less is the last
   * @param slopes the loss
   * @return (F)
   */
  public static double[] minimize(
      double[] start, double converged, Function<double[], Slope> slopes) {
    double[] at = start.clone();
    Slope here = slopes.apply(at);
    for (int step = 0; step < MAX_STEPS; step++) {
      double[] direction = solve(here.curvature, here.gradient);
      double[] next = at;
      Slope there = here;
      for (double share = 1; there.loss >= here.loss && share > SHORTEST; share /= 2) {
        next = along(at, direction, -share);
        there = slopes.apply(next);
      }
      if (!(there.loss < here.loss - converged)) {
        return there.loss < here.loss ? next : at;
      }
      at = next;
      here = there;
    }
    return at;
  }

  private static double[] along(double[] from, double[] direction, double share) {
    double[] to = from.clone();
    for (int f = 0; f < to.length; f++) {
      to[f] += share * direction[f];
    }
    return to;
  }

  /** Solves a symmetric positive definite system by Cholesky's decomposition. */
  private static double[] solve(double[][] matrix, double[] right) {
    int n = right.length;
    double[][] lower = new double[n][n];
    double[] solved = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= lower[i][k] * lower[j][k];
        }
        lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
      }
    }
    for (int i = 0; i < n; i++) {
      double sum = right[i];
      for (int k = 0; k < i; k++) {
        sum -= lower[i][k] * solved[k];
      }
      solved[i] = sum / lower[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      double sum = solved[i];
      for (int k = i + 1; k < n; k++) {
        sum -= lower[k][i] * solved[k];
      }
      solved[i] = sum / lower[i][i];
    }
    return solved;
  }
}
