package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.model.AttentionScore;
import io.attune.model.ItemSpace;
import io.attune.model.NarmConfig;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NarmTest {
  private static final int D = 6;
  private static final int ITEMS = 20;

  private final NDManager manager = Torch.manager(Device.cpu());
  private final float[] table = table();

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource(AttentionScore.class)
  void aLaterClickNeverChangesAnEarlierQueryVector(AttentionScore score) {
    Fixture narm = new Fixture(score, true, 4);
    float[] shorter = narm.encode(List.of(new int[] {3, 9, 4}), 3, new int[] {0, 1, 2});
    float[] longer = narm.encode(List.of(new int[] {3, 9, 4, 17, 2}), 5, new int[] {0, 1, 2});
    assertClose(longer, shorter);
  }

  @ParameterizedTest
  @EnumSource(AttentionScore.class)
  void paddingChangesNothing(AttentionScore score) {
    Fixture narm = new Fixture(score, false, 50);
    float[] bare = narm.encode(List.of(new int[] {3, 9, 4}), 3, new int[] {1, 2});
    float[] padded = narm.encode(List.of(new int[] {3, 9, 4}), 9, new int[] {1, 2});
    assertClose(padded, bare);
  }

  @ParameterizedTest
  @EnumSource(AttentionScore.class)
  void aBatchOfOneIsTheRowOfABatch(AttentionScore score) {
    Fixture narm = new Fixture(score, true, 50);
    List<int[]> sessions = List.of(new int[] {1}, new int[] {3, 9, 4}, new int[] {5, 5, 6, 8});
    float[] together = narm.encode(sessions, 4, new int[] {0, 6, 11});
    assertClose(
        Arrays.copyOfRange(together, D, 2 * D),
        narm.encode(List.of(sessions.get(1)), 3, new int[] {2}));
    assertClose(
        Arrays.copyOfRange(together, 2 * D, 3 * D),
        narm.encode(List.of(sessions.get(2)), 4, new int[] {3}));
  }

  @Test
  void attentionLooksBackOnTheLastClicksOnly() {
    Fixture narm = new Fixture(AttentionScore.ADDITIVE, true, 2);
    SessionBatch batch = SessionBatch.of(List.of(new int[] {3, 9, 4, 7}), 4, new int[] {3});
    assertThat(narm.run(batch, false).attention().getShape()).isEqualTo(new Shape(1, 2));
  }

  @Test
  void softmaxAttentionAddsUpToOneAndIsZeroWhereMasked() {
    Fixture narm = new Fixture(AttentionScore.ADDITIVE, true, 50);
    SessionBatch batch =
        SessionBatch.of(List.of(new int[] {3, 9, 4, 7}, new int[] {2}), 4, new int[] {3, 4});
    float[] attention = narm.run(batch, false).attention().toFloatArray();
    assertThat(attention[0] + attention[1] + attention[2] + attention[3])
        .isCloseTo(1, within(1e-6f));
    assertThat(Arrays.copyOfRange(attention, 4, 8)).containsExactly(0, 0, 0, 1);
  }

  @Test
  void normalizedQueriesHaveTheLengthOfTheScale() {
    Fixture narm = new Fixture(AttentionScore.DOT, false, 50);
    SessionBatch batch = SessionBatch.of(List.of(new int[] {3, 9}), 2, new int[] {0, 1});
    assertThat(narm.run(batch, false).queries().norm(new int[] {1}).toFloatArray())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(16f, 16f);
  }

  @Test
  void equationsOfThePaperHoldForOneClick() {
    // One click: the only attention is on the click itself, so the context is [h, α h].
    Fixture narm = new Fixture(AttentionScore.ADDITIVE, false, 50, new ItemSpace(false, 1, true));
    SessionBatch batch = SessionBatch.of(List.of(new int[] {3}), 1, new int[] {0});
    SessionEncoder.Encoded encoded = narm.run(batch, false);

    double[] h = gruStep(narm, 3);
    double alpha = 0;
    float[] a1 = narm.weight("attention.a1");
    float[] a2 = narm.weight("attention.a2");
    float[] v = narm.weight("attention.v");
    for (int j = 0; j < D; j++) {
      double sum = 0;
      for (int i = 0; i < D; i++) {
        sum += h[i] * (a1[i * D + j] + a2[i * D + j]);
      }
      alpha += v[j] * sigmoid(sum);
    }
    assertThat((double) encoded.attention().toFloatArray()[0]).isCloseTo(alpha, within(1e-5));
    float[] b = narm.weight("decoder.b");
    float[] query = encoded.queries().toFloatArray();
    for (int j = 0; j < D; j++) {
      double expected = 0;
      for (int i = 0; i < D; i++) {
        expected += h[i] * b[i * D + j] + alpha * h[i] * b[(D + i) * D + j];
      }
      assertThat((double) query[j]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void gradientsSurviveAGarbageCollectionBetweenForwardAndBackward() {
    for (AttentionScore score : AttentionScore.values()) {
      Fixture narm = new Fixture(score, true, 50);
      narm.weights.setRequiresGradient(true);
      float[] calm = narm.gradient(false);
      float[] disturbed = narm.gradient(true);
      assertThat(disturbed).containsExactly(calm);
    }
  }

  private static double[] gruStep(Fixture narm, int row) {
    float[] x = Arrays.copyOfRange(narm.table, row * D, (row + 1) * D);
    float[] w = narm.weight("gru.w_ih");
    float[] bi = narm.weight("gru.b_ih");
    float[] bh = narm.weight("gru.b_hh");
    double[] h = new double[D];
    for (int i = 0; i < D; i++) {
      double[] gate = new double[3];
      for (int g = 0; g < 3; g++) {
        gate[g] = bi[g * D + i];
        for (int k = 0; k < D; k++) {
          gate[g] += w[(g * D + i) * D + k] * x[k];
        }
      }
      double reset = sigmoid(gate[0] + bh[i]);
      double update = sigmoid(gate[1] + bh[D + i]);
      h[i] = (1 - update) * Math.tanh(gate[2] + reset * bh[2 * D + i]);
    }
    return h;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static float[] table() {
    SplittableRandom random = new SplittableRandom(8);
    float[] values = new float[(ITEMS + 1) * D];
    for (int i = D; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
  }

  private final class Fixture {
    private final SessionEncoder encoder;
    private final Weights weights = new Weights(manager);
    private final float[] table = NarmTest.this.table;

    Fixture(AttentionScore score, boolean softmax, int lastClicks) {
      this(score, softmax, lastClicks, new ItemSpace(true, 16, true));
    }

    Fixture(AttentionScore score, boolean softmax, int lastClicks, ItemSpace items) {
      encoder =
          SessionEncoder.of(new NarmConfig(D, D, items, score, softmax, lastClicks, 0.25f, 0.5f));
      encoder.initialize(weights, new SplittableRandom(4));
    }

    float[] weight(String name) {
      return weights.get(name).toFloatArray();
    }

    float[] encode(List<int[]> sessions, int length, int[] positions) {
      return run(SessionBatch.of(sessions, length, positions), false).queries().toFloatArray();
    }

    SessionEncoder.Encoded run(SessionBatch batch, boolean training) {
      float[] clicks = new float[batch.rows().length * D];
      for (int i = 0; i < batch.rows().length; i++) {
        System.arraycopy(table, batch.rows()[i] * D, clicks, i * D, D);
      }
      NDArray embedded = manager.create(clicks, new Shape(batch.sessions(), batch.length(), D));
      return encoder.encode(
          weights, embedded, Positions.of(manager, batch, encoder.window()), training);
    }

    float[] gradient(boolean collectGarbage) {
      SessionBatch batch = SessionBatch.of(
          List.of(new int[] {3, 9, 4, 7}, new int[] {2, 5}), 4, new int[] {0, 1, 2, 3, 4, 5});
      Torch.seed(11);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray sum = run(batch, true).queries().square().sum();
        if (collectGarbage) {
          disturb();
        }
        collector.backward(sum);
      }
      float[] all = new float[0];
      for (NDArray weight : weights.arrays().values()) {
        NDArray gradient = weight.getGradient();
        float[] values = gradient.toFloatArray();
        int at = all.length;
        all = Arrays.copyOf(all, at + values.length);
        System.arraycopy(values, 0, all, at, values.length);
        gradient.subi(gradient);
      }
      return all;
    }

    private void disturb() {
      for (int i = 0; i < 3; i++) {
        System.gc();
        // Freed direct memory is handed out again and overwritten.
        for (int j = 0; j < 64; j++) {
          java.nio.ByteBuffer.allocateDirect(256).putLong(0, 0x7fc07fc07fc07fc0L);
        }
      }
    }
  }
}
