package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every encoder. */
class EncoderContractTest {
  private final NDManager manager = Torch.manager(ComputeDevice.CPU);

  @AfterEach
  void free() {
    manager.close();
  }

  static Stream<EncoderConfig> all() {
    return EncoderConfigs.all();
  }

  static Stream<EncoderConfig> causal() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("causal")
  void aLaterClickNeverChangesAnEarlierQueryVector(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    float[] shorter = encoder.encode(List.of(new int[] {3, 9, 4}), 3, 0, 1, 2);
    float[] longer = encoder.encode(List.of(new int[] {3, 9, 4, 17, 2}), 5, 0, 1, 2);
    assertClose(longer, shorter);
  }

  @ParameterizedTest
  @MethodSource("causal")
  void everyClickOfAPrefixCounts(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    float[] query = encoder.encode(List.of(new int[] {3, 9, 4}), 3, 2);
    assertThat(encoder.encode(List.of(new int[] {5, 9, 4}), 3, 2)).isNotEqualTo(query);
    assertThat(encoder.encode(List.of(new int[] {3, 5, 4}), 3, 2)).isNotEqualTo(query);
    assertThat(encoder.encode(List.of(new int[] {3, 9, 5}), 3, 2)).isNotEqualTo(query);
  }

  @Test
  void inBothDirectionsLaterClicksCountAndTheGuessedOneDoesNot() {
    EncoderFixture encoder = new EncoderFixture(manager, EncoderConfigs.bidirectional());
    float[] query = encoder.encode(List.of(new int[] {3, 0, 4}), 3, 1);
    assertThat(encoder.encode(List.of(new int[] {3, 0, 5}), 3, 1)).isNotEqualTo(query);
    assertThat(encoder.encode(List.of(new int[] {5, 0, 4}), 3, 1)).isNotEqualTo(query);
  }

  @ParameterizedTest
  @MethodSource("all")
  void paddingChangesNothing(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    float[] bare = encoder.encode(List.of(new int[] {3, 9, 4}), 3, 1, 2);
    float[] padded = encoder.encode(List.of(new int[] {3, 9, 4}), 9, 1, 2);
    assertClose(padded, bare);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aBatchOfOneIsTheRowOfABatch(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    int d = config.dimension();
    List<int[]> sessions = List.of(new int[] {1}, new int[] {3, 9, 4}, new int[] {5, 5, 6, 8});
    float[] together = encoder.encode(sessions, 4, 0, 6, 11);
    assertClose(
        Arrays.copyOfRange(together, d, 2 * d), encoder.encode(List.of(sessions.get(1)), 3, 2));
    assertClose(
        Arrays.copyOfRange(together, 2 * d, 3 * d), encoder.encode(List.of(sessions.get(2)), 4, 3));
  }

  @ParameterizedTest
  @MethodSource("all")
  void attentionIsZeroWhereMaskedAndAddsUpToOneWhereASoftmaxIs(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    SessionBatch batch =
        EncoderFixture.timed(List.of(new int[] {3, 9, 4, 7}, new int[] {2}), 4, 3, 4);
    float[] attention = encoder.run(batch, false).attention().get().toFloatArray();
    int width = attention.length / 2;
    for (int i = width; i < 2 * width - 1; i++) {
      assertThat(attention[i]).as("weight %d", i).isZero();
    }
    if (normalized(config)) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += attention[i];
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
    }
  }

  private static boolean normalized(EncoderConfig config) {
    return switch (config) {
      case NarmConfig narm -> narm.softmaxAttention();
      case StampConfig memory -> memory.softmaxAttention();
      case MemoryNetworkConfig network -> normalized(network.encoder());
      default -> true;
    };
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradientsSurviveAGarbageCollectionBetweenForwardAndBackward(EncoderConfig config) {
    EncoderFixture encoder = new EncoderFixture(manager, config);
    float[] calm = encoder.gradient(false);
    float[] disturbed = encoder.gradient(true);
    assertThat(calm).isNotEqualTo(new float[calm.length]);
    assertThat(disturbed).containsExactly(calm);
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
  }
}
