package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamWTest {

  @Test
  void stepsFollowTheAlgorithmAsWritten() {
    double[] weights = {1, -2, 0.5};
    double[][] gradients = {{0.1, -0.2, 0.3}, {0.4, 0.1, -0.6}, {-0.2, 0.2, 0.1}};
    double rate = 0.01;
    double decay = 0.1;
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      NDArray array = manager.create(new float[] {1, -2, 0.5f});
      AdamW optimizer = new AdamW(manager, Map.of("w", array));
      double[] m = new double[3];
      double[] v = new double[3];
      for (int t = 1; t <= gradients.length; t++) {
        double[] g = gradients[t - 1];
        optimizer.step(List.of(AdamW.Gradient.all(manager.create(floats(g)))), rate, decay, 100);
        for (int i = 0; i < 3; i++) {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          double mean = m[i] / (1 - Math.pow(0.9, t));
          double square = v[i] / (1 - Math.pow(0.999, t));
          weights[i] -= rate * decay * weights[i];
          weights[i] -= rate * mean / (Math.sqrt(square) + 1e-8);
        }
        float[] now = array.toFloatArray();
        for (int i = 0; i < 3; i++) {
          assertThat((double) now[i]).isCloseTo(weights[i], within(1e-6));
        }
      }
      assertThat(optimizer.steps()).isEqualTo(3);
    }
  }

  @Test
  void theGlobalNormIsClippedOverAllArraysAndBothSigns() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      Map<String, NDArray> parameters = new LinkedHashMap<>();
      parameters.put("a", manager.create(new float[] {0, 0}));
      parameters.put("b", manager.create(new float[] {0}));
      AdamW optimizer = new AdamW(manager, parameters);
      NDArray a = manager.create(new float[] {-30, 0});
      NDArray b = manager.create(new float[] {40});
      float norm = optimizer.step(List.of(AdamW.Gradient.all(a), AdamW.Gradient.all(b)), 0.1, 0, 5);
      assertThat(norm).isCloseTo(50, within(1e-4f));
      // First moments are a tenth of the clipped gradient, -3 and 4.
      assertThat(optimizer.moments().get("a.m").toFloatArray()[0]).isCloseTo(-0.3f, within(1e-5f));
      assertThat(optimizer.moments().get("b.m").toFloatArray()[0]).isCloseTo(0.4f, within(1e-5f));
    }
  }

  @Test
  void aGradientThatIsNotFiniteStopsTraining() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      NDArray array = manager.create(new float[] {1});
      AdamW optimizer = new AdamW(manager, Map.of("w", array));
      NDArray broken = manager.create(new float[] {Float.NaN});
      assertThatThrownBy(() -> optimizer.step(List.of(AdamW.Gradient.all(broken)), 0.1, 0, 5))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("NaN")
          .hasMessageContaining("step 1");
      assertThat(array.toFloatArray()).containsExactly(1f);
    }
  }

  @Test
  void ofATableOnlyTheRowsOfItsGradientChange() {
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      NDArray table = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2));
      NDArray whole = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2));
      AdamW lazy = new AdamW(manager, Map.of("w", table));
      AdamW full = new AdamW(manager, Map.of("w", whole));
      for (int t = 0; t < 3; t++) {
        NDArray rows = manager.create(new long[] {2, 0});
        NDArray values = manager.create(new float[] {0.5f, -1, 2, 0.1f}, new Shape(2, 2));
        NDArray all = manager.create(new float[] {2, 0.1f, 0, 0, 0.5f, -1}, new Shape(3, 2));
        lazy.step(List.of(new AdamW.Gradient(values, rows)), 0.1, 0, 100);
        full.step(List.of(AdamW.Gradient.all(all)), 0.1, 0, 100);
      }
      assertThat(table.toFloatArray()).containsExactly(whole.toFloatArray());
      assertThat(table.get(1).toFloatArray()).containsExactly(3, 4);
      assertThat(lazy.moments().get("w.m").toFloatArray())
          .containsExactly(full.moments().get("w.m").toFloatArray());
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
