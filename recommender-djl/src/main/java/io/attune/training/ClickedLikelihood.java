package io.attune.training;

import io.attune.model.ClickedFeatures;
import io.attune.training.ClickedSample.Prediction;
import java.util.List;

/**
 * The penalised likelihood of a sample's targets under a softmax over all items, in which a clicked
 * item's score is corrected: log p(target) = s(target) + b(target) − log(Σ exp(s(other)) + Σ
 * exp(s(clicked) + b(clicked))), where b = w · features. It is concave in w, so that Newton's
 * method finds its maximum.
 */
final class ClickedLikelihood {
  private static final int SIZE = ClickedFeatures.COUNT;

  /** Weight of half the square of w: keeps what the sample does not tell near zero. */
  private static final double PENALTY = 0.1;

  private static final int MAX_STEPS = 100;
  private static final double ENOUGH = 1e-6; // gain of a step, in nats over the whole sample

  private final List<List<Prediction>> sessions;

  /** The likelihood of the predictions of these sessions. */
  ClickedLikelihood(List<List<Prediction>> sessions) {
    this.sessions = sessions;
  }

  /** A point's value with its derivatives. */
  private static final class Point {
    double value;
    final double[] gradient = new double[SIZE];
    final double[][] curvature = new double[SIZE][SIZE]; // minus the second derivative
  }

  /** The weights of the highest penalised likelihood. */
  double[] maximize() {
    double[] weights = new double[SIZE];
    Point point = at(weights);
    for (int step = 0; step < MAX_STEPS; step++) {
      double[] direction = solve(point.curvature, point.gradient);
      // Half steps, until one climbs: far from the maximum a full one may not.
      double[] next = moved(weights, direction, 1);
      Point there = at(next);
      for (double share = 0.5; there.value < point.value && share > 1e-6; share /= 2) {
        next = moved(weights, direction, share);
        there = at(next);
      }
      double gain = there.value - point.value;
      if (gain < 0) {
        break;
      }
      weights = next;
      point = there;
      if (gain < ENOUGH) {
        break;
      }
    }
    return weights;
  }

  private static double[] moved(double[] weights, double[] direction, double share) {
    double[] moved = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      moved[i] = weights[i] + share * direction[i];
    }
    return moved;
  }

  private Point at(double[] weights) {
    Point point = new Point();
    for (List<Prediction> session : sessions) {
      for (Prediction prediction : session) {
        add(prediction, weights, point);
      }
    }
    for (int i = 0; i < SIZE; i++) {
      point.value -= PENALTY / 2 * weights[i] * weights[i];
      point.gradient[i] -= PENALTY * weights[i];
      point.curvature[i][i] += PENALTY;
      for (int j = 0; j < i; j++) {
        point.curvature[i][j] = point.curvature[j][i];
      }
    }
    return point;
  }

  private static void add(Prediction prediction, double[] weights, Point point) {
    float[][] features = prediction.clicked().values();
    double[] logits = new double[features.length];
    double highest = prediction.others();
    for (int item = 0; item < logits.length; item++) {
      logits[item] = prediction.scores()[item] + dot(weights, features[item]);
      highest = Math.max(highest, logits[item]);
    }
    double sum = Math.exp(prediction.others() - highest);
    for (double logit : logits) {
      sum += Math.exp(logit - highest);
    }
    int target = prediction.target();
    point.value += (target < 0 ? prediction.score() : logits[target]) - highest - Math.log(sum);
    double[] mean = new double[SIZE]; // expected features
    for (int item = 0; item < logits.length; item++) {
      double probability = Math.exp(logits[item] - highest) / sum;
      float[] row = features[item];
      for (int i = 0; i < SIZE; i++) {
        double weighted = probability * row[i];
        if (weighted != 0) {
          mean[i] += weighted;
          for (int j = i; j < SIZE; j++) {
            point.curvature[i][j] += weighted * row[j];
          }
        }
      }
    }
    for (int i = 0; i < SIZE; i++) {
      point.gradient[i] += (target < 0 ? 0 : features[target][i]) - mean[i];
      for (int j = i; j < SIZE; j++) {
        point.curvature[i][j] -= mean[i] * mean[j];
      }
    }
  }

  static double dot(double[] weights, float[] features) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += weights[i] * features[i];
    }
    return sum;
  }

  /** Solves a symmetric, positive definite system by Cholesky's decomposition. */
  private static double[] solve(double[][] matrix, double[] right) {
    double[][] lower = new double[SIZE][SIZE];
    double[] x = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j <= i; j++) {
        double rest = matrix[i][j];
        for (int k = 0; k < j; k++) {
          rest -= lower[i][k] * lower[j][k];
        }
        lower[i][j] = i == j ? Math.sqrt(rest) : rest / lower[j][j];
      }
      double rest = right[i];
      for (int k = 0; k < i; k++) {
        rest -= lower[i][k] * x[k];
      }
      x[i] = rest / lower[i][i];
    }
    for (int i = SIZE - 1; i >= 0; i--) {
      for (int k = i + 1; k < SIZE; k++) {
        x[i] -= lower[k][i] * x[k];
      }
      x[i] /= lower[i][i];
    }
    return x;
  }
}
