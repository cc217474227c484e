package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.Tensor;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.session.Sessions;
import io.attune.training.Chains;
import io.attune.training.TrainedModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StepEncoderTest {
  private static final Sessions SESSIONS = Chains.sessions(300, 5);
  private static final int ITEMS = SESSIONS.vocabulary().size();

  /** Clicks of the longest session: more than any encoder looks back on. */
  private static final int LONGEST = 70;

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.all().filter(config -> !(config instanceof TransformerConfig));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void everyPrefixHasTheQueryAndTheAttentionOfTheEncoderThatWasTrained(EncoderConfig config)
      throws IOException {
    Model model = TrainedModels.train(config, SESSIONS, 3);
    StepEncoder encoder = ServingModel.of(model).encoder();
    try (NeuralRecommender trained = NeuralRecommender.load(model, "trained", Device.cpu())) {
      for (int[] session : sessions()) {
        List<Prefix> prefixes = new ArrayList<>();
        for (int length = 0; length <= session.length; length++) {
          prefixes.add(new Prefix(session, length));
        }
        float[] expected = trained.queries(prefixes);
        SessionState state = encoder.start();
        for (Prefix prefix : prefixes) {
          if (prefix.length() > 0) {
            encoder.advance(state, session[prefix.length() - 1]);
          }
          SessionVector vector = encoder.query(state);
          assertThat(vector.clicks()).hasSize(prefix.length());
          assertClose(vector.query(), slice(expected, prefix.length(), config.dimension()), prefix);
          assertClose(vector.attention(), trained.attention(prefix), prefix);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aQueryChangesNothingAndStatesDoNotMix(EncoderConfig config) throws IOException {
    StepEncoder encoder =
        ServingModel.of(TrainedModels.train(config, SESSIONS, 1)).encoder();
    List<int[]> sessions = sessions();
    List<SessionState> states = new ArrayList<>();
    for (int ignored = 0; ignored < sessions.size(); ignored++) {
      states.add(encoder.start());
    }
    for (int click = 0; click < LONGEST; click++) {
      for (int s = 0; s < sessions.size(); s++) {
        if (click < sessions.get(s).length) {
          encoder.advance(states.get(s), sessions.get(s)[click]);
          encoder.query(states.get(s));
        }
      }
    }
    for (int s = 0; s < sessions.size(); s++) {
      SessionState alone = encoder.start();
      for (int row : sessions.get(s)) {
        encoder.advance(alone, row);
      }
      assertThat(encoder.query(states.get(s)).query())
          .containsExactly(encoder.query(alone).query());
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void theSizeOfAStateIsBoundedButForItsClicks(EncoderConfig config) throws IOException {
    StepEncoder encoder =
        ServingModel.of(TrainedModels.train(config, SESSIONS, 1)).encoder();
    SessionState state = encoder.start();
    for (int i = 0; i < 100; i++) {
      encoder.advance(state, 1 + i % ITEMS);
    }
    long bytes = state.bytes();
    for (int i = 0; i < 10_000; i++) {
      encoder.advance(state, 1 + i % ITEMS);
    }
    assertThat(state.bytes() - bytes).isBetween(10_000L * 4, 20_000L * 4);
    assertThat(state.length()).isEqualTo(10_100);
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void wrongCallsAreNamed(EncoderConfig config) throws IOException {
    Model model = TrainedModels.train(config, SESSIONS, 1);
    StepEncoder encoder = ServingModel.of(model).encoder();
    SessionState foreign = ServingModel.of(model).encoder().start();
    assertThatThrownBy(() -> encoder.advance(foreign, 1))
        .hasMessageContaining("started by another encoder");
    assertThatThrownBy(() -> encoder.query(foreign))
        .hasMessageContaining("started by another encoder");
    assertThatThrownBy(() -> encoder.advance(encoder.start(), 0))
        .hasMessageContaining("from 1 to " + ITEMS + ", not 0");
    assertThatThrownBy(() -> encoder.advance(encoder.start(), ITEMS + 1))
        .hasMessageContaining("not " + (ITEMS + 1));
    for (String name : model.weights().keySet()) {
      Map<String, Tensor> weights = new HashMap<>(model.weights());
      weights.put(name, new Tensor(new long[] {1, 2}, new float[2]));
      Model broken = new Model(model.manifest(), model.vocabulary(), model.counts(), weights);
      assertThatThrownBy(() -> ServingModel.of(broken))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void brokenWeightsAreAnErrorAndNoVector(EncoderConfig config) throws IOException {
    Model model = TrainedModels.train(config, SESSIONS, 1);
    Map<String, Tensor> weights = new HashMap<>(model.weights());
    String table = config.items().tied() ? Model.ITEMS : Model.INPUTS;
    Tensor items = weights.get(table);
    float[] values = items.values().clone();
    values[3 * config.dimension()] = Float.NaN;
    weights.put(table, new Tensor(items.shape(), values));
    ServingModel broken =
        ServingModel.of(new Model(model.manifest(), model.vocabulary(), model.counts(), weights));
    assertThatThrownBy(() -> broken.vector(new int[] {2, 3}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("not finite");
  }

  /** Some of the training's kind, one click, repeated clicks, and one longer than any window. */
  private static List<int[]> sessions() {
    SplittableRandom random = new SplittableRandom(9);
    List<int[]> sessions = new ArrayList<>();
    Sessions fresh = Chains.sessions(5, 77);
    for (int s = 0; s < fresh.size(); s++) {
      int start = fresh.start(s);
      int[] rows = new int[fresh.end(s) - start];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = fresh.item(start + i);
      }
      sessions.add(rows);
    }
    sessions.add(new int[] {4});
    sessions.add(new int[] {7, 7, 7, 7, 7, 7});
    sessions.add(random.ints(LONGEST, 1, ITEMS + 1).toArray());
    return sessions;
  }

  private static float[] slice(float[] rows, int row, int dimension) {
    return java.util.Arrays.copyOfRange(rows, row * dimension, (row + 1) * dimension);
  }

  private static void assertClose(float[] actual, float[] expected, Prefix prefix) {
    // Relative to the largest element, since query vectors have the length of their scale.
    float largest = 1;
    for (float element : expected) {
      largest = Math.max(largest, Math.abs(element));
    }
    assertThat(actual)
        .as("prefix of %d clicks", prefix.length())
        .usingComparatorWithPrecision(1e-5f * largest)
        .containsExactly(expected);
  }
}
