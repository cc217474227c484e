package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {

  @Test
  void intervalsOfIndependentValuesMatchTheNormalDistribution() {
    SplittableRandom random = new SplittableRandom(1);
    int count = 4000;
    int[] clusters = new int[count];
    Arrays.setAll(clusters, i -> i);
    double[] values = random.doubles(count).map(x -> x < 0.3 ? 1 : 0).toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    double expected = 1.96 * Math.sqrt(mean * (1 - mean) / count);
    Interval interval = new Bootstrap(clusters, 7).interval(values);
    assertThat(interval.halfWidth()).isCloseTo(expected, within(0.1 * expected));
    assertThat((interval.low() + interval.high()) / 2).isCloseTo(mean, within(0.1 * expected));
  }

  @Test
  void predictionsOfASessionAreResampledTogether() {
    // Sessions of ten equal values carry the information of a single prediction.
    SplittableRandom random = new SplittableRandom(2);
    int[] clusters = new int[10_000];
    double[] values = new double[clusters.length];
    for (int session = 0; session < 1000; session++) {
      double value = random.nextDouble() < 0.5 ? 1 : 0;
      Arrays.fill(clusters, 10 * session, 10 * session + 10, session);
      Arrays.fill(values, 10 * session, 10 * session + 10, value);
    }
    double expected = 1.96 * Math.sqrt(0.25 / 1000);
    assertThat(new Bootstrap(clusters, 7).interval(values).halfWidth())
        .isCloseTo(expected, within(0.15 * expected));
  }

  @Test
  void predictionsOfASessionMayBeInAnyOrder() {
    // As above, but interleaved: no two predictions of a session are adjacent.
    SplittableRandom random = new SplittableRandom(2);
    int[] clusters = new int[10_000];
    double[] values = new double[clusters.length];
    double[] ofSession = random.doubles(1000).map(x -> x < 0.5 ? 1 : 0).toArray();
    Arrays.setAll(clusters, p -> 7 * (p % 1000) - 500);
    Arrays.setAll(values, p -> ofSession[p % 1000]);
    double expected = 1.96 * Math.sqrt(0.25 / 1000);
    assertThat(new Bootstrap(clusters, 7).interval(values).halfWidth())
        .isCloseTo(expected, within(0.15 * expected));
  }

  @Test
  void groupsOfSessionsGiveTheSameIntervals() {
    SplittableRandom random = new SplittableRandom(3);
    int count = 10 * Bootstrap.MAX_UNITS;
    int[] clusters = new int[count];
    Arrays.setAll(clusters, i -> i);
    double[] values = random.doubles(count).map(x -> x < 0.5 ? 1 : 0).toArray();
    double expected = 1.96 * Math.sqrt(0.25 / count);
    assertThat(new Bootstrap(clusters, 7).interval(values).halfWidth())
        .isCloseTo(expected, within(0.1 * expected));
  }

  @Test
  void falsePositivesMatchTheSignificanceLevel() {
    SplittableRandom random = new SplittableRandom(4);
    int[] clusters = new int[300];
    Arrays.setAll(clusters, i -> i);
    int shown = 0;
    for (int run = 0; run < 100; run++) {
      double[] a = random.doubles(300).map(x -> x < 0.5 ? 1 : 0).toArray();
      double[] b = random.doubles(300).map(x -> x < 0.5 ? 1 : 0).toArray();
      shown += new Bootstrap(clusters, run).difference(a, b).pValue() < 0.05 ? 1 : 0;
    }
    assertThat(shown).isBetween(0, 12); // 5 expected
  }

  @Test
  void aClearDifferenceIsSignificantAndNoneIsNot() {
    SplittableRandom random = new SplittableRandom(5);
    int[] clusters = new int[2000];
    Arrays.setAll(clusters, i -> i / 2);
    double[] base = random.doubles(2000).map(x -> x < 0.3 ? 1 : 0).toArray();
    double[] better = base.clone();
    for (int p = 0; p < 2000; p += 25) {
      better[p] = 1;
    }
    Bootstrap bootstrap = new Bootstrap(clusters, 7);
    Difference same = bootstrap.difference(base, base);
    assertThat(same.mean()).isZero();
    assertThat(same.pValue()).isEqualTo(1);
    List<Comparison> comparisons = Comparison.of(
        new Metric(Measure.HR, 20),
        List.of(
            new Comparison.Values("base", base),
            new Comparison.Values("better", better),
            new Comparison.Values("twin", base)),
        bootstrap);
    assertThat(comparisons).hasSize(3);
    assertThat(comparisons.getFirst().better()).isEqualTo("better");
    assertThat(comparisons.getFirst().isSignificant()).isTrue();
    assertThat(comparisons.getFirst().difference().interval().low()).isPositive();
    assertThat(comparisons.getLast().isSignificant()).isFalse();
  }

  @Test
  void holmsMethodIsMonotonic() {
    assertThat(Comparison.holm(new double[] {0.04, 0.01, 0.03, 0.9}))
        .containsExactly(new double[] {0.09, 0.04, 0.09, 0.9}, within(1e-12));
  }

  @Test
  void valuesOfADifferentLengthAreRejected() {
    Bootstrap bootstrap = new Bootstrap(new int[] {0, 0, 1}, 7);
    assertThatThrownBy(() -> bootstrap.interval(new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 predictions, not 2");
  }
}
