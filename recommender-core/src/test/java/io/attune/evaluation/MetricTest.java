package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.evaluation.Metric.Measure;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MetricTest {
  // Five predictions: first, third, fifth, sixth, and a miss.
  private final int[] ranks = {1, 3, 5, 6, Ranks.MISS};

  @Test
  void hitRateIsTheShareOfRanksWithinTheCutoff() {
    assertThat(new Metric(Measure.HR, 5).mean(ranks)).isCloseTo(3 / 5.0, within(1e-12));
    assertThat(new Metric(Measure.HR, 6).mean(ranks)).isCloseTo(4 / 5.0, within(1e-12));
    assertThat(new Metric(Measure.HR, 1).mean(ranks)).isCloseTo(1 / 5.0, within(1e-12));
  }

  @Test
  void reciprocalRanksBeyondTheCutoffCountNothing() {
    assertThat(new Metric(Measure.MRR, 5).mean(ranks))
        .isCloseTo((1 + 1 / 3.0 + 1 / 5.0) / 5, within(1e-12));
  }

  @Test
  void discountedGainIsOneOverTheBinaryLogarithm() {
    // log2(2) = 1, log2(4) = 2, log2(6) = 2.584962500721156
    assertThat(new Metric(Measure.NDCG, 5).mean(ranks))
        .isCloseTo((1 + 0.5 + 1 / 2.584962500721156) / 5, within(1e-12));
  }

  @Test
  void aLargerCutoffNeverLowersAMetricAndTheMeasuresAreOrdered() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 200; run++) {
      int[] drawn = random.ints(1 + random.nextInt(40), 0, 60).toArray();
      double[] before = new double[Measure.values().length];
      for (int cutoff = 1; cutoff < 65; cutoff++) {
        double hr = new Metric(Measure.HR, cutoff).mean(drawn);
        double mrr = new Metric(Measure.MRR, cutoff).mean(drawn);
        double ndcg = new Metric(Measure.NDCG, cutoff).mean(drawn);
        assertThat(mrr).isBetween(0.0, ndcg + 1e-12);
        assertThat(ndcg).isLessThanOrEqualTo(hr + 1e-12);
        assertThat(hr).isGreaterThanOrEqualTo(before[0]);
        assertThat(mrr).isGreaterThanOrEqualTo(before[1]);
        assertThat(ndcg).isGreaterThanOrEqualTo(before[2]);
        before = new double[] {hr, mrr, ndcg};
      }
    }
  }

  @Test
  void aCutoffBelowOneIsRefused() {
    assertThatThrownBy(() -> new Metric(Measure.HR, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0");
  }
}
