package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.attune.model.ComputeDevice;
import io.attune.model.ConvolutionConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConvolutionTest {
  private static final int D = 6;
  private static final int[] CLICKS = {3, 9, 4, 17, 2, 9, 11, 5, 8};
  private static final ConvolutionConfig SMALL = ConvolutionConfig.builder()
      .dimension(D)
      .blocks(1)
      .similarity(new Similarity(false, 1, true))
      .readout(Readout.LAST)
      .build();

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void aBlockIsTwoConvolutionsOfWhichTheSecondReadsTwiceAsFarApart() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    int[] places = IntStream.range(0, CLICKS.length).toArray();
    float[] queries = encoder.encode(List.of(CLICKS), CLICKS.length, places);
    double[][] x = new double[CLICKS.length][D];
    for (int click : places) {
      for (int j = 0; j < D; j++) {
        x[click][j] = Math.sqrt(D) * encoder.table()[CLICKS[click] * D + j];
      }
    }
    double[][] inner = convolved(encoder.weight("convolution0.w"), 1, x);
    double[][] outer = convolved(encoder.weight("convolution1.w"), 2, inner);
    float[] expected = new float[queries.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (x[i / D][i % D] + outer[i / D][i % D]);
    }
    assertThat(queries).usingComparatorWithPrecision(1e-4f).containsExactly(expected);
  }

  /** Before training the biases are zero, and the normalisation's gains one. */
  private static double[][] convolved(float[] weights, int dilation, double[][] x) {
    double[][] result = new double[x.length][D];
    for (int click = 0; click < x.length; click++) {
      double[] sum = new double[D];
      for (int tap = 0; tap < 3 && click - tap * dilation >= 0; tap++) {
        for (int i = 0; i < D; i++) {
          for (int j = 0; j < D; j++) {
            sum[j] += x[click - tap * dilation][i] * weights[(tap * D + i) * D + j];
          }
        }
      }
      double mean = 0;
      double squares = 0;
      for (double value : sum) {
        mean += value / D;
        squares += value * value / D;
      }
      for (int j = 0; j < D; j++) {
        double normed = (sum[j] - mean) / Math.sqrt(squares - mean * mean + 1e-5);
        result[click][j] = Math.max(0, normed);
      }
    }
    return result;
  }

  @Test
  void theLastOutputSeesItsReceptiveFieldAndNothingBefore() {
    assertThat(SMALL.receptiveField()).isEqualTo(7);
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    assertThat(SessionEncoder.of(SMALL).reach()).isEqualTo(6);
    assertThat(changes(encoder, 1)).isFalse();
    assertThat(changes(encoder, 2)).isTrue();
  }

  @Test
  void aMeanReachesBackTwice() {
    ConvolutionConfig mean = SMALL.toBuilder().kernel(2).readout(Readout.MEAN).build();
    assertThat(mean.receptiveField()).isEqualTo(4);
    EncoderFixture encoder = new EncoderFixture(manager, mean);
    // The mean is over the last 4 clicks, and the first of these is scored by 3 before it.
    assertThat(SessionEncoder.of(mean).reach()).isEqualTo(6);
    assertThat(changes(encoder, 1)).isFalse();
    assertThat(changes(encoder, 2)).isTrue();
  }

  /** Whether another item at a place changes the query vector after the last click. */
  private static boolean changes(EncoderFixture encoder, int place) {
    int[] others = CLICKS.clone();
    others[place] = 20;
    int last = CLICKS.length - 1;
    float[] query = encoder.encode(List.of(CLICKS), CLICKS.length, last);
    float[] other = encoder.encode(List.of(others), CLICKS.length, last);
    return !Arrays.equals(query, other);
  }
}
