package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SoftmaxLossTest {
  private static final int ITEMS = 2100; // more than a block
  private static final int POSITIONS = 1100; // more than two chunks
  private static final int D = 8;

  private NDManager manager;
  private NDArray queries;
  private NDArray table;
  private final int[] wanted = new int[POSITIONS];

  @BeforeEach
  void draw() {
    manager = Torch.manager(ComputeDevice.CPU);
    SplittableRandom random = new SplittableRandom(5);
    queries = manager.create(values(random, POSITIONS * D, 3), new Shape(POSITIONS, D));
    table = manager.create(values(random, (ITEMS + 1) * D, 1), new Shape(ITEMS + 1, D));
    Arrays.setAll(wanted, i -> 1 + random.nextInt(ITEMS));
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void lossAndGradientsEqualThoseOfAutograd() {
    Autograd expected = autograd();
    NDArray tableGradient = manager.zeros(table.getShape());

    ItemLoss.Loss loss = new SoftmaxLoss(manager, ITEMS, D, Precision.FP32)
        .backward(queries, table, wanted, tableGradient, 0);

    assertThat(loss.sum() / POSITIONS).isCloseTo(expected.loss, within(1e-5));
    assertClose(loss.gradient(), expected.queries, 1e-7);
    assertClose(tableGradient, expected.table, 1e-6);
  }

  @Test
  void bfloat16RoundsTheFactorsAndNothingElse() {
    Autograd expected = autograd();
    NDArray tableGradient = manager.zeros(table.getShape());

    ItemLoss.Loss loss = new SoftmaxLoss(manager, ITEMS, D, Precision.BF16)
        .backward(queries, table, wanted, tableGradient, 0);

    // Eight bits of precision: a relative error of 2^-8 in each factor, which averages out.
    assertThat(loss.sum() / POSITIONS).isCloseTo(expected.loss, within(0.01 * expected.loss));
    assertClose(loss.gradient(), expected.queries, 0.02 * largest(expected.queries));
    assertClose(tableGradient, expected.table, 0.02 * largest(expected.table));
  }

  @Test
  void paddingIsNoCandidateAndGetsNoGradient() {
    NDArray tableGradient = manager.zeros(table.getShape());
    new SoftmaxLoss(manager, ITEMS, D, Precision.FP32)
        .backward(queries, table, wanted, tableGradient, 0);
    assertThat(Arrays.copyOf(tableGradient.toFloatArray(), D)).containsOnly(0f);
  }

  @Test
  void aTargetOfVanishingProbabilityHasAFiniteLoss() {
    NDArray far = manager.create(new float[] {200}, new Shape(1, 1));
    NDArray items = manager.create(new float[] {0, 1, -1}, new Shape(3, 1));
    ItemLoss.Loss loss = new SoftmaxLoss(manager, 2, 1, Precision.FP32)
        .backward(far, items, new int[] {2}, manager.zeros(new Shape(3, 1)), 0);
    assertThat(loss.sum()).isCloseTo(400, within(1e-3));
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void aTargetFarAboveAllOthersHasASmallLossToTheLastDigits(Precision precision) {
    NDArray near = manager.create(new float[] {4, 0}, new Shape(2, 1));
    NDArray items = manager.create(new float[] {0, 2, -1}, new Shape(3, 1)); // exact in bf16
    NDArray gradient = manager.zeros(new Shape(3, 1));
    ItemLoss.Loss loss = new SoftmaxLoss(manager, 2, 1, precision)
        .backward(near, items, new int[] {1, 2}, gradient, 0);
    double small = Math.log1p(Math.exp(-12));
    assertThat(loss.sum()).isCloseTo(small + Math.log(2), within(1e-6));
    double share = Math.exp(-12) / (1 + Math.exp(-12));
    float[] byQueries = loss.gradient().toFloatArray();
    assertThat(byQueries[0]).isCloseTo((float) (-1.5 * share), withinPercentage(1));
    assertThat(byQueries[1]).isCloseTo(0.75f, within(1e-6f)); // (2 − (−1)) / 2, halved
    float[] byItems = gradient.toFloatArray();
    assertThat(byItems[1]).isCloseTo((float) (-2 * share), withinPercentage(1));
    assertThat(byItems[2]).isCloseTo((float) (2 * share), withinPercentage(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void aRowThatOverflowsLeavesTheOthersOfItsChunkRight(Precision precision) {
    NDArray mixed = manager.create(new float[] {200, 1}, new Shape(2, 1));
    NDArray items = manager.create(new float[] {0, 1, -1}, new Shape(3, 1));
    NDArray gradient = manager.zeros(new Shape(3, 1));
    ItemLoss.Loss loss = new SoftmaxLoss(manager, 2, 1, precision)
        .backward(mixed, items, new int[] {2, 1}, gradient, 0);
    assertThat(loss.sum()).isCloseTo(400 + Math.log1p(Math.exp(-2)), within(1e-3));
    double share = Math.exp(-2) / (1 + Math.exp(-2));
    assertThat(loss.gradient().toFloatArray())
        .usingComparatorWithPrecision(0.005f)
        .containsExactly(1, (float) -share);
    assertThat(gradient.toFloatArray())
        .usingComparatorWithPrecision(0.5f) // of 100
        .containsExactly(0, (float) (100 - share / 2), (float) (-100 + share / 2));
  }

  @Test
  void whicheverPrecisionIsMeasuredFasterIsOneThatCanBeUsed() {
    Precision faster = SoftmaxLoss.faster(manager, ITEMS, D, System::nanoTime);
    assertThat(faster).isIn(Precision.FP32, Precision.BF16);
  }

  private record Autograd(double loss, NDArray queries, NDArray table) {}

  private Autograd autograd() {
    queries.setRequiresGradient(true);
    table.setRequiresGradient(true);
    NDArray targets =
        manager.create(Arrays.stream(wanted).mapToLong(row -> row - 1L).toArray());
    double loss;
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray logits = queries.matMul(table.get("1:").transpose());
      NDArray picked = logits.logSoftmax(1).gather(targets.expandDims(1), 1);
      NDArray mean = picked.mean().neg();
      loss = mean.getFloat();
      collector.backward(mean);
    }
    Autograd result = new Autograd(loss, queries.getGradient(), table.getGradient());
    queries.setRequiresGradient(false);
    table.setRequiresGradient(false);
    return result;
  }

  private static void assertClose(NDArray actual, NDArray expected, double tolerance) {
    assertThat(actual.toFloatArray())
        .usingComparatorWithPrecision((float) tolerance)
        .containsExactly(expected.toFloatArray());
  }

  private static float largest(NDArray array) {
    return array.abs().max().getFloat();
  }

  private static float[] values(SplittableRandom random, int count, float bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * bound;
    }
    return values;
  }
}
