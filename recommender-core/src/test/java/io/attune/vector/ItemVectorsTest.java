package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ItemVectorsTest {
  private static final int ITEMS = 3000;

  private final SplittableRandom random = new SplittableRandom(3);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 32, 100})
  void aScoreIsTheSameByEveryMethodAndWhereverTheRowLies(int dimension) {
    float[] table = table(dimension);
    float[] query = floats(dimension);
    ItemVectors heap = ItemVectors.of(tensor(table, dimension));
    ItemVectors chunked = chunked(table, dimension);
    float[] wide = wide(table, dimension);
    int width = dimension + 5;
    ItemVectors slice = ItemVectors.of(tensor(wide, width)).slice(1, dimension + 2);
    ItemVectors chunkedSlice = chunked(wide, width);
    float[] together = new float[ITEMS + 1];
    heap.scores(query, 0, ITEMS + 1, together);
    int[] rows = random.ints(500, 0, ITEMS + 1).toArray();
    for (ItemVectors vectors : new ItemVectors[] {
      heap, chunked, slice.slice(1, dimension), chunkedSlice.slice(2, dimension)
    }) {
      float[] scores = new float[ITEMS + 1];
      vectors.scores(query, 0, ITEMS + 1, scores);
      assertThat(scores).containsExactly(together);
      float[] some = new float[500];
      vectors.scores(query, rows, 500, some);
      float[] row = new float[dimension];
      for (int i = 0; i < rows.length; i++) {
        assertThat(some[i]).isEqualTo(together[rows[i]]);
        assertThat(vectors.dot(query, rows[i])).isEqualTo(together[rows[i]]);
        vectors.copy(rows[i], row);
        assertThat(ItemVectors.of(tensor(row, dimension)).dot(query, 0))
            .isEqualTo(together[rows[i]]);
      }
    }
    for (int row = 0; row <= ITEMS; row += 50) {
      double exact = 0;
      for (int i = 0; i < dimension; i++) {
        exact += (double) query[i] * table[row * dimension + i];
      }
      assertThat((double) together[row]).isCloseTo(exact, within(1e-5));
    }
  }

  /** The rows with two elements before them and three behind. */
  private float[] wide(float[] table, int dimension) {
    int width = dimension + 5;
    float[] wide = floats((ITEMS + 1) * width);
    for (int row = 0; row <= ITEMS; row++) {
      System.arraycopy(table, row * dimension, wide, row * width + 2, dimension);
    }
    return wide;
  }

  @Test
  void theBestAreThoseOfASort() {
    int dimension = 3;
    float[] table = table(dimension);
    for (int i = 0; i < table.length; i++) {
      table[i] = Math.round(table[i] * 4) / 4f; // many ties
    }
    for (ItemVectors vectors :
        new ItemVectors[] {ItemVectors.of(tensor(table, dimension)), chunked(table, dimension)}) {
      for (int count : new int[] {0, 1, 20, 1500, ITEMS, ITEMS + 10}) {
        float[] query = floats(dimension);
        Set<Integer> excluded = random.ints(100, 1, ITEMS + 1).boxed().collect(Collectors.toSet());
        int[] expected = IntStream.rangeClosed(1, ITEMS)
            .boxed()
            .filter(row -> !excluded.contains(row))
            .sorted((a, b) -> Float.compare(vectors.dot(query, b), vectors.dot(query, a)))
            .limit(count)
            .mapToInt(row -> row)
            .toArray();
        ItemVectors.Top best = vectors.top(query, count, row -> !excluded.contains(row));
        assertThat(best.rows()).containsExactly(expected);
        for (int i = 0; i < expected.length; i++) {
          assertThat(best.scores()[i]).isEqualTo(vectors.dot(query, expected[i]));
        }
      }
    }
  }

  @Test
  void aScoreThatIsNoNumberIsAnError() {
    ItemVectors vectors = ItemVectors.of(tensor(table(4), 4));
    float[] query = {1, Float.NaN, 1, 1};
    assertThatThrownBy(() -> vectors.top(query, 5, row -> true))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("row 1 is not a number");
  }

  @Test
  void wrongSizesAreNamed() {
    ItemVectors vectors = ItemVectors.of(tensor(table(4), 4));
    assertThatThrownBy(() -> vectors.dot(new float[3], 1))
        .hasMessageContaining("a query must have 4 elements")
        .hasMessageContaining("not 3");
    assertThatThrownBy(() -> vectors.dot(new float[4], ITEMS + 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vectors.scores(new float[4], new int[] {1, -1}, 2, new float[2]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ItemVectors.of(new Tensor(new long[] {8}, new float[8])))
        .hasMessageContaining("must have two dimensions, not float32 [8]");
    assertThatThrownBy(() -> ItemVectors.of(1L << 31, 4, new float[1][0]))
        .hasMessageContaining("2147483648 rows of 4 elements is too large");
    assertThatThrownBy(() -> ItemVectors.of(0, 4, ItemVectors.allocate(0, 4)))
        .hasMessageContaining("a padding row");
  }

  @Test
  void aTableIsCutWhereRowsEnd() {
    assertThat(
            Arrays.stream(ChunkedItemVectors.allocate(10, 3, 13)).mapToInt(chunk -> chunk.length))
        .containsExactly(12, 12, 6);
    assertThat(Arrays.stream(ChunkedItemVectors.allocate(4, 3, 13)).mapToInt(chunk -> chunk.length))
        .containsExactly(12);
    assertThat(
            Arrays.stream(ChunkedItemVectors.allocate(3, 20, 13)).mapToInt(chunk -> chunk.length))
        .containsExactly(20, 20, 20);
  }

  /** A table in pieces of 512 rows, so that blocks cross their ends. */
  private static ItemVectors chunked(float[] table, int dimension) {
    float[][] chunks = ChunkedItemVectors.allocate(ITEMS + 1, dimension, 700L * dimension + 3);
    int done = 0;
    for (float[] chunk : chunks) {
      System.arraycopy(table, done, chunk, 0, chunk.length);
      done += chunk.length;
    }
    assertThat(chunks.length).isEqualTo(6);
    assertThat(done).isEqualTo(table.length);
    return ItemVectors.of(ITEMS + 1, dimension, chunks);
  }

  private static Tensor tensor(float[] values, int dimension) {
    return new Tensor(new long[] {values.length / dimension, dimension}, values);
  }

  private float[] table(int dimension) {
    float[] table = floats((ITEMS + 1) * dimension);
    Arrays.fill(table, 0, dimension, 0);
    return table;
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }
}
