package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SampledLossTest {
  private static final int ITEMS = 60;
  private static final int POSITIONS = 7;
  private static final int D = 5;
  private static final long SEED = 3;

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);
  private final SplittableRandom random = new SplittableRandom(9);
  private final float[] queries = values(POSITIONS * D);
  private final float[] table = values((ITEMS + 1) * D);
  private final int[] targets = random.ints(POSITIONS, 1, ITEMS + 1).toArray();
  private final long[] counts = random.longs(ITEMS, 0, 50).toArray();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void withAllItemsAsNegativesItIsTheFullSoftmax() {
    NDArray expectedGradient = manager.zeros(new Shape(ITEMS + 1, D));
    ItemLoss.Loss expected = new SoftmaxLoss(manager, ITEMS, D, Precision.FP32)
        .backward(array(queries), array(table), targets, expectedGradient, SEED);
    NDArray gradient = manager.zeros(new Shape(ITEMS + 1, D));
    ItemLoss.Loss loss =
        loss(LossKind.SAMPLED, ITEMS, SamplingDistribution.UNIFORM, queries, table, gradient);
    assertThat(loss.sum()).isCloseTo(expected.sum(), within(1e-4));
    assertClose(loss.gradient(), expected.gradient());
    assertClose(gradient, expectedGradient);
  }

  @ParameterizedTest
  @CsvSource({"SAMPLED,UNIFORM", "SAMPLED,LOG_UNIFORM", "GBCE,UNIFORM", "GBCE,LOG_UNIFORM"})
  void lossAndGradientsAreThoseOfTheFormula(LossKind kind, SamplingDistribution sampler) {
    NegativeSampler.Candidates drawn = new NegativeSampler(counts, 12, sampler).draw(targets, SEED);
    NDArray gradient = manager.zeros(new Shape(ITEMS + 1, D));
    ItemLoss.Loss loss = loss(kind, 12, sampler, queries, table, gradient);
    assertThat(loss.sum()).isCloseTo(formula(kind, drawn, queries, table), within(1e-4));

    double step = 1e-3;
    float[] byQueries = loss.gradient().toFloatArray();
    for (int i = 0; i < queries.length; i++) {
      assertThat((double) byQueries[i])
          .isCloseTo(slope(kind, drawn, queries, i, step) / POSITIONS, within(2e-3));
    }
    float[] byItems = gradient.toFloatArray();
    for (int i = 0; i < table.length; i++) {
      assertThat((double) byItems[i])
          .isCloseTo(slope(kind, drawn, table, i, step) / POSITIONS, within(2e-3));
    }
  }

  @ParameterizedTest
  @EnumSource(SamplingDistribution.class)
  void anItemIsACandidateAsOftenAsItsShareSays(SamplingDistribution sampler) {
    NegativeSampler negatives = new NegativeSampler(counts, 8, sampler);
    int rounds = 20_000;
    double[] seen = new double[ITEMS + 1];
    double[] expected = new double[ITEMS + 1];
    long total = Arrays.stream(counts).sum();
    for (int round = 0; round < rounds; round++) {
      int[] drawnTargets = new int[3];
      for (int p = 0; p < drawnTargets.length; p++) {
        drawnTargets[p] = byPopularity(total);
      }
      NegativeSampler.Candidates drawn = negatives.draw(drawnTargets, round);
      assertThat(Arrays.stream(drawn.rows()).distinct().count()).isEqualTo(drawn.rows().length);
      for (int c = 0; c < drawn.rows().length; c++) {
        seen[drawn.rows()[c]]++;
        expected[drawn.rows()[c]] = Math.exp(drawn.logShares()[c]);
      }
      for (int p = 0; p < drawnTargets.length; p++) {
        assertThat(drawn.rows()[drawn.columns()[p]]).isEqualTo(drawnTargets[p]);
      }
    }
    for (int row = 1; row <= ITEMS; row++) {
      assertThat(seen[row] / rounds).as("row %d", row).isCloseTo(expected[row], within(0.015));
    }
  }

  @Test
  void calibrationFollowsThePaper() {
    // t = 0 leaves the positive alone, t = 1 scales it by the sampling rate.
    assertThat(SampledLoss.beta(0.1, 0)).isCloseTo(1, within(1e-12));
    assertThat(SampledLoss.beta(0.1, 1)).isCloseTo(0.1, within(1e-12));
  }

  private int byPopularity(long total) {
    long at = random.nextLong(total);
    int row = 0;
    while (at >= 0) {
      at -= counts[row++];
    }
    return row;
  }

  private ItemLoss.Loss loss(
      LossKind kind,
      int negatives,
      SamplingDistribution sampler,
      float[] queries,
      float[] table,
      NDArray gradient) {
    TrainingConfig training = TrainingConfig.builder()
        .loss(kind)
        .negatives(negatives)
        .samplingDistribution(sampler)
        .calibration(0.75)
        .build();
    return new SampledLoss(manager, kind, counts, training)
        .backward(array(queries), array(table), targets, gradient, SEED);
  }

  /** The change of the formula's value as an element of one of its arrays grows. */
  private double slope(
      LossKind kind, NegativeSampler.Candidates drawn, float[] array, int element, double step) {
    float before = array[element];
    array[element] = (float) (before + step);
    double above = formula(kind, drawn, queries, table);
    array[element] = (float) (before - step);
    double below = formula(kind, drawn, queries, table);
    array[element] = before;
    return (above - below) / (2 * step);
  }

  private double formula(
      LossKind kind, NegativeSampler.Candidates drawn, float[] queries, float[] table) {
    double alpha = (drawn.rows().length - 1.0) / (ITEMS - 1);
    double beta = alpha * (0.75 * (1 - 1 / alpha) + 1 / alpha);
    double sum = 0;
    for (int p = 0; p < POSITIONS; p++) {
      double target = score(queries, p, table, targets[p]);
      double others = 0;
      double all = Math.exp(target);
      for (int c = 0; c < drawn.rows().length; c++) {
        if (drawn.rows()[c] != targets[p]) {
          double score = score(queries, p, table, drawn.rows()[c]);
          all += Math.exp(score - drawn.logShares()[c]);
          others += Math.log1p(Math.exp(score));
        }
      }
      sum += kind == LossKind.SAMPLED
          ? Math.log(all) - target
          : beta * Math.log1p(Math.exp(-target)) + others;
    }
    return sum;
  }

  private static double score(float[] queries, int query, float[] table, int row) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += (double) queries[query * D + d] * table[row * D + d];
    }
    return sum;
  }

  private NDArray array(float[] values) {
    return manager.create(values, new Shape(values.length / D, D));
  }

  private static void assertClose(NDArray actual, NDArray expected) {
    assertThat(actual.toFloatArray())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(expected.toFloatArray());
  }

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }
}
