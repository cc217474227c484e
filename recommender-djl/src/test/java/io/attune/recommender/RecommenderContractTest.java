package io.attune.recommender;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.serving.ServingModel;
import io.attune.serving.ServingRecommender;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every recommender. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecommenderContractTest {
  private static final int ITEMS = 300;

  private final List<Recommender> recommenders = new ArrayList<>();
  private final List<Prefix> prefixes = new ArrayList<>();
  private int[] targets = {};

  @BeforeAll
  void train() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int s = 0; s < 400; s++) {
      // Neighbours in a skewed catalogue: some are popular, many are tied.
      int at = (int) (ITEMS * Math.pow(random.nextDouble(), 2));
      int[] session = new int[2 + random.nextInt(s % 10 == 0 ? 60 : 9)];
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(5), ITEMS);
      }
      rows.add(session);
      times.add(random.longs(session.length, 0, 1L << (10 + s % 30)).sorted().toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    Sessions sessions = Sessions.of(vocabulary, rows, times);
    recommenders.add(Popularity.of(sessions));
    for (EncoderConfig encoder : EncoderConfigs.all().toList()) {
      Model model = TrainedModels.briefly(sessions, encoder);
      recommenders.add(NeuralRecommender.load(model, encoder.toString(), ComputeDevice.CPU));
      if (!encoder.equals(EncoderConfigs.bidirectional())) {
        long columnBytes = encoder instanceof NarmConfig ? 1 << 20 : 0;
        recommenders.add(
            new ServingRecommender("steps of " + encoder, ServingModel.of(model), columnBytes));
      }
      if (encoder instanceof NarmConfig || encoder.equals(EncoderConfigs.bidirectional())) {
        Model corrected = TrainedModels.corrected(model, 9);
        recommenders.add(
            NeuralRecommender.load(corrected, "corrected " + encoder, ComputeDevice.CPU));
        if (encoder instanceof NarmConfig) {
          ServingModel serving = ServingModel.of(corrected);
          recommenders.add(new ServingRecommender("corrected steps of " + encoder, serving));
          recommenders.add(
              new ServingRecommender("corrected columns of " + encoder, serving, 1 << 20));
        }
      }
    }
    Baseline.all().stream()
        .filter(baseline -> !(baseline instanceof Baseline.RecentPop)) // needs click times
        .forEach(baseline -> recommenders.add(baseline.train(sessions)));
    SparseRecommender knn =
        (SparseRecommender) Baseline.parse("v-sknn:k=3,sample=5").train(sessions);
    recommenders.add(knn);
    Recommender neural = recommenders.stream()
        .filter(NeuralRecommender.class::isInstance)
        .findFirst()
        .orElseThrow();
    recommenders.add(new Ensemble("narm+knn", neural, knn, Ensemble.DEFAULT));
    recommenders.add(new Ensemble(
        "narm+knn by rank", neural, knn, new Ensemble.Combination.ReciprocalRankFusion(1, 50, 60)));

    targets = new int[500];
    for (int i = 0; i < targets.length; i++) {
      int[] session = rows.get(random.nextInt(rows.size()));
      int length = random.nextInt(session.length + 1);
      prefixes.add(new Prefix(session, length));
      targets[i] = 1 + random.nextInt(ITEMS);
    }
  }

  @AfterAll
  void close() {
    recommenders.forEach(Recommender::close);
  }

  Stream<Recommender> recommenders() {
    return recommenders.stream();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("recommenders")
  void aRankDoesNotDependOnWhatElseIsInTheBatch(Recommender recommender) {
    int[] together = recommender.rank(prefixes, targets, false, 0).ranks();
    for (int i = 0; i < targets.length; i += 7) {
      int[] alone = recommender
          .rank(List.of(prefixes.get(i)), new int[] {targets[i]}, false, 0)
          .ranks();
      assertThat(alone[0]).as("prediction %d", i).isEqualTo(together[i]);
    }
    List<Integer> order =
        new ArrayList<>(IntStream.range(0, targets.length).boxed().toList());
    Collections.shuffle(order, new Random(1));
    int[] shuffled = recommender
        .rank(
            order.stream().map(prefixes::get).toList(),
            order.stream().mapToInt(i -> targets[i]).toArray(),
            false,
            0)
        .ranks();
    for (int i = 0; i < targets.length; i++) {
      assertThat(shuffled[i]).as("place %d", i).isEqualTo(together[order.get(i)]);
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("recommenders")
  void scoresDoNotDependOnTheBatchDownToTheLastBit(Recommender recommender) {
    int stride = ITEMS + 1;
    float[] together = new float[prefixes.size() * stride];
    recommender.score(prefixes, together);
    float[] alone = new float[stride];
    for (int i = 0; i < targets.length; i += 11) {
      recommender.score(List.of(prefixes.get(i)), alone);
      assertThat(alone)
          .as("prefix %d", i)
          .containsExactly(Arrays.copyOfRange(together, i * stride, (i + 1) * stride));
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("recommenders")
  void ranksAreThoseOfTheScores(Recommender recommender) {
    int depth = 7;
    int stride = ITEMS + 1;
    float[] together = new float[prefixes.size() * stride];
    recommender.score(prefixes, together);
    for (boolean exclude : new boolean[] {false, true}) {
      TargetRanks ranks = recommender.rank(prefixes, targets, exclude, depth);
      for (int i = 0; i < targets.length; i++) {
        Prefix prefix = prefixes.get(i);
        float[] scores = Arrays.copyOfRange(together, i * stride, (i + 1) * stride);
        if (exclude) {
          Arrays.stream(prefix.clicks(), 0, prefix.length())
              .forEach(row -> scores[row] = Float.NEGATIVE_INFINITY);
        }
        float score = scores[targets[i]];
        boolean candidate = score > Float.NEGATIVE_INFINITY;
        int above = candidate ? count(row -> scores[row] > score) : ITEMS - 1;
        int tied = candidate ? count(row -> scores[row] == score) - 1 : 0;
        assertThat(ranks.above(i)).as("above, prediction %d", i).isEqualTo(above);
        assertThat(ranks.tied(i)).as("tied, prediction %d", i).isEqualTo(tied);
        int[] best = new int[depth];
        ranks.copyBest(i, best, 0);
        assertThat(best)
            .as("best, prediction %d", i)
            .containsExactly(recommender.top(prefix, depth, exclude).stream()
                .mapToInt(Recommendation::row)
                .toArray());
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("recommenders")
  void theBestItemsAreThoseOfTheHighestScores(Recommender recommender) {
    float[] scores = new float[ITEMS + 1];
    for (Prefix prefix : prefixes.subList(0, 40)) {
      recommender.score(List.of(prefix), scores);
      List<Integer> expected = IntStream.rangeClosed(1, ITEMS)
          .boxed()
          .sorted((a, b) -> Float.compare(scores[b], scores[a])) // stable: lower row first
          .limit(10)
          .toList();
      assertThat(recommender.top(prefix, 10, false).stream()
              .map(Recommendation::row)
              .toList())
          .isEqualTo(expected);
      Set<Integer> clicked =
          Arrays.stream(prefix.clicks(), 0, prefix.length()).boxed().collect(Collectors.toSet());
      assertThat(recommender.top(prefix, ITEMS, true))
          .hasSize(ITEMS - clicked.size())
          .noneMatch(each -> clicked.contains(each.row()));
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("recommenders")
  void paddingIsNeverRecommendedAndClicksBeyondThePrefixAreNotRead(Recommender recommender) {
    int stride = ITEMS + 1;
    float[] scores = new float[stride * 2];
    int[] clicks = {5, 6, 7};
    recommender.score(List.of(new Prefix(clicks, 2), new Prefix(new int[] {5, 6}, 2)), scores);
    assertThat(scores[0]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Arrays.copyOf(scores, stride))
        .containsExactly(Arrays.copyOfRange(scores, stride, 2 * stride));
  }

  private static int count(IntPredicate rows) {
    return (int) IntStream.rangeClosed(1, ITEMS).filter(rows).count();
  }
}
