package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.ConvolutionConfig;
import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a, c comes x, after b, c comes y: the last click alone does not tell x from y. */
class TwoClicksTest {
  private static final int A = 1;
  private static final int B = 2;
  private static final int C = 3;
  private static final int X = 4;
  private static final int Y = 5;
  private static final Vocabulary ITEMS =
      Vocabulary.of(List.of("a", "b", "c", "x", "y", "p", "q", "r"));

  static Stream<EncoderConfig> encoders() {
    return Stream.of(
        NarmConfig.defaults(),
        TransformerConfig.defaults(),
        TransformerConfig.builder().edges(Edges.SESSION_GRAPH).build(),
        GruConfig.defaults(),
        ConvolutionConfig.defaults(),
        StampConfig.defaults(),
        EnsembleConfig.defaults(),
        Preset.LONG_HISTORIES.encoder());
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void everyEncoderLearnsWhatOnlyTwoClicksTell(EncoderConfig config) throws IOException {
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      rows.add(new int[] {A, C, X});
      rows.add(new int[] {B, C, Y});
      rows.add(new int[] {6, 7, 8});
    }
    Sessions sessions = Sessions.of(ITEMS, rows);
    TrainingConfig training =
        TrainedModels.plain().epochs(30).stepTargets(64).learningRate(5e-3).build();
    TrainingData data = new TrainingData(
        sessions, sessions, sessions.select(new int[0]), new Split.Targets.AfterFirst());
    Trainer.Trained trained = TrainedModels.trainer(config, training).train(data);
    float[] scores = new float[2 * (ITEMS.size() + 1)];
    try (NeuralRecommender recommender = NeuralRecommender.load(
        trained.encoder(), ITEMS, trained.weights(), "toy", ComputeDevice.CPU)) {
      recommender.score(
          List.of(new Prefix(new int[] {A, C}, 2), new Prefix(new int[] {B, C}, 2)), scores);
    }
    int second = ITEMS.size() + 1;
    assertThat(scores[X]).isGreaterThan(scores[Y] + 1);
    assertThat(scores[second + Y]).isGreaterThan(scores[second + X] + 1);
    // An item that is new to the session stands above all, the clicked ones included.
    assertThat(best(scores, 0)).isEqualTo(X);
    assertThat(best(scores, second)).isEqualTo(Y);
  }

  private static int best(float[] scores, int from) {
    int best = 1;
    for (int row = 2; row <= ITEMS.size(); row++) {
      if (scores[from + row] > scores[from + best]) {
        best = row;
      }
    }
    return best;
  }
}
