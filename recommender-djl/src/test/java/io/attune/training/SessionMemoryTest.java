package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.Torch;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.recommender.Popularity;
import io.attune.recommender.Prefix;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionMemoryTest {
  private static final NarmConfig OWN =
      Chains.narm().toBuilder().inputDropout(0).contextDropout(0).build();
  private static final MemoryNetworkConfig NETWORK =
      MemoryNetworkConfig.builder().encoder(OWN).slots(16).build();
  private static final Vocabulary ITEMS =
      Vocabulary.of(IntStream.rangeClosed(1, 9).mapToObj(i -> "i" + i).toList());

  /** The first two overlap, the third began after both had ended. */
  private static final List<int[]> CLICKS =
      List.of(new int[] {1, 2, 3, 4, 5}, new int[] {6, 7, 8}, new int[] {1, 2, 9});

  private static final List<long[]> TIMES =
      List.of(new long[] {10, 11, 12, 13, 20}, new long[] {15, 16, 30}, new long[] {31, 32, 33});

  @Test
  void placesAreByTheEndsOfSessionsAndEndingAsAnotherBeginsIsNotBeforeIt() {
    SessionOrder order = new SessionOrder(Sessions.of(
        ITEMS,
        List.of(new int[] {1, 2}, new int[] {1, 2}, new int[] {1, 2}, new int[] {1, 2}),
        List.of(
            new long[] {15, 30}, new long[] {10, 20}, new long[] {25, 40}, new long[] {20, 20})));
    assertThat(IntStream.range(0, 4).mapToObj(order::place))
        .containsExactly(
            new SessionOrder.Place(0, 2), // one ended at 20, but this one began at 15
            new SessionOrder.Place(0, 0),
            new SessionOrder.Place(2, 3), // after both that ended at 20
            new SessionOrder.Place(0, 1)); // began and ended at 20, as another did
  }

  @Test
  void withoutTimesASessionComesAfterThoseListedBeforeIt() {
    SessionOrder order = new SessionOrder(Sessions.of(ITEMS, CLICKS));
    assertThat(order.place(0)).isEqualTo(new SessionOrder.Place(0, 0));
    assertThat(order.place(2)).isEqualTo(new SessionOrder.Place(2, 2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noSessionReadsItselfInALaterEpoch(boolean timed) {
    TrainingSequences sequences = sequences(timed, 50);
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner learner = learner(manager)) {
      double first = loss(learner, sequences, 0);
      assertThat(loss(learner, sequences, 0)).isEqualTo(first);
    }
  }

  @Test
  void noPieceOfASessionReadsAnotherPieceOfIt() {
    TrainingSequences sequences = sequences(true, 2); // the first session in two pieces
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner fresh = learner(manager);
        Learner learner = learner(manager)) {
      double first = loss(fresh, sequences, 1);
      loss(learner, sequences, 0);
      assertThat(loss(learner, sequences, 1)).isEqualTo(first);
    }
  }

  @Test
  void noSessionReadsOneThatEndsLaterOrHasNotEndedWhenItBegins() {
    TrainingSequences sequences = sequences(true, 50);
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner fresh = learner(manager);
        Learner learner = learner(manager)) {
      loss(learner, sequences, 0);
      loss(learner, sequences, 2);
      assertThat(loss(learner, sequences, 1)).isEqualTo(loss(fresh, sequences, 1));
    }
  }

  @Test
  void aSessionReadsThoseThatEndedBeforeItBegan() {
    TrainingSequences sequences = sequences(true, 50);
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner fresh = learner(manager);
        Learner learner = learner(manager)) {
      double alone = loss(fresh, sequences, 2);
      loss(learner, sequences, 0);
      assertThat(loss(learner, sequences, 2)).isNotCloseTo(alone, within(1e-4));
    }
  }

  @Test
  void aModelHoldsTheLastPredictionsThatWereWrittenByKeyAndNextItem() {
    // Seven predictions for four slots: the last two of the second session, both of the third.
    MemoryNetworkConfig four = NETWORK.toBuilder().slots(4).build();
    TrainingSequences sequences = sequences(true, 50);
    List<Prefix> prefixes = List.of(
        new Prefix(new int[] {6}, 1),
        new Prefix(new int[] {6, 7}, 2),
        new Prefix(new int[] {1}, 1),
        new Prefix(new int[] {1, 2}, 2));
    int[] next = {7, 8, 2, 9};
    int d = OWN.dimension();
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner learner = learner(manager, four)) {
      for (int sequence = 0; sequence < 3; sequence++) {
        loss(learner, sequences, sequence);
      }
      Map<String, Tensor> model = learner.model();
      assertThat(values(model, MemoryNetworkConfig.KEYS))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(queries(OWN, model, prefixes));
      for (int slot = 0; slot < 4; slot++) {
        assertThat(row(model, MemoryNetworkConfig.VALUES, slot, d))
            .isEqualTo(row(model, Model.ITEMS, next[slot], d));
      }
    }
  }

  @Test
  void theQueryIsTheGatedSumOfTheSessionsOwnAndOfWhatFollowedSimilarOnes() {
    TrainingSequences sequences = sequences(true, 50);
    List<Prefix> prefixes = List.of(new Prefix(new int[] {1, 2}, 2));
    int d = OWN.dimension();
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner learner = learner(manager)) {
      loss(learner, sequences, 1); // two predictions, so that fourteen slots stay empty
      Map<String, Tensor> model = learner.model();
      float[] own = queries(OWN, model, prefixes);
      float[] older = row(model, MemoryNetworkConfig.KEYS, 14, d);
      float[] newer = row(model, MemoryNetworkConfig.KEYS, 15, d);
      double a = Math.exp(20 * cosine(own, older));
      double b = Math.exp(20 * cosine(own, newer));
      float[] seven = row(model, Model.ITEMS, 7, d);
      float[] eight = row(model, Model.ITEMS, 8, d);
      double[] read = new double[d];
      double gate = 2;
      for (int i = 0; i < d; i++) {
        read[i] = (a * seven[i] + b * eight[i]) / (a + b);
        gate += values(model, "gate.w")[i] * own[i] / 16 + values(model, "gate.w")[d + i] * read[i];
      }
      double f = 1 / (1 + Math.exp(-gate));
      float[] expected = new float[d];
      for (int i = 0; i < d; i++) {
        expected[i] = (float) (f * own[i] + (1 - f) * 16 * read[i]);
      }
      float[] query = queries(NETWORK, model, prefixes);
      assertThat(cosine(query, query)).isCloseTo(1, within(1e-6));
      assertThat(cosine(query, expected)).isCloseTo(1, within(1e-6));
      assertThat(cosine(query, own)).isLessThan(0.9999);
    }
  }

  @Test
  void withAnEmptyMemoryTheQueryIsTheSessionsOwn() {
    List<Prefix> prefixes = List.of(new Prefix(new int[] {1, 2}, 2));
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner learner = learner(manager)) {
      assertThat(queries(NETWORK, learner.model(), prefixes))
          .usingComparatorWithPrecision(1e-5f)
          .containsExactly(queries(OWN, learner.model(), prefixes));
    }
  }

  @Test
  void aRestoredMemoryGoesOnToTheSameNumbers() {
    Sessions sessions = Chains.sessions(60, 1);
    TrainingSequences sequences = sequences(sessions, 10);
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner straight = learner(manager, NETWORK, sessions);
        Learner resumed = learner(manager, NETWORK, sessions)) {
      List<int[]> steps = sequences.epoch(32, 1);
      for (int[] step : steps) {
        straight.step(sequences.step(step), 0.02, LossKind.FULL);
      }
      resumed.restore(straight.state(), straight.steps());
      for (int[] step : steps) {
        double expected = straight.step(sequences.step(step), 0.02, LossKind.FULL);
        assertThat(resumed.step(sequences.step(step), 0.02, LossKind.FULL)).isEqualTo(expected);
      }
      assertThat(resumed.model()).isEqualTo(straight.model());
    }
  }

  @Test
  void stepsLeaveNoArraysBehind() {
    Sessions sessions = Chains.sessions(40, 1);
    TrainingSequences sequences = sequences(sessions, 10);
    try (NDManager manager = Torch.manager(ComputeDevice.CPU);
        Learner learner = learner(manager, NETWORK, sessions)) {
      TrainingSequences.Step step = sequences.step(sequences.epoch(32, 1).getFirst());
      learner.step(step, 0.01, LossKind.FULL);
      learner.step(step, 0.01, LossKind.FULL);
      int held = learner.heldArrays();
      for (int i = 0; i < 100; i++) {
        learner.step(step, 0.01, LossKind.FULL);
      }
      assertThat(learner.heldArrays()).isEqualTo(held);
    }
  }

  private static TrainingSequences sequences(boolean timed, int targets) {
    return sequences(Sessions.of(ITEMS, CLICKS, timed ? TIMES : null), targets);
  }

  private static TrainingSequences sequences(Sessions sessions, int targets) {
    return new TrainingSequences(
        sessions, 0, TrainingOrder.CHRONOLOGICAL, new TrainingSequences.Cut(targets, 0));
  }

  /** The loss of a sequence, from which nothing is learned. */
  private static double loss(Learner learner, TrainingSequences sequences, int sequence) {
    return learner.step(sequences.step(new int[] {sequence}), 0, LossKind.FULL);
  }

  private static Learner learner(NDManager manager) {
    return learner(manager, NETWORK);
  }

  private static Learner learner(NDManager manager, EncoderConfig encoder) {
    return learner(manager, encoder, Sessions.of(ITEMS, CLICKS));
  }

  private static Learner learner(NDManager manager, EncoderConfig encoder, Sessions sessions) {
    return new Learner(
        manager,
        encoder,
        TrainingConfig.defaults(),
        Popularity.counts(sessions),
        Precision.FP32,
        7);
  }

  private static float[] queries(
      EncoderConfig encoder, Map<String, Tensor> weights, List<Prefix> prefixes) {
    try (NeuralRecommender recommender =
        NeuralRecommender.load(encoder, ITEMS, weights, "m", ComputeDevice.CPU)) {
      return recommender.queries(prefixes);
    }
  }

  private static float[] values(Map<String, Tensor> weights, String name) {
    Tensor tensor = weights.get(name);
    assertThat(tensor).as(name).isNotNull();
    return tensor.values();
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static float[] row(Map<String, Tensor> weights, String name, int row, int size) {
    return Arrays.copyOfRange(values(weights, name), row * size, (row + 1) * size);
  }
}
