package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.model.ComputeDevice;
import io.attune.model.NoGpuException;
import io.attune.vector.Tensor;
import org.junit.jupiter.api.Test;

class TorchTest {
  @Test
  void withoutAGpuAutoIsTheCpuAndGpuAnErrorThatSaysWhatToSet() {
    assumeTrue(Torch.resolve(ComputeDevice.AUTO) == ComputeDevice.CPU, "there is a GPU here");
    assertThatThrownBy(() -> Torch.resolve(ComputeDevice.GPU))
        .isInstanceOf(NoGpuException.class)
        .hasMessageContaining("sees none")
        .hasMessageContaining("--device cpu")
        .hasMessageContaining("PYTORCH_LIBRARY_PATH")
        .hasMessageContaining("PYTORCH_FLAVOR");
  }

  @Test
  void aTensorIsACopyThatLeavesNothingBehind() {
    try (NDManager manager = Torch.manager(ComputeDevice.AUTO)) {
      NDArray array = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      array.setRequiresGradient(true);
      int held = manager.getManagedArrays().size();

      Tensor tensor = Torch.tensor(array);

      array.setRequiresGradient(false);
      array.addi(1);
      assertThat(tensor.shape()).containsExactly(2, 3);
      assertThat(tensor.values()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(manager.getManagedArrays()).hasSize(held);
    }
  }
}
