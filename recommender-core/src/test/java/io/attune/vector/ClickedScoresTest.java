package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.recommender.ItemScores;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClickedScoresTest {
  private static final int ITEMS = 1500;
  private static final int D = 8;

  private final SplittableRandom random = new SplittableRandom(4);
  private final ItemVectors items = items();

  @Test
  void theBestOfEveryScanAreThoseOfAPlainSortOfAllScores() {
    QuantizedVectors columns = QuantizedVectors.of(items);
    IntPredicate candidate = row -> row % 7 != 0;
    int[] rows = IntStream.rangeClosed(1, ITEMS).filter(candidate).toArray();
    BoundedScan bounded = BoundedScan.of(items, rows, 20, List.of(query(), query()));
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      BatchedScan batched = new BatchedScan(columns, 1, executor);
      for (int count : new int[] {0, 1, 5, 20, ITEMS, ITEMS + 10}) {
        for (int clicks : new int[] {0, 1, 3, 50}) {
          float[] query = query();
          ClickedScores clicked = clicked(clicks);
          ItemVectors.Top expected = sorted(query, clicked, count, candidate);
          assertSame(clicked.top(items, query, count, candidate, items::top), expected);
          assertSame(clicked.top(items, query, count, candidate, columns::top), expected);
          assertSame(
              clicked.merged(
                  batched.top(query, count, clicked.others(candidate)).join(),
                  items,
                  query,
                  count,
                  candidate),
              expected);
          assertSame(
              clicked.merged(
                  bounded
                      .top(List.of(new ItemScan.Query(query, clicked.rows())), count)
                      .getFirst(),
                  items,
                  query,
                  count,
                  candidate),
              expected);
        }
      }
    }
  }

  private static void assertSame(ItemVectors.Top top, ItemVectors.Top expected) {
    assertThat(top.rows()).containsExactly(expected.rows());
    assertThat(top.scores()).containsExactly(expected.scores());
  }

  /** The plain computation: every score by itself, then a sort. */
  private ItemVectors.Top sorted(
      float[] query, ClickedScores clicked, int count, IntPredicate candidate) {
    float[] scores = new float[ITEMS + 1];
    for (int row = 1; row <= ITEMS; row++) {
      scores[row] = items.dot(query, row);
      for (int i = 0; i < clicked.rows().length; i++) {
        scores[row] += clicked.rows()[i] == row ? clicked.additions()[i] : 0;
      }
    }
    int[] best = IntStream.rangeClosed(1, ITEMS)
        .filter(candidate)
        .boxed()
        .sorted((a, b) -> Float.compare(scores[b], scores[a]))
        .limit(count)
        .mapToInt(row -> row)
        .toArray();
    float[] bestScores = new float[best.length];
    for (int i = 0; i < best.length; i++) {
      bestScores[i] = scores[best[i]];
    }
    return new ItemVectors.Top(best, bestScores);
  }

  @Test
  void additionsAreThoseOfTheirRowsAndOfNoOthers() {
    ClickedScores clicked = clicked(50);
    float[] all = new float[3 + ITEMS + 1];
    clicked.addTo(all, 3);
    int[] wanted = random.ints(400, 0, ITEMS + 1).toArray();
    float[] some = new float[400];
    clicked.addTo(wanted, 399, some);
    assertThat(some[399]).isZero();
    for (int row = 0; row <= ITEMS; row++) {
      int at = IntStream.range(0, 50).boxed().toList().indexOf(indexOf(clicked.rows(), row));
      float expected = at < 0 ? 0 : clicked.additions()[at];
      assertThat(all[3 + row]).isEqualTo(expected);
      assertThat(clicked.of(row)).isEqualTo(expected);
      assertThat(clicked.contains(row)).isEqualTo(at >= 0);
    }
    for (int i = 0; i < 399; i++) {
      assertThat(some[i]).isEqualTo(all[3 + wanted[i]]);
    }
  }

  private static int indexOf(int[] rows, int row) {
    return Arrays.stream(rows).boxed().toList().indexOf(row);
  }

  @Test
  void anAdditionRaisesTheMaximumOfItsBlockAndLowersNone() {
    float[] values = new float[ItemScores.BLOCK * 2 + 5];
    FloatBuffer maxima = FloatBuffer.wrap(new float[] {0, Float.NaN});
    ItemScores scores = new ItemScores(FloatBuffer.wrap(values), maxima);
    scores.add(new ClickedScores(
        new int[] {2, 5, 70, 130}, new float[] {3, -1, 2, 4}, new int[] {2, 70, 5, 130}));
    assertThat(values[1]).isEqualTo(3);
    assertThat(values[4]).isEqualTo(-1);
    assertThat(values[129]).isEqualTo(4);
    assertThat(maxima.get(0)).isEqualTo(3);
    assertThat(maxima.get(1)).isNaN();
  }

  @Test
  void additionsThatAreNoneOfASetOfItemsAreErrors() {
    assertThatThrownBy(() -> new ClickedScores(new int[] {2, 2}, new float[2], new int[] {2}))
        .hasMessageContaining("distinct, ascending and from 1, not [2, 2]");
    assertThatThrownBy(() -> new ClickedScores(new int[] {0}, new float[1], new int[] {0}))
        .hasMessageContaining("from 1");
    assertThatThrownBy(() -> new ClickedScores(new int[] {2}, new float[2], new int[] {2}))
        .hasMessageContaining("an addition for each of 1 rows, not 2");
    assertThatThrownBy(
            () -> new ClickedScores(new int[] {2}, new float[] {Float.NaN}, new int[] {2}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("row 2 is NaN");
  }

  /** Rows that are drawn, with additions of a few steps, so that sums are tied. */
  private ClickedScores clicked(int count) {
    int[] rows = random.ints(1, ITEMS + 1).distinct().limit(count).sorted().toArray();
    float[] additions = new float[count];
    for (int i = 0; i < count; i++) {
      additions[i] = (random.nextInt(9) - 4) / 4f;
    }
    return new ClickedScores(rows, additions, rows);
  }

  private float[] query() {
    return steps(D);
  }

  private ItemVectors items() {
    return ItemVectors.of(new Tensor(new long[] {ITEMS + 1, D}, steps((ITEMS + 1) * D)));
  }

  /** Multiples of a quarter, so that many scores are tied and every sum is exact. */
  private float[] steps(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextInt(5) - 2) / 4f;
    }
    return values;
  }
}
