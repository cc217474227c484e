package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.incremental.SessionState;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session of a machine takes no more memory than many short ones. */
class LongSessionsTest {
  private static final int ITEMS = 9;
  private static final int CLICKS = 9000;
  private static final Sessions SHORT = Sessions.of(
      Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList()),
      List.of(new int[] {1, 2, 3}, new int[] {4, 5, 6, 7}, new int[] {8, 9, 1}));

  private final int[] clicks =
      new SplittableRandom(1).ints(CLICKS, 1, ITEMS + 1).toArray();

  static Stream<EncoderConfig> shipped() {
    return EncoderConfig.defaults().values().stream();
  }

  static Stream<EncoderConfig> all() {
    return EncoderConfigs.all();
  }

  @ParameterizedTest
  @MethodSource({"shipped", "all"})
  void noArrayOfABatchGrowsWithTheSession(EncoderConfig config) {
    SessionEncoder encoder = SessionEncoder.of(config);
    int longest = PrefixEncoder.longest(encoder, config.dimension());
    assertThat(longest).isGreaterThanOrEqualTo(PrefixEncoder.ROWS);
    assertThat(PrefixEncoder.ROWS * encoder.temporary(longest)).isLessThanOrEqualTo(1L << 24);
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void aSessionThatWouldTakeGigabytesIsEncodedClickByClick(EncoderConfig config)
      throws IOException {
    Model model = TrainedModels.briefly(SHORT, config);
    ServingModel serving = ServingModel.of(model);
    int d = model.manifest().encoder().dimension();
    int longest = PrefixEncoder.longest(SessionEncoder.of(config), d);
    assertThat(longest).isLessThan(CLICKS);
    int[] lengths = {1, longest - 1, longest, longest + 1, CLICKS - 1, CLICKS};
    List<Prefix> prefixes =
        Arrays.stream(lengths).mapToObj(length -> new Prefix(clicks, length)).toList();
    SessionState state = serving.encoder().start();
    try (NeuralRecommender engine = NeuralRecommender.load(model, "engine", ComputeDevice.CPU)) {
      float[] together = engine.queries(prefixes);
      float[] separate = engine.separateQueries(prefixes);
      for (int i = 0; i < lengths.length; i++) {
        while (state.clicks() < lengths[i]) {
          serving.encoder().advance(state, clicks[state.clicks()]);
        }
        SessionVector vector = serving.vector(state);
        assertThat(Arrays.copyOfRange(together, i * d, (i + 1) * d))
            .as("after %d clicks", lengths[i])
            .usingComparatorWithPrecision(3e-4f)
            .containsExactly(vector.query());
        assertThat(Arrays.copyOfRange(separate, i * d, (i + 1) * d))
            .as("after %d clicks, on its own", lengths[i])
            .usingComparatorWithPrecision(3e-4f)
            .containsExactly(vector.query());
        float[] alone = engine.queries(List.of(new Prefix(clicks, lengths[i])));
        assertThat(alone).containsExactly(Arrays.copyOfRange(together, i * d, (i + 1) * d));
      }
      float[] shares = engine.attention(prefixes.getLast());
      assertThat(shares).hasSize(CLICKS);
      assertThat(IntStream.range(0, CLICKS).mapToDouble(i -> shares[i]).sum())
          .isCloseTo(1, within(1e-5));
    }
  }
}
