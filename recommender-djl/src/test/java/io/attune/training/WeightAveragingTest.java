package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WeightAveragingTest {
  private NDManager manager;
  private NDArray first;
  private NDArray second;
  private WeightAveraging averages;

  @BeforeEach
  void draw() {
    manager = Torch.manager(ComputeDevice.CPU);
    first = manager.create(new float[] {1, 2});
    second = manager.create(new float[] {-4});
    averages = new WeightAveraging(manager, Map.of("first", first, "second", second));
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void theMeanOfTheStatesTakesTheirPlaceAndGivesItBack() {
    averages.add();
    first.addi(manager.create(new float[] {1, 4}));
    averages.add();
    first.addi(manager.create(new float[] {4, -3}));
    second.addi(manager.create(new float[] {9}));
    averages.add();

    averages.exchange();
    assertThat(first.toFloatArray())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(3, 11 / 3f);
    assertThat(second.toFloatArray()).usingComparatorWithPrecision(1e-6f).containsExactly(-1);
    averages.exchange();
    assertThat(first.toFloatArray()).containsExactly(6, 3);
    assertThat(second.toFloatArray()).containsExactly(5);
  }

  @Test
  void theMeanOfOneStateIsThatState() {
    averages.add();
    first.subi(first);
    averages.exchange();
    assertThat(first.toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void beforeTheFirstStateThereIsNoMean() {
    assertThat(averages.means()).isEmpty();
    averages.exchange();
    assertThat(first.toFloatArray()).containsExactly(1, 2);
  }
}
