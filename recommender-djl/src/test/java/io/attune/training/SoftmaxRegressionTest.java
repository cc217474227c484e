package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SoftmaxRegressionTest {
  private static final double[] TRUE = {0.8, -0.5, 0.3};
  private static final int ALTERNATIVES = 200;

  @Test
  void itFindsTheCoefficientsThatMadeTheChoices() {
    double[] fitted = SoftmaxRegression.fit(List.of(example(1), example(2)), new double[3]);

    for (int f = 0; f < TRUE.length; f++) {
      assertThat(fitted[f]).isCloseTo(TRUE[f], within(0.01));
    }
  }

  @Test
  void noOtherCoefficientsExplainThemBetter() {
    List<SoftmaxRegression.Example> examples = List.of(example(1), example(2));
    double[] start = {0, 1, 0};
    double[] fitted = SoftmaxRegression.fit(examples, start);
    double best = loss(examples, fitted, start);

    for (int f = 0; f < fitted.length; f++) {
      for (double aside : new double[] {-0.01, 0.01}) {
        double[] other = fitted.clone();
        other[f] += aside;
        assertThat(loss(examples, other, start)).isGreaterThan(best);
      }
    }
  }

  @Test
  void withoutExamplesItStaysWhereItStarts() {
    assertThat(SoftmaxRegression.fit(List.of(), new double[] {0, 1})).containsExactly(0, 1);
  }

  @Test
  void whatIsNoAlternativeHasNoChance() {
    double[][] features = {{}, {1}, {2}};
    long[] chosen = {0, 10, 30};

    double[] fitted = SoftmaxRegression.fit(
        List.of(new SoftmaxRegression.Example(features, chosen)), new double[1]);

    assertThat(fitted[0]).isCloseTo(Math.log(3), within(0.02));
    assertThat(SoftmaxRegression.logit(features[0], fitted)).isNegative().isInfinite();
  }

  private static SoftmaxRegression.Example example(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] features = new double[ALTERNATIVES][];
    long[] chosen = new long[ALTERNATIVES];
    for (int i = 0; i < ALTERNATIVES; i++) {
      features[i] = random.doubles(3, -2, 2).toArray();
      chosen[i] = Math.round(1e6 * Math.exp(SoftmaxRegression.logit(features[i], TRUE)));
    }
    return new SoftmaxRegression.Example(features, chosen);
  }

  /** The mean cross-entropy with the penalty, the plain way. */
  private static double loss(
      List<SoftmaxRegression.Example> examples, double[] coefficients, double[] start) {
    double loss = 0;
    for (SoftmaxRegression.Example example : examples) {
      double sum = Arrays.stream(example.features())
          .mapToDouble(x -> Math.exp(SoftmaxRegression.logit(x, coefficients)))
          .sum();
      double chosen = Arrays.stream(example.chosen()).sum();
      for (int i = 0; i < ALTERNATIVES; i++) {
        double logit = SoftmaxRegression.logit(example.features()[i], coefficients);
        loss -= example.chosen()[i] / chosen * (logit - Math.log(sum)) / examples.size();
      }
    }
    for (int f = 0; f < start.length; f++) {
      loss += 0.5e-3 * Math.pow(coefficients[f] - start[f], 2);
    }
    return loss;
  }
}
