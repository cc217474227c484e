package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.Edges;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Logs in which edges alone tell what comes next, to one layer that sees clicks as a set. */
class EdgesTest {
  private static final int ITEMS = 20;
  private static final int A = 1;
  private static final int B = 2;
  private static final int C = 3;
  private static final int X = 4;
  private static final int Y = 5;

  @Test
  void theNextItemIsByWhatCameDirectlyBefore() throws IOException {
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      rows.add(new int[] {A, B, C, X});
      rows.add(new int[] {B, A, C, Y});
    }
    List<int[]> asked = List.of(new int[] {A, B, C}, new int[] {B, A, C});
    float[][] known = scores(Edges.SESSION_GRAPH, Readout.LAST, rows, asked);
    assertThat(known[0][X]).isGreaterThan(known[0][Y] + 1);
    assertThat(known[1][Y]).isGreaterThan(known[1][X] + 1);
    float[][] unknown = scores(Edges.NONE, Readout.LAST, rows, asked);
    assertThat(unknown[0][X]).isCloseTo(unknown[1][X], within(1e-3f));
  }

  @Test
  void whatCameAfterAnItemComesAfterItAgain() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      rows.add(returning(random));
    }
    List<int[]> unseen = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int[] session = returning(random);
      unseen.add(Arrays.copyOf(session, session.length - 1));
    }
    float[][] known = scores(Edges.SESSION_GRAPH, Readout.MEAN, rows, unseen);
    float[][] unknown = scores(Edges.NONE, Readout.MEAN, rows, unseen);
    assertThat(hits(known, unseen)).isGreaterThan(90);
    assertThat(hits(unknown, unseen)).isLessThan(60);
  }

  /** Other items, an item, its successor, others, and both again. */
  private static int[] returning(SplittableRandom random) {
    int[] drawn = random.ints(1, ITEMS + 1).distinct().limit(5).toArray();
    return new int[] {drawn[0], drawn[1], drawn[2], drawn[3], drawn[4], drawn[1], drawn[2]};
  }

  private static long hits(float[][] scores, List<int[]> asked) {
    return IntStream.range(0, asked.size())
        .filter(i -> best(scores[i]) == asked.get(i)[2])
        .count();
  }

  private static int best(float[] scores) {
    return IntStream.rangeClosed(1, ITEMS)
        .reduce(1, (best, row) -> scores[row] > scores[best] ? row : best);
  }

  /** The scores of all items after each prefix, by a model of the sessions. */
  private static float[][] scores(
      Edges edges, Readout readout, List<int[]> rows, List<int[]> prefixes) throws IOException {
    Vocabulary items =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    Sessions sessions = Sessions.of(items, rows);
    TransformerConfig config = TransformerConfig.builder()
        .dimension(32)
        .layers(1)
        .positions(PositionEncoding.NONE)
        .edges(edges)
        .readout(readout)
        .inputDropout(0)
        .layerDropout(0)
        .build();
    TrainingConfig training =
        TrainedModels.plain().epochs(30).stepTargets(64).learningRate(5e-3).build();
    TrainingData data = new TrainingData(
        sessions, sessions, sessions.select(new int[0]), new Split.Targets.AfterFirst());
    Trainer.Trained trained = TrainedModels.trainer(config, training).train(data);
    float[] scores = new float[prefixes.size() * (ITEMS + 1)];
    try (NeuralRecommender recommender = NeuralRecommender.load(
        trained.encoder(), items, trained.weights(), "toy", ComputeDevice.CPU)) {
      recommender.score(
          prefixes.stream().map(clicks -> new Prefix(clicks, clicks.length)).toList(), scores);
    }
    return IntStream.range(0, prefixes.size())
        .mapToObj(i -> Arrays.copyOfRange(scores, i * (ITEMS + 1), (i + 1) * (ITEMS + 1)))
        .toArray(float[][]::new);
  }
}
