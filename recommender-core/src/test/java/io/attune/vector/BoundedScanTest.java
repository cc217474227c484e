package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedScanTest {
  private static final int ITEMS = 5000;

  private final SplittableRandom random = new SplittableRandom(11);

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 100})
  void theBestAreThoseOfAScanOfAllItemsToTheLastBit(int dimension) {
    ItemVectors items = items(ITEMS, dimension, Double.POSITIVE_INFINITY);
    List<ItemScan.Query> queries = queries(items, 70, 4);
    for (int count : new int[] {1, 20, 700}) {
      BoundedScan scan = BoundedScan.of(items, all(ITEMS), count, vectors(queries));
      assertSame(items, all(ITEMS), scan, queries, count);
    }
  }

  @Test
  void whereItemsLieNearFewDirectionsFewCoordinatesAreMultiplied() {
    ItemVectors items = items(ITEMS, 64, 12);
    List<ItemScan.Query> queries = queries(items, 50, 0);
    BoundedScan scan = BoundedScan.of(items, all(ITEMS), 20, vectors(queries));
    assertThat(scan.coordinates()).isLessThan(40);
    assertSame(items, all(ITEMS), scan, queries, 20);
  }

  @Test
  void queriesUnlikeTheSampleGetTheirBestItemsAllTheSame() {
    ItemVectors items = items(ITEMS, 64, 12);
    BoundedScan scan = BoundedScan.of(items, all(ITEMS), 20, vectors(queries(items, 50, 0)));
    List<ItemScan.Query> others = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      others.add(new ItemScan.Query(floats(64, 100), new int[0]));
    }
    assertSame(items, all(ITEMS), scan, others, 20);
  }

  @Test
  void anApproximateScanFindsNearlyAllByFewerCoordinates() {
    ItemVectors items = items(ITEMS, 64, 40);
    List<ItemScan.Query> queries = queries(items, 200, 5);
    List<ItemScan.Query> sample = queries.subList(0, 100);
    BoundedScan exact = BoundedScan.of(items, all(ITEMS), 20, vectors(sample));
    BoundedScan nearly = BoundedScan.approximate(items, all(ITEMS), 20, vectors(sample));
    assertThat(nearly.coordinates()).isLessThan(exact.coordinates());
    List<ItemVectors.Top> best = exact.top(queries, 20);
    List<ItemVectors.Top> found = nearly.top(queries, 20);
    int hits = 0;
    for (int q = 0; q < queries.size(); q++) {
      List<Integer> rows = Arrays.stream(best.get(q).rows()).boxed().toList();
      for (int i = 0; i < 20; i++) {
        int place = rows.indexOf(found.get(q).rows()[i]);
        if (place >= 0) {
          hits++;
          assertThat(found.get(q).scores()[i]).isEqualTo(best.get(q).scores()[place]);
        }
      }
    }
    assertThat(hits).isBetween((int) (0.95 * 4000), 4000);
  }

  @Test
  void ofEqualScoresTheLowerRowIsBetter() {
    int dimension = 3;
    float[] table = floats((ITEMS + 1) * dimension, 1);
    for (int i = 0; i < table.length; i++) {
      table[i] = Math.round(table[i] * 4) / 4f;
    }
    ItemVectors items = ItemVectors.of(new Tensor(new long[] {ITEMS + 1, dimension}, table));
    List<ItemScan.Query> queries = queries(items, 30, 100);
    BoundedScan scan = BoundedScan.of(items, all(ITEMS), 50, vectors(queries));
    assertSame(items, all(ITEMS), scan, queries, 50);
  }

  @Test
  void onlyCandidatesAreFoundHoweverFew() {
    ItemVectors items = items(ITEMS, 20, 8);
    List<ItemScan.Query> queries = queries(items, 20, 30);
    for (int size : new int[] {0, 1, 300, 4500}) {
      int[] candidates =
          random.ints(1, ITEMS + 1).distinct().limit(size).sorted().toArray();
      BoundedScan scan = BoundedScan.of(items, candidates, 20, vectors(queries));
      assertSame(items, candidates, scan, queries, 20);
    }
  }

  @Test
  void whereFewerCandidatesAreLeftThanAskedForEachIsFoundOnce() {
    ItemVectors items = items(ITEMS, 20, 8);
    List<ItemScan.Query> queries = queries(items, 20, 30);
    int[] candidates = IntStream.rangeClosed(1, 600).toArray();
    for (int count : new int[] {599, 600, 1000}) {
      BoundedScan scan = BoundedScan.of(items, candidates, count, vectors(queries));
      assertSame(items, candidates, scan, queries, count);
    }
  }

  @Test
  void whatIsNotFiniteIsAnError() {
    float[] table = floats((ITEMS + 1) * 8, 1);
    List<float[]> none = List.of();
    BoundedScan good =
        BoundedScan.of(ItemVectors.of(tensor(table.clone(), 8)), all(ITEMS), 5, none);
    float[] query = {1, 2, 3, Float.NaN, 5, 6, 7, 8};
    assertThatThrownBy(() -> good.top(List.of(new ItemScan.Query(query, new int[0])), 5))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("query");
    table[8 * 77 + 3] = Float.POSITIVE_INFINITY;
    ItemVectors bad = ItemVectors.of(tensor(table, 8));
    assertThatThrownBy(() -> BoundedScan.of(bad, all(ITEMS), 5, none))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("row 77");
    assertThatThrownBy(() -> good.top(List.of(new ItemScan.Query(new float[3], new int[0])), 5))
        .hasMessageContaining("must have 8 elements");
  }

  private static void assertSame(
      ItemVectors items,
      int[] candidates,
      BoundedScan scan,
      List<ItemScan.Query> queries,
      int count) {
    List<ItemVectors.Top> found = scan.top(queries, count);
    assertThat(found).hasSameSizeAs(queries);
    for (int i = 0; i < found.size(); i++) {
      ItemScan.Query query = queries.get(i);
      ItemVectors.Top expected = items.top(
          query.vector(),
          count,
          row -> Arrays.binarySearch(candidates, row) >= 0
              && Arrays.binarySearch(query.excluded(), row) < 0);
      assertThat(found.get(i).rows()).as("query %d", i).containsExactly(expected.rows());
      assertThat(found.get(i).scores()).as("query %d", i).containsExactly(expected.scores());
    }
    // The same for a single query as in a batch.
    ItemVectors.Top alone = scan.top(queries.subList(3, 4), count).getFirst();
    assertThat(alone.rows()).containsExactly(found.get(3).rows());
    assertThat(alone.scores()).containsExactly(found.get(3).scores());
  }

  /** Each query is the mean of a few items, like that of a session. */
  private List<ItemScan.Query> queries(ItemVectors items, int count, int excluded) {
    List<ItemScan.Query> queries = new ArrayList<>();
    float[] item = new float[items.dimension()];
    for (int i = 0; i < count; i++) {
      float[] query = new float[items.dimension()];
      for (int click = 0; click < 3; click++) {
        items.copy(1 + random.nextInt(items.size()), item);
        for (int k = 0; k < query.length; k++) {
          query[k] += 5 * item[k];
        }
      }
      int[] not = random.ints(excluded, 1, items.size() + 1).distinct().sorted().toArray();
      queries.add(new ItemScan.Query(query, not));
    }
    return queries;
  }

  private static List<float[]> vectors(List<ItemScan.Query> queries) {
    return queries.stream().map(ItemScan.Query::vector).toList();
  }

  /** Items of different lengths, of which coordinate i is as large as e to the power -i/decay. */
  private ItemVectors items(int count, int dimension, double decay) {
    float[] table = floats((count + 1) * dimension, 1);
    for (int i = 0; i < table.length; i++) {
      table[i] *= (float) Math.exp(-(i % dimension) / decay);
    }
    Arrays.fill(table, 0, dimension, 0);
    return ItemVectors.of(tensor(table, dimension));
  }

  private static Tensor tensor(float[] table, int dimension) {
    return new Tensor(new long[] {table.length / dimension, dimension}, table);
  }

  private float[] floats(int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextFloat() - 0.5f) * scale;
    }
    return values;
  }

  private static int[] all(int count) {
    return IntStream.rangeClosed(1, count).toArray();
  }
}
