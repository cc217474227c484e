package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.Positions;
import io.attune.encoder.SessionBatch;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.Weights;
import io.attune.incremental.SessionState;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.serving.ServingModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A session of three windows or more is cut for training, and by nothing else. */
class LongHistoriesTest {
  private static final int ITEMS = 40;
  private static final int CLICKS = 160;

  private final Sessions sessions = sessions();

  static Stream<EncoderConfig> causal() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("causal")
  void everyClickIsEncodedAsInTrainingByTheEngineAndByTheSteps(EncoderConfig config)
      throws IOException {
    Model model = TrainedModels.biased(
        TrainedModels.briefly(sessions.select(new int[] {1, 2, 3}), config), 7);
    int d = model.manifest().encoder().dimension();
    int[] clicks = sessions.items(0);
    long[] times = IntStream.range(0, CLICKS).mapToLong(sessions::time).toArray();
    float[] trained = asTrained(model);
    float[] recomputed;
    try (NeuralRecommender engine = NeuralRecommender.load(model, "engine", ComputeDevice.CPU)) {
      recomputed = engine.queries(IntStream.rangeClosed(1, CLICKS)
          .mapToObj(length -> new Prefix(clicks, times, length))
          .toList());
    }
    ServingModel serving = ServingModel.of(model);
    SessionState state = serving.encoder().start();
    for (int click = 0; click < CLICKS - 1; click++) {
      serving.encoder().advance(state, clicks[click], times[click]);
      float[] incremental = serving.vector(state).query();
      float[] expected = Arrays.copyOfRange(trained, click * d, (click + 1) * d);
      // Normalised vectors have length 16: 1e-5 of that.
      assertThat(Arrays.copyOfRange(recomputed, click * d, (click + 1) * d))
          .as("recomputed at click %d", click)
          .usingComparatorWithPrecision(1.6e-4f)
          .containsExactly(expected);
      assertThat(incremental)
          .as("incremental at click %d", click)
          .usingComparatorWithPrecision(1.6e-4f)
          .containsExactly(expected);
    }
  }

  /** The query vectors by which training guesses the clicks of the first session but the first. */
  private float[] asTrained(Model model) {
    EncoderConfig config = model.manifest().encoder();
    SessionEncoder encoder = SessionEncoder.of(config);
    TrainingSequences segments =
        new TrainingSequences(sessions.select(new int[] {0}), TrainingSequences.Cut.of(encoder));
    int d = config.dimension();
    float[] queries = new float[(CLICKS - 1) * d];
    try (NDManager manager = Torch.manager(ComputeDevice.CPU)) {
      Weights weights = new Weights(manager);
      model
          .weights()
          .forEach((name, tensor) -> weights.add(name, tensor.values(), new Shape(tensor.shape())));
      Tensor inputs = model.weights().get(config.similarity().tied() ? Model.ITEMS : Model.INPUTS);
      List<int[]> steps = segments.epoch(1, 1); // each piece on its own
      assertThat(steps).hasSizeGreaterThan(2);
      for (int[] piece : steps) {
        SessionBatch batch = segments.step(piece).batch();
        float[] made = encoder
            .encode(
                weights,
                embedded(manager, batch, inputs.values(), d),
                Positions.of(manager, batch, encoder.window()),
                false)
            .queries()
            .toFloatArray();
        int first = batch.firsts()[0] + batch.positions()[0];
        System.arraycopy(made, 0, queries, first * d, made.length);
      }
    }
    return queries;
  }

  private static NDArray embedded(NDManager manager, SessionBatch batch, float[] table, int d) {
    float[] clicks = new float[batch.rows().length * d];
    for (int i = 0; i < batch.rows().length; i++) {
      System.arraycopy(table, batch.rows()[i] * d, clicks, i * d, d);
    }
    return manager.create(clicks, new Shape(batch.sessions(), batch.length(), d));
  }

  private static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(5);
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int length : new int[] {CLICKS, 9, 9, 9}) {
      rows.add(random.ints(length, 1, ITEMS + 1).toArray());
      times.add(random.longs(length, 0, 1L << 34).sorted().toArray());
    }
    return Sessions.of(vocabulary, rows, times);
  }
}
