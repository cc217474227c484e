package io.attune.training;

import io.attune.model.TextFeatures;
import io.attune.model.TextMap;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Item vectors as a linear function of what the items' texts say: ridge regression of the trained
 * vectors on the {@link TextFeatures} of the texts, weighted by how rare a feature is. So an item
 * that was never clicked gets the vector of items with such words.
 *
 * <p>Source: Gantner et al. 2010, "Learning attribute-to-feature mappings for cold-start
 * recommendations", section III.B, with linear maps; solved by conjugate gradients (Hestenes and
 * Stiefel 1952), all elements of the vectors at once.
 */
final class TextRegression {
  /** Places that features are hashed to. Four times as many find a tenth more. */
  private static final int FEATURES = 1 << 14;

  /** The weight of the penalty. A third to one do equally well. */
  private static final float PENALTY = 0.3f;

  private static final int ITERATIONS = 25;

  private final float[][] weights; // (F, D)

  private TextRegression(int dimension) {
    this.weights = new float[FEATURES][dimension];
  }

  /**
   * Learns from items whose vectors are known.
   *
   * @param texts of each item, (N)
   * @param rows of each item in the table, (N)
   * @param table float32 (V + 1, D or more)
   * @param dimension D: how many elements of a row are learned, from the first
   * @return makes vectors of length one
   */
  static TextMap of(List<String> texts, int[] rows, Tensor table, int dimension) {
    List<TextFeatures> features =
        texts.parallelStream().map(text -> TextFeatures.of(text, FEATURES)).toList();
    float[] rarity = TextFeatures.rarity(features, FEATURES, 0);
    Sparse known = new Sparse(
        features.parallelStream().map(TextFeatures::places).toArray(int[][]::new),
        features.parallelStream().map(text -> text.weights(rarity)).toArray(float[][]::new));
    int width = (int) table.shape()[1];
    float[][] vectors = new float[rows.length][];
    Arrays.setAll(
        vectors,
        i -> Arrays.copyOfRange(table.values(), rows[i] * width, rows[i] * width + dimension));
    TextRegression regression = new TextRegression(dimension);
    regression.solve(known, vectors);
    float[] learned = new float[FEATURES * dimension];
    for (int place = 0; place < FEATURES; place++) {
      System.arraycopy(regression.weights[place], 0, learned, place * dimension, dimension);
    }
    return new TextMap(rarity, new Tensor(new long[] {FEATURES, dimension}, learned), 1);
  }

  /** Conjugate gradients on {@code (XᵀX + penalty) W = Xᵀ vectors}, for each column of its own. */
  private void solve(Sparse known, float[][] vectors) {
    int dimension = weights[0].length;
    float[][] residual = known.transposed(vectors, dimension);
    float[][] direction = Arrays.stream(residual).map(float[]::clone).toArray(float[][]::new);
    double[] squares = squares(residual, residual);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      float[][] image = known.transposed(known.times(direction, dimension), dimension);
      for (int place = 0; place < FEATURES; place++) {
        add(image[place], PENALTY, direction[place]);
      }
      double[] curvature = squares(direction, image);
      float[] step = ratio(squares, curvature);
      move(weights, step, direction, 1);
      move(residual, step, image, -1);
      double[] next = squares(residual, residual);
      float[] kept = ratio(next, squares);
      float[][] from = residual;
      float[][] turned = direction;
      IntStream.range(0, FEATURES).parallel().forEach(place -> {
        for (int k = 0; k < dimension; k++) {
          turned[place][k] = from[place][k] + kept[k] * turned[place][k];
        }
      });
      squares = next;
    }
  }

  private static void move(float[][] rows, float[] step, float[][] by, int sign) {
    IntStream.range(0, rows.length).parallel().forEach(place -> {
      for (int k = 0; k < step.length; k++) {
        rows[place][k] += sign * step[k] * by[place][k];
      }
    });
  }

  /** By column, 0 where the second is 0. */
  private static float[] ratio(double[] first, double[] second) {
    float[] ratio = new float[first.length];
    for (int k = 0; k < ratio.length; k++) {
      ratio[k] = second[k] > 0 ? (float) (first[k] / second[k]) : 0;
    }
    return ratio;
  }

  /** The inner products of columns, in the order of the rows. */
  private static double[] squares(float[][] one, float[][] other) {
    double[] sums = new double[one[0].length];
    for (int place = 0; place < one.length; place++) {
      for (int k = 0; k < sums.length; k++) {
        sums[k] += (double) one[place][k] * other[place][k];
      }
    }
    return sums;
  }

  private static void add(float[] sum, float scale, float[] row) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] += scale * row[k];
    }
  }

  /** A sparse matrix (N, F) by rows, and by columns for its transpose. */
  private static final class Sparse {
    private final int[][] places;
    private final float[][] values;
    private final int[][] rowsOfColumn = new int[FEATURES][];
    private final float[][] valuesOfColumn = new float[FEATURES][];

    Sparse(int[][] places, float[][] values) {
      this.places = places;
      this.values = values;
      int[] counts = new int[FEATURES];
      for (int[] row : places) {
        for (int place : row) {
          counts[place]++;
        }
      }
      for (int place = 0; place < FEATURES; place++) {
        rowsOfColumn[place] = new int[counts[place]];
        valuesOfColumn[place] = new float[counts[place]];
      }
      for (int row = places.length - 1; row >= 0; row--) {
        for (int i = 0; i < places[row].length; i++) {
          int place = places[row][i];
          rowsOfColumn[place][--counts[place]] = row;
          valuesOfColumn[place][counts[place]] = values[row][i];
        }
      }
    }

    /** (F, D) to (N, D). */
    float[][] times(float[][] right, int dimension) {
      return product(places, values, right, dimension);
    }

    /** (N, D) to (F, D). */
    float[][] transposed(float[][] right, int dimension) {
      return product(rowsOfColumn, valuesOfColumn, right, dimension);
    }

    private static float[][] product(
        int[][] indexes, float[][] factors, float[][] right, int dimension) {
      float[][] product = new float[indexes.length][dimension];
      IntStream.range(0, indexes.length).parallel().forEach(row -> {
        for (int i = 0; i < indexes[row].length; i++) {
          add(product[row], factors[row][i], right[indexes[row][i]]);
        }
      });
      return product;
    }
  }
}
