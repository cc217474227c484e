package io.attune.incremental;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.LayerSharing;
import io.attune.model.Model;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class IncrementalEncoderTest {
  private static final int ITEMS = 40;

  private final Sessions sessions = sessions();

  static Stream<EncoderConfig> causal() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("causal")
  void everyPrefixHasTheQueryVectorAndTheAttentionOfTheEngine(EncoderConfig config)
      throws IOException {
    Model model = TrainedModels.biased(TrainedModels.briefly(sessions, config), 7);
    ServingModel serving = ServingModel.of(model);
    int d = config.dimension();
    try (NeuralRecommender engine = NeuralRecommender.load(model, "engine", ComputeDevice.CPU)) {
      for (int s = 0; s < 12; s++) {
        int[] clicks = sessions.items(s);
        long[] times = times(s);
        List<Prefix> prefixes = IntStream.rangeClosed(1, clicks.length)
            .mapToObj(length -> new Prefix(clicks, times, length))
            .toList();
        float[] expected = engine.queries(prefixes);
        SessionState state = serving.encoder().start();
        for (int i = 0; i < clicks.length; i++) {
          serving.encoder().advance(state, clicks[i], prefixes.get(i).time(i));
          SessionVector vector = serving.vector(state);
          float[] row = Arrays.copyOfRange(expected, i * d, (i + 1) * d);
          for (int j = 0; j < d; j++) {
            // Normalised vectors have length 16: 1e-5 of that.
            assertThat(vector.query()[j]).as("click %d", i).isCloseTo(row[j], within(1.6e-4f));
          }
          float[] shares = engine.attention(prefixes.get(i));
          assertThat(vector.clicks())
              .isEqualTo(Arrays.copyOfRange(clicks, i + 1 - vector.clicks().length, i + 1));
          for (int j = 0; j < vector.clicks().length; j++) {
            assertThat(vector.attention()[j])
                .isCloseTo(shares[shares.length - vector.clicks().length + j], within(1e-5f));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("causal")
  void aStateTakesNoMoreThanItsWindowHoweverLongTheSession(EncoderConfig config)
      throws IOException {
    ServingModel serving = ServingModel.of(TrainedModels.briefly(sessions, config));
    IncrementalEncoder encoder = serving.encoder();
    SessionState state = encoder.start();
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 60; i++) {
      encoder.advance(state, 1 + random.nextInt(ITEMS), 7_000L * i * i);
    }
    long bytes = state.bytes();
    for (int i = 0; i < 500; i++) {
      encoder.advance(state, 1 + random.nextInt(ITEMS));
    }
    assertThat(state.bytes()).isEqualTo(bytes);
    assertThat(state.clicks()).isEqualTo(560);
    assertThat(serving.vector(state).query()).doesNotContain(Float.NaN);
  }

  @ParameterizedTest
  @MethodSource("causal")
  void aStepIsUndoneWithoutATraceAndACopyGoesOnByItself(EncoderConfig config) throws IOException {
    ServingModel serving = ServingModel.of(TrainedModels.briefly(sessions, config));
    IncrementalEncoder encoder = serving.encoder();
    SessionState state = encoder.start();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 130; i++) {
      long time = 50_000L * i * i;
      int row = 1 + random.nextInt(ITEMS);
      SessionState copy = state.copy();
      SessionState.Checkpoint before = state.checkpoint();
      encoder.advance(state, 1 + row % ITEMS, time);
      before.restore();
      encoder.advance(state, row, time);
      encoder.advance(copy, row, time);
      assertThat(serving.vector(state).query())
          .as("click %d", i)
          .containsExactly(serving.vector(copy).query());
      assertThat(serving.vector(state).attention())
          .containsExactly(serving.vector(copy).attention());
    }
  }

  /** The times of a session: missing in some sessions, and unknown for one click in others. */
  private long[] times(int session) {
    if (session % 4 == 3) {
      return new long[0];
    }
    long[] times = IntStream.range(sessions.start(session), sessions.end(session))
        .mapToLong(sessions::time)
        .toArray();
    if (session % 4 == 2) {
      times[times.length / 2] = Sessions.NO_TIME;
    }
    return times;
  }

  @ParameterizedTest
  @EnumSource(
      value = LayerSharing.class,
      names = {"SHARED", "HALTING"})
  void fewerLayersAreWhatTheSameWeightsGiveWithFewer(LayerSharing sharing) throws IOException {
    TransformerConfig deep =
        TransformerConfig.builder().dimension(12).layers(4).sharing(sharing).build();
    Model model = TrainedModels.biased(TrainedModels.briefly(sessions, deep), 7);
    TransformerConfig two = deep.toBuilder().layers(2).build();
    int[] clicks = sessions.items(3);
    ServingModel shallow = ServingModel.of(model).shallower(2);
    SessionState state = shallow.encoder().start();
    try (NeuralRecommender engine = NeuralRecommender.load(
        model.manifest().encoder() instanceof DriftConfig ? new DriftConfig(two) : two,
        model.vocabulary(),
        model.weights(),
        "two",
        ComputeDevice.CPU)) {
      for (int i = 0; i < clicks.length; i++) {
        shallow.encoder().advance(state, clicks[i]);
        float[] expected = engine.queries(List.of(new Prefix(clicks, i + 1)));
        float[] query = shallow.vector(state).query();
        for (int j = 0; j < query.length; j++) {
          assertThat(query[j]).as("click %d", i).isCloseTo(expected[j], within(1.6e-4f));
        }
      }
    }
    assertThatThrownBy(() -> ServingModel.of(model).shallower(5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there must be from 1 to 4 layers, not 5");
  }

  @Test
  void layersWithWeightsOfTheirOwnCannotBeLeftOut() throws IOException {
    Model model = TrainedModels.briefly(
        sessions, TransformerConfig.builder().dimension(12).build());
    assertThatThrownBy(() -> ServingModel.of(model).shallower(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sharing shared or halting");
  }

  @ParameterizedTest
  @EnumSource(
      value = LayerSharing.class,
      names = {"SHARED", "HALTING"})
  void theHeadsOfEachLayerAreThoseOfTheLastWithAsManyLayers(LayerSharing sharing)
      throws IOException {
    TransformerConfig config = TransformerConfig.builder()
        .dimension(12)
        .layers(3)
        .sharing(sharing)
        .readout(Readout.LAST)
        .lastClicks(4)
        .build();
    ServingModel model =
        ServingModel.of(TrainedModels.biased(TrainedModels.briefly(sessions, config), 7));
    SessionState state = model.encoder().start();
    List<SessionState> shallow = new ArrayList<>();
    for (int layers = 1; layers <= 3; layers++) {
      shallow.add(model.shallower(layers).encoder().start());
    }
    for (int click : sessions.items(3)) {
      model.encoder().advance(state, click);
      float[] before = model.vector(state).query();
      List<AttentionHead> heads = model.encoder().heads(state);

      assertThat(heads).hasSize(6);
      assertThat(model.vector(state).query()).as("asking changes nothing").isEqualTo(before);
      for (int layers = 1; layers <= 3; layers++) {
        ServingModel with = model.shallower(layers);
        with.encoder().advance(shallow.get(layers - 1), click);
        float[] mean = with.vector(shallow.get(layers - 1)).attention(); // of its last layer
        for (int i = 0; i < mean.length; i++) {
          float[] one = heads.get(2 * layers - 2).shares();
          float[] other = heads.get(2 * layers - 1).shares();
          assertThat((one[i] + other[i]) / 2).isCloseTo(mean[i], within(1e-6f));
        }
      }
    }
  }

  @Test
  void aBidirectionalEncoderIsRefused() throws IOException {
    Model model = TrainedModels.briefly(sessions, EncoderConfigs.bidirectional());
    assertThatThrownBy(() -> ServingModel.of(model))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("not incremental");
  }

  private static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(12);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 60; s++) {
      int[] session = new int[s < 4 ? 30 : 2 + random.nextInt(9)];
      int at = random.nextInt(ITEMS);
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(5), ITEMS);
      }
      rows.add(session);
      times.add(random.longs(session.length, 0, 1L << (10 + s % 30)).sorted().toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    return Sessions.of(vocabulary, rows, times);
  }
}
