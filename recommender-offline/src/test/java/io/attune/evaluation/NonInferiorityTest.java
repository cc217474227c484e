package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.metric.Metric;
import org.junit.jupiter.api.Test;

class NonInferiorityTest {
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);

  @Test
  void theWholeIntervalMustLieAboveTheMargin() {
    // Two percent of 0.5 are 0.01.
    assertThat(test(-0.0099, 0.02).holds()).isTrue();
    assertThat(test(-0.0101, 0.02).holds()).isFalse();
    assertThat(new NonInferiority(HR, 0.5, 0.5, new Interval(0, 0), 0).holds()).isTrue();
    assertThat(new NonInferiority(HR, 0.5, 0.5, new Interval(-1e-9, 1), 0).holds())
        .isFalse();
  }

  @Test
  void nothingIsShownByAnIntervalThatIsNoNumber() {
    assertThat(test(Double.NaN, Double.NaN).holds()).isFalse();
  }

  @Test
  void itSaysWhatWasCompared() {
    assertThat(test(-0.02, 0.01))
        .hasToString("HR@20: candidate 49.50, present 50.00, difference -2.00 to 1.00: may be worse"
            + " by 2.00 % or more");
  }

  @Test
  void aMarginIsAShare() {
    assertThatThrownBy(() -> new NonInferiority(HR, 0.5, 0.5, new Interval(0, 0), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a margin must be from 0 to 1, but is 2.0");
  }

  private static NonInferiority test(double low, double high) {
    return new NonInferiority(HR, 0.5, 0.495, new Interval(low, high), 0.02);
  }
}
