package io.attune.training;

import io.attune.vector.NewtonMethod;
import java.util.Arrays;
import java.util.List;

/**
 * A multinomial logit of alternatives that are described by features (McFadden 1974, conditional
 * logit): p(i) is proportional to exp(w · x(i)), with the same w for all alternatives. Fitted by
 * Newton's method on the mean cross-entropy of the examples and a small penalty, so the optimum is
 * the only one.
 */
final class SoftmaxRegression {
  private static final double PENALTY = 1e-3; // on half the squared distance from the start
  private static final double CONVERGED = 1e-9; // of the loss

  private final List<Example> examples;
  private final double[] start;
  private final int size;

  private SoftmaxRegression(List<Example> examples, double[] start) {
    this.examples = examples;
    this.start = start;
    this.size = start.length;
  }

  /**
   * A choice, made many times, among the same alternatives.
   *
   * @param features float64 (A, F) of the alternatives; an empty row is none of them
   * @param chosen (A): how often each was chosen, in all at least once; 0 where a row is empty
   */
  record Example(double[][] features, long[] chosen) {}

  /** The logit of an alternative; negative infinity where it is none. */
  static double logit(double[] features, double[] coefficients) {
    if (features.length == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    double sum = 0;
    for (int f = 0; f < features.length; f++) {
      sum += coefficients[f] * features[f];
    }
    return sum;
  }

  /**
   * The coefficients that explain the examples best. Each example counts the same, however often
   * was chosen in it.
   *
   * @param start (F): what they are where there is no example, and are drawn to
   * @return (F)
   */
  static double[] fit(List<Example> examples, double[] start) {
    return new SoftmaxRegression(examples, start).fit();
  }

  private double[] fit() {
    return examples.isEmpty()
        ? start.clone()
        : NewtonMethod.minimize(start, CONVERGED, this::slope);
  }

  private NewtonMethod.Slope slope(double[] coefficients) {
    double[] gradient = new double[size];
    double[][] curvature = new double[size][size];
    double loss = 0;
    for (Example example : examples) {
      loss += add(example, coefficients, gradient, curvature) / examples.size();
    }
    for (int f = 0; f < size; f++) {
      double away = coefficients[f] - start[f];
      loss += PENALTY * away * away / 2;
      gradient[f] += PENALTY * away;
      curvature[f][f] += PENALTY;
    }
    return new NewtonMethod.Slope(loss, gradient, curvature);
  }

  /** Adds the derivatives of an example, and returns its loss. */
  private double add(
      Example example, double[] coefficients, double[] gradient, double[][] curvature) {
    double[][] features = example.features;
    double[] p = probabilities(features, coefficients);
    double chosen = Arrays.stream(example.chosen).sum();
    double weight = 1.0 / examples.size();
    double[] mean = new double[size];
    double loss = 0;
    for (int i = 0; i < p.length; i++) {
      double y = example.chosen[i] / chosen;
      loss -= y > 0 ? y * Math.log(p[i]) : 0;
      for (int f = 0; f < features[i].length; f++) {
        mean[f] += p[i] * features[i][f];
        gradient[f] += weight * (p[i] - y) * features[i][f];
        for (int g = 0; g <= f; g++) {
          curvature[f][g] += weight * p[i] * features[i][f] * features[i][g];
        }
      }
    }
    for (int f = 0; f < size; f++) {
      for (int g = 0; g <= f; g++) {
        curvature[f][g] -= weight * mean[f] * mean[g];
        curvature[g][f] = curvature[f][g];
      }
    }
    return loss;
  }

  private static double[] probabilities(double[][] features, double[] coefficients) {
    double[] p = new double[features.length];
    Arrays.setAll(p, i -> logit(features[i], coefficients));
    double max = Arrays.stream(p).max().orElse(0);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(p[i] - max);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
