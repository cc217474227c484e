package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordProjectionTest {
  private static final int D = 64;
  private static final Rows ROWS = new Rows(D);
  private static final List<String> COLOURS = List.of("red", "blue", "grün", "黒");
  private static final List<String> KINDS = List.of("lamp", "sofa", "teapot", "rug", "vase");
  private static final int ITEMS = COLOURS.size() * KINDS.size();
  private static final int UNWRITTEN = ITEMS + 1;
  private static final int ALONE = ITEMS + 2;

  private final Vocabulary items = Vocabulary.of(
      IntStream.rangeClosed(1, ALONE).mapToObj(row -> "item-" + row).toList());

  private final float[] before = ROWS.random(ALONE, 1);

  @Test
  void itemsWithWordsInCommonBeginNearEachOther() {
    float[] mixed = mixed(7);
    double common = 0;
    double other = 0;
    for (int a = 1; a <= ITEMS; a++) {
      for (int b = 1; b < a; b++) {
        boolean shares = colour(a) == colour(b) || kind(a) == kind(b);
        common += shares ? ROWS.cosine(mixed, a, mixed, b) / 70 : 0;
        other += shares ? 0 : ROWS.cosine(mixed, a, mixed, b) / 120;
      }
    }
    assertThat(common).isGreaterThan(other + 0.15);
  }

  @Test
  void itemsThatShareNoWordStayWhereTheyAre() {
    float[] mixed = mixed(7);
    for (int row : new int[] {0, UNWRITTEN, ALONE}) {
      assertThat(Arrays.copyOfRange(mixed, row * D, (row + 1) * D))
          .containsExactly(Arrays.copyOfRange(before, row * D, (row + 1) * D));
    }
  }

  @Test
  void itemsOfTheSameWordsDiffer() {
    Map<String, String> texts = texts();
    texts.put("item-2", Objects.requireNonNull(texts.get("item-1")));
    float[] mixed = before.clone();
    new WordProjection(items, texts, 7).mixInto(mixed, D);
    assertThat(ROWS.cosine(mixed, 1, mixed, 2)).isBetween(0.5, 0.99);
  }

  @Test
  void aSeedGivesTheSameVectors() {
    assertThat(mixed(7)).containsExactly(mixed(7));
    assertThat(ROWS.cosine(mixed(7), 1, mixed(8), 1)).isLessThan(0.9);
  }

  @Test
  void withoutAnyWordNothingChanges() {
    float[] vectors = before.clone();
    new WordProjection(items, Map.of("item-1", "…"), 7).mixInto(vectors, D);
    assertThat(vectors).containsExactly(before);
  }

  @Test
  void wordsThatAllItemsHaveChangeNothing() {
    Map<String, String> texts = texts();
    texts.replaceAll((id, text) -> "a red lamp");
    texts.put("item-" + UNWRITTEN, "a red lamp");
    float[] vectors = before.clone();
    new WordProjection(items, texts, 7).mixInto(vectors, D);
    assertThat(vectors).containsExactly(before);
  }

  @Test
  void lengthsStayAboutTheSame() {
    float[] mixed = mixed(7);
    double mean = IntStream.rangeClosed(1, ITEMS)
        .mapToDouble(row -> ROWS.norm(mixed, row) / ROWS.norm(before, row))
        .average()
        .orElseThrow();
    assertThat(mean).isCloseTo(Math.hypot(0.2, 0.8), within(0.05)); // at a right angle
  }

  private float[] mixed(long seed) {
    float[] vectors = before.clone();
    new WordProjection(items, texts(), seed).mixInto(vectors, D);
    return vectors;
  }

  private static Map<String, String> texts() {
    Map<String, String> texts = new HashMap<>();
    for (int row = 1; row <= ITEMS; row++) {
      texts.put("item-" + row, COLOURS.get(colour(row)) + " " + KINDS.get(kind(row)));
    }
    texts.put("item-" + ALONE, "xylophone");
    return texts;
  }

  private static int colour(int row) {
    return (row - 1) % COLOURS.size();
  }

  private static int kind(int row) {
    return (row - 1) / COLOURS.size();
  }
}
