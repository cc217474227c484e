package io.attune.vector;

import java.util.Arrays;

/**
 * An orthonormal basis ordered by how much item vectors vary along each direction, so that the
 * first few coordinates carry most of every inner product.
 *
 * <p>Source: orthogonal iteration (Bauer 1957, "Das Verfahren der Treppeniteration"), stopped
 * early: the directions must be orthonormal, but need not be exact eigenvectors.
 */
final class PrincipalBasis {
  private static final int ITERATIONS = 12;

  /** Maximum number of rows that the directions are computed from. */
  private static final int SAMPLE = 1 << 15;

  private final double[][] directions; // (D, D), one per row

  private PrincipalBasis(double[][] directions) {
    this.directions = directions;
  }

  /** Computes the basis of a table. */
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
        // Directions in the null space of the moments are kept, so that none is lost.
        addScaled(next[i], 1e-9 * moments[i][i] + 1e-30, directions[i]);
      }
      if (!orthonormalize(next)) {
        break; // the previous directions are good enough
      }
      directions = next;
    }
    return new PrincipalBasis(directions);
  }

  /**
   * Computes the first coordinates of a vector and the norm of the rest.
   *
   * @param vector float32 (D)
   * @param coordinates receives as many coordinates as it has elements
   * @return the residual norm: the length of the part that lies in the other directions
   */
  double project(float[] vector, double[] coordinates) {
    double residual = 0;
    for (float element : vector) {
      residual += (double) element * element;
    }
    for (int i = 0; i < coordinates.length; i++) {
      double sum = 0;
      double[] direction = directions[i];
      for (int k = 0; k < vector.length; k++) {
        sum += direction[k] * vector[k];
      }
      coordinates[i] = sum;
      residual -= sum * sum;
    }
    return Math.sqrt(Math.max(0, residual));
  }

  /** Computes the second moments of a sample of rows, (D, D). */
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

  /** Gram-Schmidt, applied twice for accuracy; returns false if a row vanishes. */
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
