package io.attune.training;

import io.attune.model.ClickedFeatures;
import io.attune.training.ClickedSample.Prediction;
import io.attune.vector.NewtonMethod;
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

  private static final double CONVERGED = 1e-6; // of a step, in nats over the whole sample

  private final List<List<Prediction>> sessions;

  /** The likelihood of the predictions of these sessions. */
  ClickedLikelihood(List<List<Prediction>> sessions) {
    this.sessions = sessions;
  }

  /** The weights of the highest penalised likelihood. */
  double[] maximize() {
    return NewtonMethod.minimize(new double[SIZE], CONVERGED, this::slope);
  }

  /** Minus the penalised likelihood. */
  private NewtonMethod.Slope slope(double[] weights) {
    double[] gradient = new double[SIZE];
    double[][] curvature = new double[SIZE][SIZE];
    double loss = 0;
    for (List<Prediction> session : sessions) {
      for (Prediction prediction : session) {
        loss += add(prediction, weights, gradient, curvature);
      }
    }
    for (int i = 0; i < SIZE; i++) {
      loss += PENALTY / 2 * weights[i] * weights[i];
      gradient[i] += PENALTY * weights[i];
      curvature[i][i] += PENALTY;
      for (int j = 0; j < i; j++) {
        curvature[i][j] = curvature[j][i];
      }
    }
    return new NewtonMethod.Slope(loss, gradient, curvature);
  }

  /** Adds the derivatives of a prediction, and returns minus its log-likelihood. */
  private static double add(
      Prediction prediction, double[] weights, double[] gradient, double[][] curvature) {
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
    double[] mean = new double[SIZE]; // expected features
    for (int item = 0; item < logits.length; item++) {
      double probability = Math.exp(logits[item] - highest) / sum;
      float[] row = features[item];
      for (int i = 0; i < SIZE; i++) {
        double weighted = probability * row[i];
        if (weighted != 0) {
          mean[i] += weighted;
          for (int j = i; j < SIZE; j++) {
            curvature[i][j] += weighted * row[j];
          }
        }
      }
    }
    for (int i = 0; i < SIZE; i++) {
      gradient[i] += mean[i] - (target < 0 ? 0 : features[target][i]);
      for (int j = i; j < SIZE; j++) {
        curvature[i][j] -= mean[i] * mean[j];
      }
    }
    return highest + Math.log(sum) - (target < 0 ? prediction.score() : logits[target]);
  }

  static double dot(double[] weights, float[] features) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += weights[i] * features[i];
    }
    return sum;
  }
}
