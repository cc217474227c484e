package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFeaturesTest {
  private static final int SIZE = 1 << 20; // so large that nothing meets by chance

  @Test
  void aTextHasItsWordsTheirPairsAndTheirPieces() {
    // "ab": w, and <ab ab> <ab> of 3 to 5 characters. "cd" likewise. And one pair.
    TextFeatures features = TextFeatures.of("Ab, cd!", SIZE);
    assertThat(features.places()).hasSize(2 * (1 + 3) + 1).isSorted().doesNotHaveDuplicates();
    assertThat(features.counts()).containsOnly(1f);
    assertThat(TextFeatures.of("ab ab", SIZE).counts())
        .as("each of ab twice, and one pair")
        .hasSize(1 + 3 + 1)
        .containsOnly(1f, 2f);
  }

  @Test
  void caseAndPunctuationDoNotMatterAndOrderDoes() {
    assertThat(TextFeatures.of("RED  shoe.", SIZE).places())
        .isEqualTo(TextFeatures.of("red-Shoe", SIZE).places());
    assertThat(TextFeatures.of("red shoe", SIZE).places())
        .isNotEqualTo(TextFeatures.of("shoe red", SIZE).places());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Schuhgröße", "Кроссовки", "レッドシューズ", "حذاء أحمر", "𝒜𝒷𝒸"})
  void everyLanguageHasFeaturesAndWordsThatAreAlikeShareSome(String text) {
    int[] places = TextFeatures.of(text, SIZE).places();
    int[] more = TextFeatures.of(text + "x", SIZE).places();
    assertThat(places).isNotEmpty();
    assertThat(IntStream.of(more)
            .filter(place -> Arrays.binarySearch(places, place) >= 0)
            .count())
        .isPositive()
        .isLessThan(more.length);
  }

  @Test
  void aTextWithoutWordsHasNoFeaturesAndALongOneIsCutOff() {
    assertThat(TextFeatures.of("", SIZE).places()).isEmpty();
    assertThat(TextFeatures.of(" -- !", SIZE).places()).isEmpty();
    String page = "word ".repeat(256);
    assertThat(TextFeatures.of(page + "other", SIZE))
        .usingRecursiveComparison()
        .isEqualTo(TextFeatures.of(page, SIZE));
  }

  @Test
  void placesAreWithinTheSize() {
    assertThat(IntStream.of(TextFeatures.of("a text of some words", 7).places()))
        .allMatch(place -> place >= 0 && place < 7);
  }
}
