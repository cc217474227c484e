package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.attune.encoder.Torch;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ItemTableTest {

  @Test
  void theGradientOfNormalizedRowsIsThatOfAutograd() {
    try (NDManager manager = Torch.manager(Device.cpu())) {
      ItemTable table = new ItemTable(manager, 6, 4, true, new SplittableRandom(3));
      NDArray upstream = manager.randomNormal(table.raw().getShape());
      upstream.set(new ai.djl.ndarray.index.NDIndex("0"), 0f); // padding has no gradient

      NDArray raw = table.raw().duplicate();
      raw.setRequiresGradient(true);
      NDArray tiny = manager.full(new ai.djl.ndarray.types.Shape(1), 1e-24f);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray lengths = raw.mul(raw).sum(new int[] {1}, true).add(tiny).sqrt();
        collector.backward(raw.div(lengths).mul(upstream).sum());
      }
      table.gradient().addi(upstream);
      table.toRawGradient();

      assertThat(table.gradient().toFloatArray())
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(raw.getGradient().toFloatArray());
    }
  }

  @Test
  void aRowThatOccursTwiceCollectsBothGradients() {
    try (NDManager manager = Torch.manager(Device.cpu())) {
      ItemTable table = new ItemTable(manager, 2, 1, false, new SplittableRandom(3));
      NDArray rows = manager.create(new long[] {2, 1, 2});
      table.addGradient(
          rows, manager.create(new float[] {1, 10, 100}, new ai.djl.ndarray.types.Shape(3, 1)));
      assertThat(table.gradient().toFloatArray()).containsExactly(0, 10, 101);
      table.refresh();
      assertThat(table.gradient().toFloatArray()).containsOnly(0);
    }
  }

  @Test
  void vectorsHaveLengthOneAndPaddingStaysZero() {
    try (NDManager manager = Torch.manager(Device.cpu())) {
      ItemTable table = new ItemTable(manager, 5, 3, true, new SplittableRandom(3));
      float[] lengths = table.vectors().norm(new int[] {1}).toFloatArray();
      assertThat(lengths).usingComparatorWithPrecision(1e-6f).containsExactly(0, 1, 1, 1, 1, 1);
    }
  }
}
