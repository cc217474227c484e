package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.incremental.SessionState;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.ClickedScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The correction of clicked items is the same number wherever a session is scored. */
class ClickedItemsTest {
  private static final int ITEMS = 40;

  private final Sessions sessions = sessions();

  @TempDir
  private Path folder;

  static Stream<EncoderConfig> causal() {
    return EncoderConfigs.causal();
  }

  static Stream<EncoderConfig> all() {
    return EncoderConfigs.all();
  }

  @ParameterizedTest
  @MethodSource("causal")
  void everyPrefixHasTheSameCorrectionInServingAndOffline(EncoderConfig config) throws IOException {
    Model model = TrainedModels.corrected(TrainedModels.briefly(sessions, config), 3);
    ClickedCorrection correction = ClickedCorrection.of(model.weights());
    ServingModel serving = ServingModel.of(model);
    try (NeuralRecommender engine = NeuralRecommender.load(model, "engine", ComputeDevice.CPU)) {
      for (int s = 0; s < 6; s++) {
        int[] clicks = sessions.items(s);
        SessionState state = serving.encoder().start();
        for (int i = 0; i < clicks.length; i++) {
          if (i % 3 == 0) {
            SessionState.Checkpoint before = state.checkpoint();
            serving.encoder().advance(state, 1 + i % ITEMS);
            before.restore();
          }
          serving.encoder().advance(state, clicks[i]);
          ClickedScores plain = correction.scores(clicks, i + 1);
          assertThat(plain.isEmpty()).isFalse();
          assertThat(serving.vector(state).clicked()).as("click %d", i).isEqualTo(plain);
          assertThat(engine.clicked(new Prefix(clicks, i + 1))).isEqualTo(plain);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aScoreIsThatOfTheModelWithoutCorrectionPlusTheAddition(EncoderConfig config)
      throws IOException {
    Model plain = TrainedModels.briefly(sessions, config);
    Model model = TrainedModels.corrected(plain, 4);
    List<Prefix> prefixes = IntStream.range(0, 30)
        .mapToObj(s -> new Prefix(sessions.items(s), sessions.length(s) - s % 2))
        .toList();
    int stride = ITEMS + 1;
    float[] expected = new float[prefixes.size() * stride];
    float[] scores = new float[prefixes.size() * stride];
    try (NeuralRecommender uncorrected = NeuralRecommender.load(plain, "", ComputeDevice.CPU);
        NeuralRecommender corrected = NeuralRecommender.load(model, "", ComputeDevice.CPU)) {
      uncorrected.score(prefixes, expected);
      corrected.score(prefixes, scores);
    }
    ClickedCorrection correction = ClickedCorrection.of(model.weights());
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      correction.scores(prefix.clicks(), prefix.length()).addTo(expected, i * stride);
    }
    assertThat(scores).containsExactly(expected);
  }

  @Test
  void theCorrectionIsPartOfTheSavedModelAndOfItsVersion() throws IOException {
    EncoderConfig config = causal().findFirst().orElseThrow();
    Model plain = TrainedModels.briefly(sessions, config);
    plain.save(folder.resolve("plain"));
    TrainedModels.corrected(plain, 5).save(folder.resolve("corrected"));
    ServingModel without = ServingModel.open(folder.resolve("plain"));
    ServingModel with = ServingModel.open(folder.resolve("corrected"));
    assertThat(with.version()).isNotEqualTo(without.version());
    List<String> clicks = List.of("i1", "i2", "unheard of", "i2");
    assertThat(without.vector(clicks).clicked().isEmpty()).isTrue();
    assertThat(with.vector(clicks).clicked())
        .isEqualTo(with.correction().scores(new int[] {1, 2, 2}, 3));
    assertThat(with.vector(clicks).query())
        .containsExactly(without.vector(clicks).query());
    assertThat(with.vector(List.of()).clicked().isEmpty()).isTrue();
  }

  @Test
  void servingScoresAreInnerProductsPlusAdditions() throws IOException {
    EncoderConfig config = causal().findFirst().orElseThrow();
    ServingModel model =
        ServingModel.of(TrainedModels.corrected(TrainedModels.briefly(sessions, config), 6));
    int[] clicks = sessions.items(1);
    SessionVector vector =
        model.vector(Arrays.stream(clicks).mapToObj(model.vocabulary()::id).toList());
    float[] scores = new float[ITEMS + 1];
    new ServingRecommender("serving", model)
        .score(List.of(new Prefix(clicks, clicks.length)), scores);
    for (int row = 1; row <= ITEMS; row++) {
      assertThat(scores[row])
          .isEqualTo(model.items().dot(vector.query(), row) + vector.clicked().of(row));
    }
  }

  /** Sessions with repeats, some longer than the correction looks back. */
  private static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(12);
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < 60; s++) {
      int[] session = new int[s < 3 ? 120 : 2 + random.nextInt(9)];
      int at = random.nextInt(ITEMS);
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(5) + i / 30, ITEMS);
      }
      rows.add(session);
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    return Sessions.of(vocabulary, rows);
  }
}
