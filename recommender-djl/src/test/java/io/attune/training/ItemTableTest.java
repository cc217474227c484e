package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ItemTableTest {
  @Test
  void aTableThatNoArrayHoldsIsRefusedWithWhatToSet() {
    assertThat(ItemTable.elements(43_097, 100)).isEqualTo(4_309_800);
    assertThatThrownBy(() -> ItemTable.elements(30_000_000, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30,000,000 items of dimension 100")
        .hasMessageContaining("3,000,000,100 numbers")
        .hasMessageContaining("dimension to 71 or less")
        .hasMessageContaining("minItemSupport");
  }

  @Test
  void theGradientOfNormalizedRowsIsThatOfAutograd() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      ItemTable table = new ItemTable(manager, 6, 4, true, new SplittableRandom(3));
      NDArray upstream = manager.randomNormal(table.raw().getShape());
      upstream.set(new NDIndex("0"), 0f); // padding has no gradient

      NDArray raw = table.raw().duplicate();
      raw.setRequiresGradient(true);
      NDArray tiny = manager.full(new Shape(1), 1e-24f);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray lengths = raw.mul(raw).sum(new int[] {1}, true).add(tiny).sqrt();
        collector.backward(raw.div(lengths).mul(upstream).sum());
      }
      table.gradient().addi(upstream);
      NDArray some = manager.create(new long[] {4, 1});
      float[] ofSome = table.rawGradient(manager, some).values().toFloatArray();

      assertThat(table.rawGradient(manager, null).values().toFloatArray())
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(raw.getGradient().toFloatArray());
      assertThat(ofSome)
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(raw.getGradient().get(some).toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefreshOfSomeRowsIsThatOfAllForThem(boolean normalized) {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      ItemTable table = new ItemTable(manager, 6, 4, normalized, new SplittableRandom(3));
      table.raw().get(new NDIndex("3")).addi(0.5f);
      table.addGradient(manager.create(new long[] {3}), manager.ones(new Shape(1, 4)));
      table.refresh(manager.create(new long[] {3}));
      float[] vectors = table.vectors().toFloatArray();
      assertThat(table.gradient().toFloatArray()).containsOnly(0);
      table.refresh();
      assertThat(table.vectors().toFloatArray()).containsExactly(vectors);
    }
  }

  @Test
  void aRowThatOccursTwiceCollectsBothGradients() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      ItemTable table = new ItemTable(manager, 2, 1, false, new SplittableRandom(3));
      NDArray rows = manager.create(new long[] {2, 1, 2});
      table.addGradient(rows, manager.create(new float[] {1, 10, 100}, new Shape(3, 1)));
      assertThat(table.gradient().toFloatArray()).containsExactly(0, 10, 101);
      table.refresh();
      assertThat(table.gradient().toFloatArray()).containsOnly(0);
    }
  }

  @Test
  void vectorsHaveLengthOneAndPaddingStaysZero() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      ItemTable table = new ItemTable(manager, 5, 3, true, new SplittableRandom(3));
      float[] lengths = table.vectors().norm(new int[] {1}).toFloatArray();
      assertThat(lengths).usingComparatorWithPrecision(1e-6f).containsExactly(0, 1, 1, 1, 1, 1);
    }
  }
}
