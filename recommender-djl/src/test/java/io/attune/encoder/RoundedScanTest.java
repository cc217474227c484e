package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.batch.Recommendations;
import io.attune.batch.SessionClicks;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.recommender.Prefix;
import io.attune.saved.SavedModel;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoundedScanTest {
  private static final int V = 5_003; // groups and a rest

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);
  private final SplittableRandom random = new SplittableRandom(8);

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "28,1", "28,20", "33,20", "28,300", "28,5002", "28,6000"})
  void theBestAreThoseOfTheTableToTheLastBit(int dimension, int count) {
    ItemVectors items = items(dimension);
    int[] all = IntStream.rangeClosed(1, V).toArray();
    assertSame(items, all, queries(items, 150), count);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 700})
  void amongSomeItemsOnlyTheyAreFound(int size) {
    ItemVectors items = items(28);
    int[] some = random.ints(1, V + 1).distinct().limit(size).sorted().toArray();
    for (int count : new int[] {1, 20, size - 1, size}) {
      assertSame(items, some, queries(items, 30), count);
    }
  }

  @Test
  void queriesAndItemsOfAnyLengthAreScored() {
    float[] table = RoundedItemsTest.nearTies(random, V, 28);
    for (float length : new float[] {1e-30f, 1e-12f, 1e12f}) {
      float[] scaled = table.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= length;
      }
      List<ItemScan.Query> queries = new ArrayList<>();
      for (float scale : new float[] {0, 1e-40f, 1e-20f, 1, 1e20f}) {
        queries.add(new ItemScan.Query(RoundedItemsTest.values(random, 28, scale), new int[] {7}));
      }
      ItemVectors items = ItemVectors.of(new Tensor(new long[] {V + 1, 28}, scaled));
      assertSame(items, IntStream.rangeClosed(1, V).toArray(), queries, 20);
    }
  }

  @Test
  void aQueryThatIsNotFiniteIsAnErrorAndTheNextOneIsAnswered() {
    ItemVectors items = items(28);
    int[] all = IntStream.rangeClosed(1, V).toArray();
    try (ItemScan scan = new RoundedScan(manager, items, all)) {
      float[] broken = new float[28];
      broken[3] = Float.NaN;
      assertThatThrownBy(() -> scan.top(List.of(new ItemScan.Query(broken, new int[0])), 5))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("not finite");
      assertSame(items, all, scan, queries(items, 20), 5);
    }
  }

  @ParameterizedTest
  @CsvSource({"false,20", "true,20", "true,4990"})
  void aBatchIsWhatScoringEveryItemGives(boolean exclude, int count) {
    try (SavedModel.Engine model = corrected()) {
      BitSet some = new BitSet();
      IntStream.rangeClosed(1, V).filter(row -> row % 500 > 0).forEach(some::set);
      Vocabulary vocabulary = model.vocabulary();
      Candidates candidates =
          Candidates.of(vocabulary, some.stream().mapToObj(vocabulary::id).toList());
      List<SessionClicks> sessions = new ArrayList<>();
      for (int s = 0; s < 300; s++) {
        sessions.add(new SessionClicks("s" + s, random.ints(1 + s % 9, 1, V + 1).toArray()));
      }
      BatchOptions options = new BatchOptions(count, exclude, null, Fallback.NONE);
      List<Recommendations> made = new ArrayList<>();
      try (BatchRecommender batch = BatchRecommender.of(model, candidates, options, 2)) {
        batch.recommend(sessions.iterator()).forEachRemaining(made::add);
      }
      for (int s = 0; s < sessions.size(); s++) {
        Prefix prefix = new Prefix(sessions.get(s).rows(), sessions.get(s).rows().length);
        float[] query = model.recommender().separateQueries(List.of(prefix));
        ItemVectors.Top best = model
            .recommender()
            .clicked(prefix)
            .top(
                model.items(),
                query,
                count,
                row -> some.get(row) && !(exclude && prefix.contains(row)),
                model.items()::top);
        assertThat(made.get(s).rows()).as("rows, %d", s).containsExactly(best.rows());
        assertThat(made.get(s).scores()).as("scores, %d", s).containsExactly(best.scores());
      }
    }
  }

  private void assertSame(
      ItemVectors items, int[] candidates, List<ItemScan.Query> queries, int count) {
    try (ItemScan scan = new RoundedScan(manager, items, candidates)) {
      assertSame(items, candidates, scan, queries, count);
    }
  }

  private void assertSame(
      ItemVectors items, int[] candidates, ItemScan scan, List<ItemScan.Query> queries, int count) {
    List<ItemVectors.Top> found = scan.top(queries, count);
    assertThat(found).hasSameSizeAs(queries);
    for (int q = 0; q < queries.size(); q++) {
      BitSet allowed = new BitSet();
      Arrays.stream(candidates).forEach(allowed::set);
      Arrays.stream(queries.get(q).excluded()).forEach(allowed::clear);
      ItemVectors.Top best = items.top(queries.get(q).vector(), count, allowed::get);
      assertThat(found.get(q).rows()).as("rows, %d", q).containsExactly(best.rows());
      assertThat(found.get(q).scores()).as("scores, %d", q).containsExactly(best.scores());
    }
  }

  private ItemVectors items(int dimension) {
    float[] table = RoundedItemsTest.nearTies(random, V, dimension);
    return ItemVectors.of(new Tensor(new long[] {V + 1, dimension}, table));
  }

  /** Queries without exclusions and with many, of which some are the best items. */
  private List<ItemScan.Query> queries(ItemVectors items, int count) {
    List<ItemScan.Query> queries = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      float[] vector = RoundedItemsTest.values(random, items.dimension(), 3);
      int[] excluded = IntStream.concat(
              random.ints(q % 3 * 20L, 1, V + 1),
              Arrays.stream(items.top(vector, q % 3 * 15, row -> true).rows()))
          .sorted()
          .distinct()
          .toArray();
      queries.add(new ItemScan.Query(vector, excluded));
    }
    return queries;
  }

  /** A model with near ties and a correction. */
  private SavedModel.Engine corrected() {
    NarmConfig config = NarmConfig.builder().dimension(28).hidden(28).build();
    Weights weights = new Weights(manager);
    SessionEncoder.of(config).initialize(weights, random);
    Map<String, Tensor> tensors = new HashMap<>();
    weights
        .arrays()
        .forEach((name, array) ->
            tensors.put(name, new Tensor(array.getShape().getShape(), array.toFloatArray())));
    float[] table = RoundedItemsTest.nearTies(random, V, 28);
    tensors.put(Model.ITEMS, new Tensor(new long[] {V + 1, 28}, table));
    float[] correction =
        RoundedItemsTest.values(random, ClickedCorrection.NONE.weights().length, 3);
    tensors.put(ClickedCorrection.TENSOR, new ClickedCorrection(correction).tensor());
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, V).mapToObj(i -> "i" + i).toList());
    JsonNodeFactory json = JsonNodeFactory.instance;
    Manifest.Provenance provenance = new Manifest.Provenance(
        "", "", 1, 0, 0, "none", null, null, json.objectNode(), json.objectNode());
    Manifest manifest = new Manifest(Manifest.FORMAT, config, V, provenance, List.of(), Map.of());
    Model model = new Model(manifest, vocabulary, new long[V], tensors);
    return new SavedModel.Engine(model, NeuralRecommender.load(model, "narm", ComputeDevice.CPU));
  }
}
