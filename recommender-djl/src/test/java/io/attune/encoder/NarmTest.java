package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.attune.model.AttentionScore;
import io.attune.model.ComputeDevice;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NarmTest {
  private static final int D = 6;

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);

  @AfterEach
  void free() {
    manager.close();
  }

  private EncoderFixture fixture(
      AttentionScore score, boolean softmax, int lastClicks, Similarity items) {
    return new EncoderFixture(
        manager,
        NarmConfig.builder()
            .dimension(D)
            .hidden(D)
            .similarity(items)
            .score(score)
            .softmaxAttention(softmax)
            .readout(Readout.LAST)
            .lastClicks(lastClicks)
            .build());
  }

  @Test
  void attentionLooksBackOnTheLastClicksOnly() {
    EncoderFixture narm = fixture(AttentionScore.ADDITIVE, true, 2, Similarity.cosine(16));
    SessionBatch batch = SessionBatch.of(List.of(new int[] {3, 9, 4, 7}), 4, new int[] {3});
    float[] attention = narm.run(batch, false).attention().get().toFloatArray();
    assertThat(Arrays.copyOf(attention, 2)).containsExactly(0, 0);
    assertThat(attention[2]).isPositive();
    assertThat(attention[2] + attention[3]).isCloseTo(1, within(1e-6f));
  }

  @Test
  void softmaxAttentionAddsUpToOneAndIsZeroWhereMasked() {
    EncoderFixture narm = fixture(AttentionScore.ADDITIVE, true, 50, Similarity.cosine(16));
    SessionBatch batch =
        SessionBatch.of(List.of(new int[] {3, 9, 4, 7}, new int[] {2}), 4, new int[] {3, 4});
    float[] attention = narm.run(batch, false).attention().get().toFloatArray();
    assertThat(attention[0] + attention[1] + attention[2] + attention[3])
        .isCloseTo(1, within(1e-6f));
    assertThat(Arrays.copyOfRange(attention, 4, 8)).containsExactly(0, 0, 0, 1);
  }

  @Test
  void normalizedQueriesHaveTheLengthOfTheScale() {
    EncoderFixture narm = fixture(AttentionScore.DOT, false, 50, Similarity.cosine(16));
    SessionBatch batch = SessionBatch.of(List.of(new int[] {3, 9}), 2, new int[] {0, 1});
    assertThat(narm.run(batch, false).queries().norm(new int[] {1}).toFloatArray())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(16f, 16f);
  }

  @Test
  void equationsOfThePaperHoldForOneClick() {
    // One click: the only attention is on the click itself, so the context is [h, α h].
    EncoderFixture narm = fixture(AttentionScore.ADDITIVE, false, 50, Similarity.innerProduct());
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
    assertThat((double) encoded.attention().get().toFloatArray()[0]).isCloseTo(alpha, within(1e-5));
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

  private static double[] gruStep(EncoderFixture narm, int row) {
    float[] x = Arrays.copyOfRange(narm.table(), row * D, (row + 1) * D);
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
}
