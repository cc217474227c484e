package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CooccurrenceTest {
  private static final int GROUPS = 8;
  private static final int GROUP = 5;
  private static final int ITEMS = GROUPS * GROUP + 1; // the last is never clicked
  private static final int D = 16;
  private static final Rows ROWS = new Rows(D);

  @Test
  void itemsThatMeetBecomeAlikeAndOthersDoNot() {
    float[] vectors = ROWS.random(ITEMS, 4);
    new Cooccurrence(sessions(), D).spread(vectors);
    double within = 0;
    double between = 0;
    for (int a = 1; a < ITEMS; a++) {
      for (int b = 1; b < a; b++) {
        double cosine = ROWS.cosine(vectors, a, vectors, b);
        if ((a - 1) / GROUP == (b - 1) / GROUP) {
          within += cosine / (GROUPS * GROUP * (GROUP - 1) / 2.0);
        } else {
          between += cosine / (GROUPS * (GROUPS - 1) / 2.0 * GROUP * GROUP);
        }
      }
    }
    assertThat(within).isGreaterThan(0.6);
    assertThat(between).isLessThan(0.1);
  }

  @Test
  void rowsKeepTheirMeanLengthAndPaddingStaysZero() {
    float[] before = ROWS.random(ITEMS, 4);
    float[] vectors = before.clone();
    new Cooccurrence(sessions(), D).spread(vectors);
    double mean = IntStream.rangeClosed(1, ITEMS)
        .mapToDouble(row -> ROWS.norm(before, row))
        .average()
        .orElseThrow();
    assertThat(IntStream.rangeClosed(1, ITEMS).mapToDouble(row -> ROWS.norm(vectors, row)))
        .allSatisfy(norm -> assertThat(norm).isCloseTo(mean, within(1e-5)));
    assertThat(Arrays.copyOf(vectors, D)).containsOnly(0f);
  }

  @Test
  void anItemThatMeetsNoOtherKeepsItsDirection() {
    float[] before = ROWS.random(ITEMS, 4);
    float[] vectors = before.clone();
    new Cooccurrence(sessions(), D).spread(vectors);
    assertThat(ROWS.cosine(before, ITEMS, vectors, ITEMS)).isCloseTo(1, within(1e-5));
  }

  @Test
  void repeatedAndUnknownItemsMeetNothing() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a", "b"));
    Sessions alone = Sessions.of(vocabulary, List.of(new int[] {1, 1, 0, 1}, new int[] {0, 2}));
    float[] before = {0, 0, 3, 4, 4, -3};
    float[] vectors = before.clone();
    new Cooccurrence(alone, 2).spread(vectors);
    assertThat(vectors).usingComparatorWithPrecision(1e-5f).containsExactly(before);
  }

  @Test
  void aNewItemIsPlacedAmongTheItemsItMeetsAndOneBehindItFollows() {
    Vocabulary vocabulary = Vocabulary.of(List.of("a", "b", "new", "behind", "alone"));
    Sessions sessions =
        Sessions.of(vocabulary, List.of(new int[] {1, 3, 2}, new int[] {3, 4}, new int[] {5}));
    float[] vectors = new float[6 * 3];
    System.arraycopy(new float[] {2, 0, 0}, 0, vectors, 3, 3);
    System.arraycopy(new float[] {0, 2, 0}, 0, vectors, 6, 3);
    for (int row = 3; row <= 5; row++) {
      vectors[3 * row + 2] = 0.1f;
    }

    new Cooccurrence(sessions, 3)
        .place(vectors, new boolean[] {false, true, true, false, false, false}, 0);

    // a and b meet "new" alike and are met alike, so its mean is halfway between them; a quarter of
    // its squared length is half of its own direction, and all rows are as long as the known ones.
    float mean = (float) (2 / Math.sqrt(1.25) / Math.sqrt(2));
    float own = (float) (2 / Math.sqrt(1.25) / 2);
    assertThat(vectors)
        .usingComparatorWithPrecision(1e-5f)
        .startsWith(0, 0, 0, 2, 0, 0, 0, 2, 0, mean, mean, own)
        .endsWith(0, 0, 2);
    float[] behind = Arrays.copyOfRange(vectors, 12, 15);
    assertThat(behind[0]).isEqualTo(behind[1]).isPositive();
    assertThat(behind[2]).isGreaterThan(own);
  }

  /** Sessions that stay in their group of items. */
  private static Sessions sessions() {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> sessions = new ArrayList<>();
    for (int s = 0; s < 200; s++) {
      int group = s % GROUPS;
      sessions.add(random.ints(6, 1 + group * GROUP, 1 + (group + 1) * GROUP).toArray());
    }
    return Sessions.of(
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList()), sessions);
  }
}
