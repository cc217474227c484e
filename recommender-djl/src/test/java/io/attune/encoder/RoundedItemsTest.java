package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.TargetRanks;
import io.attune.session.Vocabulary;
import io.attune.vector.ClickedScores;
import io.attune.vector.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundedItemsTest {
  private static final int V = 9_001; // tiles and a rest
  private static final int D = 28;
  private static final int QUERIES = 128;

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);
  private final SplittableRandom random = new SplittableRandom(5);

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({"0,false", "7,false", "20,true"})
  void ranksAndListsAreThoseOfAllProducts(int depth, boolean exclude) {
    NDArray items = manager.create(nearTies(), new Shape(V + 1, D));
    NDArray queries = manager.create(values(QUERIES * D, 3), new Shape(QUERIES, D));
    NDArray all = products(queries, items);
    List<RoundedItems.Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      predictions.add(prediction(i, all, exclude));
    }
    TargetRanks ranks = new TargetRanks(QUERIES, depth);

    Optional<BitSet> open =
        new RoundedItems(manager, items, QUERIES).rank(manager, queries, predictions, all, ranks);

    assertThat(open).isPresent();
    assertThat(open.orElseThrow().cardinality()).isLessThan(QUERIES / 2);
    TargetRanks expected = plain(predictions, all, depth);
    for (int i = 0; i < QUERIES; i++) {
      if (!open.orElseThrow().get(i)) {
        assertThat(ranks.above(i)).as("above, %d", i).isEqualTo(expected.above(i));
        assertThat(ranks.tied(i)).as("tied, %d", i).isEqualTo(expected.tied(i));
        assertThat(best(ranks, i)).as("best, %d", i).containsExactly(best(expected, i));
      }
    }
  }

  @Test
  void aQueryThatScoresAllItemsAlikeIsLeftOpen() {
    NDArray items = manager.create(nearTies(), new Shape(V + 1, D));
    float[] values = values(16 * D, 3);
    Arrays.fill(values, 0, D, 0);
    NDArray queries = manager.create(values, new Shape(16, D));
    List<RoundedItems.Prediction> predictions = List.of(
        new RoundedItems.Prediction(0, 3, ClickedScores.NONE, new int[0]),
        new RoundedItems.Prediction(1, 3, ClickedScores.NONE, new int[0]));
    Optional<BitSet> open = new RoundedItems(manager, items, 16)
        .rank(manager, queries, predictions, null, new TargetRanks(2, 5));
    assertThat(open.orElseThrow().get(0)).isTrue();
  }

  @Test
  void nothingIsRankedWhereProductsOfFewItemsAreNotThoseOfAll() {
    NDArray items = manager.create(nearTies(), new Shape(V + 1, D));
    NDArray queries = manager.create(values(16 * D, 3), new Shape(16, D));
    NDArray others = products(queries, items).mul(1.0001f);
    List<RoundedItems.Prediction> predictions =
        List.of(new RoundedItems.Prediction(0, 3, ClickedScores.NONE, new int[0]));
    assertThat(new RoundedItems(manager, items, 16)
            .rank(manager, queries, predictions, others, new TargetRanks(1, 5)))
        .isEmpty();
  }

  @Test
  void aRecommenderRanksByItsScores() {
    try (NeuralRecommender recommender = recommender(nearTies())) {
      List<Prefix> prefixes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        prefixes.add(new Prefix(random.ints(4, 1, V + 1).toArray(), i % 5));
      }
      int[] targets = random.ints(prefixes.size(), 1, V + 1).toArray();
      float[] scores = new float[prefixes.size() * (V + 1)];
      recommender.score(prefixes, scores);
      TargetRanks expected = new TargetRanks(prefixes.size(), 10);
      for (int i = 0; i < prefixes.size(); i++) {
        ItemScores row = ItemScores.of(scores, i * (V + 1), V);
        row.exclude(prefixes.get(i));
        expected.compute(i, row, targets[i]);
      }
      TargetRanks ranks = recommender.rank(prefixes, targets, true, 10);
      assertThat(ranks.ranks()).containsExactly(expected.ranks());
      for (int i = 0; i < prefixes.size(); i++) {
        assertThat(best(ranks, i)).as("best, %d", i).containsExactly(best(expected, i));
      }
    }
  }

  @Test
  void aScoreThatIsNotANumberIsAnError() {
    float[] table = nearTies();
    table[5 * D + 1] = Float.NaN;
    try (NeuralRecommender recommender = recommender(table)) {
      List<Prefix> prefixes =
          IntStream.range(0, 20).mapToObj(i -> new Prefix(new int[] {9 + i}, 1)).toList();
      int[] targets = random.ints(prefixes.size(), 1, V + 1).toArray();
      assertThatThrownBy(() -> recommender.rank(prefixes, targets, false, 5))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("NaN");
    }
  }

  /** Drawn vectors; many of them equal, many as close as floats can be, and some far longer. */
  static float[] nearTies(SplittableRandom random, int items, int dimension) {
    float[] table = values(random, (items + 1) * dimension, 1);
    Arrays.fill(table, 0, dimension, 0);
    for (int row = 10; row <= items; row++) {
      int at = row * dimension;
      switch (row % 9) {
        case 0 -> System.arraycopy(table, (row - 3) * dimension, table, at, dimension);
        case 1 -> {
          System.arraycopy(table, (row - 4) * dimension, table, at, dimension);
          int element = at + random.nextInt(dimension);
          table[element] = Math.nextUp(table[element]);
        }
        case 2 -> {
          for (int i = at; i < at + dimension; i++) {
            table[i] *= row % 4 == 0 ? 3 : 1e-3f;
          }
        }
        default -> {}
      }
    }
    return table;
  }

  private float[] nearTies() {
    return nearTies(random, V, D);
  }

  private float[] values(int count, float bound) {
    return values(random, count, bound);
  }

  static float[] values(SplittableRandom random, int count, float bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * bound;
    }
    return values;
  }

  /** Targets at every depth, with clicked items of which some are the target. */
  private RoundedItems.Prediction prediction(int i, NDArray all, boolean exclude) {
    int[] order = order(all, i);
    int target = order[random.nextInt(i % 2 == 0 ? 15 : i % 4 == 1 ? 300 : V)];
    int[] clicked = IntStream.concat(
            random.ints(4, 1, V + 1), IntStream.of(order[0], i % 5 == 0 ? target : order[3]))
        .sorted()
        .distinct()
        .toArray();
    float[] additions = values(clicked.length, 8);
    return new RoundedItems.Prediction(
        i,
        target,
        i % 3 == 0 ? ClickedScores.NONE : new ClickedScores(clicked, additions, clicked),
        exclude ? clicked : new int[0]);
  }

  private static int[] order(NDArray all, int i) {
    float[] scores = all.get(i).toFloatArray();
    return IntStream.rangeClosed(1, V)
        .boxed()
        .sorted((a, b) -> Float.compare(scores[b - 1], scores[a - 1]))
        .mapToInt(row -> row)
        .toArray();
  }

  private static TargetRanks plain(
      List<RoundedItems.Prediction> predictions, NDArray all, int depth) {
    TargetRanks ranks = new TargetRanks(predictions.size(), depth);
    for (RoundedItems.Prediction prediction : predictions) {
      float[] scores = all.get(prediction.slot()).toFloatArray();
      ItemScores row = new ItemScores(FloatBuffer.wrap(scores), FloatBuffer.allocate(0));
      row.add(prediction.clicked());
      if (prediction.excluded().length > 0) {
        row.exclude(new Prefix(prediction.excluded(), prediction.excluded().length));
      }
      ranks.compute(prediction.slot(), row, prediction.target());
    }
    return ranks;
  }

  private static int[] best(TargetRanks ranks, int i) {
    int[] best = new int[ranks.depth()];
    ranks.copyBest(i, best, 0);
    return best;
  }

  private NDArray products(NDArray queries, NDArray items) {
    TorchScript product = new TorchScript(manager, """
          def product(self: __torch__.M, q: Tensor, e: Tensor) -> Tensor:
            return torch.mm(q, torch.t(torch.slice(e, 0, 1)))
        """);
    return product.call(manager, "product", queries, items).singletonOrThrow();
  }

  private NeuralRecommender recommender(float[] table) {
    NarmConfig config = NarmConfig.builder().dimension(D).hidden(D).build();
    Weights weights = new Weights(manager);
    SessionEncoder.of(config).initialize(weights, random);
    Map<String, Tensor> tensors = new HashMap<>();
    weights
        .arrays()
        .forEach((name, array) ->
            tensors.put(name, new Tensor(array.getShape().getShape(), array.toFloatArray())));
    tensors.put(Model.ITEMS, new Tensor(new long[] {V + 1, D}, table));
    float[] correction = values(ClickedCorrection.NONE.weights().length, 3);
    tensors.put(ClickedCorrection.TENSOR, new ClickedCorrection(correction).tensor());
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, V).mapToObj(i -> "i" + i).toList());
    return NeuralRecommender.load(config, vocabulary, tensors, "narm", ComputeDevice.CPU);
  }
}
