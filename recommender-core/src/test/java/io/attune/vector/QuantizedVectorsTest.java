package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantizedVectorsTest {
  private static final int ITEMS = 10_000; // two blocks and a part of one

  private final SplittableRandom random = new SplittableRandom(5);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 32, 44, 100, 260})
  void randomItemsHaveTheSameBestToTheLastBit(int dimension) {
    ItemVectors items = table(dimension, this::uniform);
    for (int i = 0; i < 2; i++) {
      assertSame(items, floats(dimension, this::uniform));
    }
    assertSame(table(dimension, this::normal), floats(dimension, this::normal));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 32, 100, 1500})
  void heavyTailsHaveTheSameBestToTheLastBit(int dimension) {
    DoubleSupplier cubed = () -> Math.pow(normal(), 3);
    assertSame(table(dimension, cubed), floats(dimension, cubed));
    DoubleSupplier spread = () -> normal() * Math.pow(10, random.nextInt(-12, 12));
    assertSame(table(dimension, spread), floats(dimension, spread));
    assertSame(table(dimension, this::normal), floats(dimension, spread));
    assertSame(table(dimension, spread), floats(dimension, this::normal));
  }

  @Test
  void clustersHaveTheSameBestToTheLastBit() {
    int dimension = 24;
    float[] values = new float[(ITEMS + 1) * dimension];
    float[] centres = floats(30 * dimension, this::normal);
    for (int row = 1; row <= ITEMS; row++) {
      int centre = random.nextInt(30);
      for (int c = 0; c < dimension; c++) {
        values[row * dimension + c] =
            (float) (centres[centre * dimension + c] + 1e-5 * random.nextInt(-2, 3));
      }
    }
    ItemVectors items = items(values, dimension);
    assertSame(items, floats(dimension, this::normal));
    assertSame(items, Arrays.copyOf(centres, dimension));
  }

  @Test
  void equalScoresAreInTheOrderOfRows() {
    assertSame(table(20, () -> 0.3), floats(20, this::normal));
    assertSame(table(3, () -> random.nextInt(-1, 2)), new float[] {1, -1, 2});
    ItemVectors items = table(8, () -> random.nextBoolean() ? 0.25 : -0.25); // lengths are equal
    assertSame(items, floats(8, () -> random.nextInt(-3, 4)));
  }

  /** The products of integers are as large as they can be, of both signs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16, 129, 1024})
  void parallelVectorsDoNotOverflow(int dimension) {
    float[] direction = floats(dimension, () -> random.nextBoolean() ? 1 : -1);
    float[] values = new float[(ITEMS + 1) * dimension];
    for (int i = dimension; i < values.length; i++) {
      int row = i / dimension;
      values[i] = direction[i % dimension] * (row % 2 == 0 ? 1 : -1) * (1 - 1e-6f * (row % 7));
    }
    assertSame(items(values, dimension), direction);
    assertSame(items(values, dimension), floats(dimension, this::normal));
  }

  @Test
  void zeroesHaveTheSameBestToTheLastBit() {
    assertSame(table(5, () -> 0), floats(5, this::normal));
    assertSame(table(5, this::normal), new float[5]);
    assertSame(table(5, () -> -0.0), floats(5, this::normal));
    assertSame(table(40, () -> random.nextInt(50) == 0 ? normal() : 0), floats(40, this::normal));
    float[] values = floats((ITEMS + 1) * 6, this::normal);
    Arrays.fill(values, 6, 6 * 5000, 0); // whole blocks of them
    assertSame(items(values, 6), floats(6, this::normal));
  }

  @Test
  void hugeAndTinyVectorsHaveTheSameBestToTheLastBit() {
    for (double scale : new double[] {1e-45, 1e-40, 1e-22, 1e-19, 1e15, 1e18, 1e19, 1e30}) {
      DoubleSupplier scaled = () -> scale * normal();
      // Beyond 1e19 scores overflow; all addends are positive, so that none is NaN.
      DoubleSupplier positive = () -> Math.abs(scaled.getAsDouble());
      assertSame(table(12, positive), floats(12, positive));
      assertSame(table(12, scaled), floats(12, this::normal));
      assertSame(table(12, this::normal), floats(12, scaled));
    }
  }

  @Test
  void infiniteItemsAreScoredAsInTheTable() {
    float[] values = floats((ITEMS + 1) * 4, () -> Math.abs(normal()));
    values[4 * 77] = Float.POSITIVE_INFINITY;
    values[4 * 99] = Float.NEGATIVE_INFINITY;
    assertSame(items(values, 4), new float[] {1, 2, 3, 4});
  }

  @Test
  void aScoreThatIsNoNumberIsAnError() {
    QuantizedVectors vectors = QuantizedVectors.of(table(4, this::normal));
    assertThatThrownBy(() -> vectors.top(new float[] {1, Float.NaN, 1, 1}, 5, row -> true))
        .isInstanceOf(NotFiniteException.class)
        .hasMessageContaining("is not a number");
    float[] values = floats((ITEMS + 1) * 4, this::normal);
    values[4 * 8000 + 2] = Float.NaN;
    QuantizedVectors damaged = QuantizedVectors.of(items(values, 4));
    assertThatThrownBy(() -> damaged.top(new float[] {1, 2, 1, 1}, 5, row -> true))
        .isInstanceOf(NotFiniteException.class)
        .hasMessageContaining("row 8000 is not a number");
    // infinity minus infinity
    QuantizedVectors huge = QuantizedVectors.of(table(4, () -> 1e30 * normal()));
    assertThatThrownBy(() -> huge.top(new float[] {1e30f, 1e30f, 1e30f, -1e30f}, 5, row -> true))
        .isInstanceOf(NotFiniteException.class);
  }

  @Test
  void fewItemsAreScoredInFull() {
    for (int dimension : new int[] {16, 32, 128}) {
      QuantizedVectors vectors = QuantizedVectors.of(table(dimension, this::normal));
      QuantizedVectors.Search search =
          vectors.new Search(floats(dimension, this::normal), 20, row -> true);
      for (int block = 0; block < vectors.blocks(); block++) {
        search.scan(block, QuantizedVectors.products());
      }
      assertThat(search.scored()).as("of " + dimension).isBetween(20, ITEMS / 10);
    }
  }

  @Test
  void shortItemsAreSkipped() {
    float[] values = floats((ITEMS + 1) * 16, this::normal);
    for (int i = 16 * 50; i < values.length; i++) {
      values[i] *= 1e-3f;
    }
    QuantizedVectors vectors = QuantizedVectors.of(items(values, 16));
    QuantizedVectors.Search search = vectors.new Search(floats(16, this::normal), 5, row -> true);
    search.scan(0, QuantizedVectors.products());
    int scored = search.scored();
    search.scan(1, new short[0]); // would fail if it were scanned
    assertThat(search.scored()).isEqualTo(scored);
  }

  @Test
  void wrongSizesAreNamedAndAnEmptyTableHasNoBest() {
    QuantizedVectors vectors = QuantizedVectors.of(table(4, this::normal));
    assertThatThrownBy(() -> vectors.top(new float[5], 1, row -> true))
        .hasMessageContaining("a query must have 4 elements, like the items, not 5");
    assertThatThrownBy(() -> vectors.top(new float[4], -1, row -> true))
        .hasMessageContaining("at least 0, not -1");
    QuantizedVectors empty = QuantizedVectors.of(items(new float[4], 4));
    assertThat(empty.top(new float[4], 3, row -> true).rows()).isEmpty();
  }

  @Test
  void itsMemoryIsAQuarterOfTheTableAndARowNumberEach() {
    assertThat(QuantizedVectors.bytes(table(32, this::normal))).isEqualTo(ITEMS * (32L + 4));
    assertThat(QuantizedVectors.bytes(table(33, this::normal))).isEqualTo(ITEMS * (40L + 4));
  }

  private static void assertSame(ItemVectors items, float[] query) {
    QuantizedVectors vectors = QuantizedVectors.of(items);
    IntPredicate some = row -> row % 3 != 0;
    for (int count : new int[] {0, 1, 20, 3000, ITEMS + 10}) {
      ItemVectors.Top expected = items.top(query, count, some);
      ItemVectors.Top top = vectors.top(query, count, some);
      assertThat(top.rows()).containsExactly(expected.rows());
      assertThat(top.scores()).containsExactly(expected.scores());
    }
  }

  private ItemVectors table(int dimension, DoubleSupplier elements) {
    return items(floats((ITEMS + 1) * dimension, elements), dimension);
  }

  private static ItemVectors items(float[] values, int dimension) {
    Arrays.fill(values, 0, dimension, 0);
    return ItemVectors.of(new Tensor(new long[] {values.length / dimension, dimension}, values));
  }

  private static float[] floats(int count, DoubleSupplier elements) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) elements.getAsDouble();
    }
    return values;
  }

  private double uniform() {
    return random.nextDouble() * 2 - 1;
  }

  private double normal() {
    return random.nextGaussian();
  }
}
