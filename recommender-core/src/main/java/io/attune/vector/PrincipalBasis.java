package io.attune.vector;

import java.util.Arrays;

/**
 * Directions in which item vectors differ most, orthonormal and the strongest first: in the first
 * few of them lies most of every inner product.
 *
 * <p>Source: Bauer 1957, "Das Verfahren der Treppeniteration", which is orthogonal iteration. It is
 * stopped early: the directions need to be orthonormal, and good, but no eigenvectors.
 */
final class PrincipalBasis {
  private static final int ITERATIONS = 12;

  /** Rows that the directions are found from, at most. */
  private static final int SAMPLE = 1 << 15;

  private final double[][] directions; // (D, D), one a row

  private PrincipalBasis(double[][] directions) {
    this.directions = directions;
  }

  /** The directions of a table. */
  static PrincipalBasis of(ItemVectors items) {
    int dimension = items.dimension();
    double[][] moments = moments(items);
    double[][] directions = new double[dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      directions[i][i] = 1;
    }
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      double[][] next = new double[dimension][dimension];
      for (int i = 0; i < dimension; i++) {
        for (int k = 0; k < dimension; k++) {
          addScaled(next[i], directions[i][k], moments[k]);
        }
        // What the moments do not reach stays as it was, so that no direction is lost.
        addScaled(next[i], 1e-9 * moments[i][i] + 1e-30, directions[i]);
      }
      if (!orthonormalize(next)) {
        break; // The last good ones will do.
      }
      directions = next;
    }
    return new PrincipalBasis(directions);
  }

  /**
   * The first coordinates of a vector, and what is left of its length.
   *
   * @param vector float32 (D)
   * @param coordinates written: as many as it has room for
   * @return the length of the part of the vector that lies in the other directions
   */
  double project(float[] vector, double[] coordinates) {
    double left = 0;
    for (float element : vector) {
      left += (double) element * element;
    }
    for (int i = 0; i < coordinates.length; i++) {
      double sum = 0;
      double[] direction = directions[i];
      for (int k = 0; k < vector.length; k++) {
        sum += direction[k] * vector[k];
      }
      coordinates[i] = sum;
      left -= sum * sum;
    }
    return Math.sqrt(Math.max(0, left));
  }

  /** The second moments of a sample of rows, (D, D). */
  private static double[][] moments(ItemVectors items) {
    int dimension = items.dimension();
    double[][] moments = new double[dimension][dimension];
    float[] row = new float[dimension];
    double[] values = new double[dimension];
    int step = Math.max(1, items.size() / SAMPLE);
    for (int i = 1; i <= items.size(); i += step) {
      items.copy(i, row);
      for (int k = 0; k < dimension; k++) {
        values[k] = row[k];
      }
      for (int k = 0; k < dimension; k++) {
        addScaled(moments[k], values[k], values);
      }
    }
    return moments;
  }

  /** Gram and Schmidt's way, twice, since once leaves a trace; false where a row is lost. */
  private static boolean orthonormalize(double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      double before = Math.sqrt(dot(rows[i], rows[i]));
      for (int time = 0; time < 2; time++) {
        for (int k = 0; k < i; k++) {
          addScaled(rows[i], -dot(rows[i], rows[k]), rows[k]);
        }
      }
      double length = Math.sqrt(dot(rows[i], rows[i]));
      if (!(length > 1e-12 * before)) {
        return false;
      }
      double[] row = rows[i];
      Arrays.setAll(row, k -> row[k] / length);
    }
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void addScaled(double[] sum, double factor, double[] x) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * x[i];
    }
  }
}
