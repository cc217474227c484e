package io.attune.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric.Measure;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MetricTest {
  // Five predictions: first, third, fifth, sixth, and a miss.
  private final int[] ranks = {1, 3, 5, 6, Metric.MISS};

  @Test
  void hitRateIsTheShareOfRanksWithinTheCutoff() {
    assertThat(mean(new Metric(Measure.HR, 5), ranks)).isCloseTo(3 / 5.0, within(1e-12));
    assertThat(mean(new Metric(Measure.HR, 6), ranks)).isCloseTo(4 / 5.0, within(1e-12));
    assertThat(mean(new Metric(Measure.HR, 1), ranks)).isCloseTo(1 / 5.0, within(1e-12));
  }

  @Test
  void reciprocalRanksBeyondTheCutoffCountNothing() {
    assertThat(mean(new Metric(Measure.MRR, 5), ranks))
        .isCloseTo((1 + 1 / 3.0 + 1 / 5.0) / 5, within(1e-12));
  }

  @Test
  void discountedGainIsOneOverTheBinaryLogarithm() {
    // log2(2) = 1, log2(4) = 2, log2(6) = 2.584962500721156
    assertThat(mean(new Metric(Measure.NDCG, 5), ranks))
        .isCloseTo((1 + 0.5 + 1 / 2.584962500721156) / 5, within(1e-12));
  }

  @Test
  void aLargerCutoffNeverLowersAMetricAndTheMeasuresAreOrdered() {
    SplittableRandom random = new SplittableRandom(2);
    for (int run = 0; run < 200; run++) {
      int[] drawn = random.ints(1 + random.nextInt(40), 0, 60).toArray();
      double[] before = new double[3];
      for (int cutoff = 1; cutoff < 65; cutoff++) {
        double hr = mean(new Metric(Measure.HR, cutoff), drawn);
        double mrr = mean(new Metric(Measure.MRR, cutoff), drawn);
        double ndcg = mean(new Metric(Measure.NDCG, cutoff), drawn);
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

  @Test
  void ofSeveralRelevantItemsEachHitCounts() {
    // Four relevant items, three of them at ranks 1, 3 and 6; the list begins at bit 10.
    BitSet hits = BitSet.valueOf(new long[] {0b100101L << 10 | 0b11});
    hits.set(20); // of the next list
    assertThat(new Metric(Measure.P, 5).value(hits, 10, 4)).isCloseTo(2 / 5.0, within(1e-12));
    assertThat(new Metric(Measure.R, 5).value(hits, 10, 4)).isCloseTo(2 / 4.0, within(1e-12));
    assertThat(new Metric(Measure.MAP, 10).value(hits, 10, 4))
        .isCloseTo((1 + 2 / 3.0 + 3 / 6.0) / 4, within(1e-12));
    assertThat(new Metric(Measure.MRR, 10).value(hits, 10, 4)).isEqualTo(1);
    assertThat(new Metric(Measure.HR, 10).value(hits, 10, 4)).isEqualTo(1);
    double ideal = 1 + 1 / 1.584962500721156 + 1 / 2.0;
    assertThat(new Metric(Measure.NDCG, 3).value(hits, 10, 4))
        .isCloseTo((1 + 1 / 2.0) / ideal, within(1e-12));
    assertThat(new Metric(Measure.MAP, 10).value(hits, 10, 0)).isZero();
  }

  @Test
  void gradedRelevanceIsALinearGain() {
    // Relevance 3, 2 and 1. Ideal: 3 + 2 / log2(3) + 1 / 2 = 4.761860.
    double[] ideal = {3, 2, 1};
    double best = 3 + 2 / 1.584962500721156 + 0.5;
    Metric ndcg = new Metric(Measure.NDCG, 5);
    assertThat(ndcg.value(new double[] {3, 2, 1, 0, 0}, ideal)).isEqualTo(1);
    assertThat(ndcg.value(new double[] {1, 2, 3, 0, 0}, ideal))
        .isCloseTo((1 + 2 / 1.584962500721156 + 1.5) / best, within(1e-12))
        .isCloseTo(0.7900, within(5e-5));
    assertThat(ndcg.value(new double[] {0, 0, 1, 2, 3}, ideal))
        .isCloseTo((0.5 + 2 / 2.321928094887362 + 3 / 2.584962500721156) / best, within(1e-12))
        .isCloseTo(0.5296, within(5e-5));
    // Only items up to the cutoff count, also in the ideal: 1 + 2 / log2(3) of 3 + 2 / log2(3).
    assertThat(new Metric(Measure.NDCG, 2).value(new double[] {1, 2, 3}, ideal))
        .isCloseTo((1 + 2 / 1.584962500721156) / (3 + 2 / 1.584962500721156), within(1e-12));
    assertThat(ndcg.value(new double[] {0}, new double[0])).isZero();
  }

  @Test
  void otherMetricsTakeGradesAsRelevantOrNot() {
    double[] gains = {0, 1, 0, 3};
    double[] ideal = {3, 2, 1};
    assertThat(new Metric(Measure.HR, 1).value(gains, ideal)).isZero();
    assertThat(new Metric(Measure.MRR, 5).value(gains, ideal)).isEqualTo(0.5);
    assertThat(new Metric(Measure.MAP, 5).value(gains, ideal))
        .isCloseTo((1 / 2.0 + 2 / 4.0) / 3, within(1e-12));
    assertThat(new Metric(Measure.P, 5).value(gains, ideal)).isCloseTo(2 / 5.0, within(1e-12));
    assertThat(new Metric(Measure.R, 5).value(gains, ideal)).isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void aListWithOneRelevantItemIsWorthWhatItsRankIs() {
    for (Measure measure : Measure.values()) {
      for (int rank = 1; rank <= 8; rank++) {
        BitSet hits = new BitSet();
        hits.set(rank - 1);
        Metric metric = new Metric(measure, 5);
        assertThat(metric.value(hits, 0, 1)).isCloseTo(metric.value(rank), within(1e-12));
      }
    }
  }

  private static double mean(Metric metric, int[] ranks) {
    return Arrays.stream(ranks).mapToDouble(metric::value).average().orElseThrow();
  }
}
