package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.model.ComputeDevice;
import org.junit.jupiter.api.Test;

class LayersTest {
  @Test
  void arraysSideBySideHaveTheSameValuesAndPassGradientsOn() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      NDArray matrix = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2));
      NDArray vector = manager.create(new float[] {7, 8});
      NDList arrays = new NDList(matrix, vector);
      NDArray factor = manager.create(new float[] {10, 20, 30, 40, 50, 60}, new Shape(3, 2));
      arrays.forEach(array -> array.setRequiresGradient(true));
      NDList parts;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        parts = Layers.sideBySide(arrays);
        collector.backward(parts.get(0).mul(factor).sum().add(parts.get(1).sum()));
      }
      assertThat(parts.get(0)).isEqualTo(matrix);
      assertThat(parts.get(1)).isEqualTo(vector);
      assertThat(matrix.getGradient()).isEqualTo(factor);
      assertThat(vector.getGradient().toFloatArray()).containsExactly(1, 1);
    }
  }
}
