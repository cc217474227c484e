package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.vector.ClickedScores;
import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClickedCorrectionTest {
  private static final float LOG2 = (float) Math.log(2);
  private static final float LOG5 = (float) Math.log(5);

  @Test
  void theFeaturesOfASessionAreThoseByHand() {
    // b was clicked last, a before it and twice, c fourth last.
    ClickedFeatures features = ClickedFeatures.of(new int[] {7, 9, 7, 7, 8, 5, 5, 5}, 5);
    assertThat(features.rows()).containsExactly(7, 8, 9);
    float log3 = (float) Math.log(3);
    float repeats = 1 - 3 / 5f;
    assertRow(
        features.values()[0], 0, 1, 0, 0, log3, 0, LOG5, repeats, 0, 0, 0, log3, LOG5, repeats);
    assertRow(features.values()[1], 1, 0, 0, 0, 0, 0, LOG5, repeats, 0, LOG5, repeats, 0, 0, 0);
    assertRow(features.values()[2], 0, 0, 0, 1, 0, 0, LOG5, repeats, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void aDoubleClickIsAFeatureOfAllItemsAndNobodyWasClickedBeforeLast() {
    ClickedFeatures features = ClickedFeatures.of(new int[] {4, 3, 3}, 3);
    float log3 = (float) Math.log(3);
    float repeats = 1 - 2 / 3f;
    assertThat(features.rows()).containsExactly(3, 4);
    assertRow(
        features.values()[0], 1, 0, 0, 0, LOG2, 1, log3, repeats, LOG2, log3, repeats, 0, 0, 0);
    assertRow(features.values()[1], 0, 0, 1, 0, 0, 1, log3, repeats, 0, 0, 0, 0, 0, 0);
    assertRow(
        ClickedFeatures.of(new int[] {4}, 1).values()[0], 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static void assertRow(float[] features, double... expected) {
    assertThat(features).hasSize(ClickedFeatures.COUNT);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) features[i]).as("feature %d", i).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void onlyTheLastFiftyClicksAreLookedAt() {
    int[] clicks =
        IntStream.range(0, 200).map(i -> 1 + (i < 150 ? i % 9 : i % 3)).toArray();
    ClickedFeatures all = ClickedFeatures.of(clicks, 200);
    ClickedFeatures last = ClickedFeatures.of(Arrays.copyOfRange(clicks, 150, 200), 50);
    assertThat(all.rows()).containsExactly(1, 2, 3).isEqualTo(last.rows());
    assertThat(all.values()).isDeepEqualTo(last.values());
  }

  @Test
  void clicksAreDescribedInWords() {
    float[] weights = new float[ClickedFeatures.COUNT];
    weights[0] = 1;
    ClickedCorrection correction = new ClickedCorrection(weights);
    ClickedScores scores = correction.scores(new int[] {4, 5, 5, 4, 5, 6, 7, 7, 9}, 8);
    assertThat(scores.describe(7)).isEqualTo("clicked twice, last");
    assertThat(scores.describe(6)).isEqualTo("clicked once, third last");
    assertThat(scores.describe(5)).isEqualTo("clicked 3 times, earlier");
    assertThat(correction.scores(new int[] {8, 9}, 2).describe(8))
        .isEqualTo("clicked once, before last");
    // Of more than fifty clicks, those that the features are made of are counted.
    int[] many = IntStream.range(0, 80).map(i -> 1 + i % 2).toArray();
    assertThat(correction.scores(many, 80).describe(1)).isEqualTo("clicked 25 times, before last");
  }

  @Test
  void anAdditionIsTheSumOfWeightsTimesFeatures() {
    float[] weights = new float[ClickedFeatures.COUNT];
    weights[0] = 1;
    weights[3] = -2;
    weights[4] = 0.5f;
    weights[9] = 0.25f;
    ClickedScores scores = new ClickedCorrection(weights).scores(new int[] {7, 7, 1, 2, 8}, 5);
    assertThat(scores.rows()).containsExactly(1, 2, 7, 8);
    assertThat(scores.of(8)).isCloseTo(1 + 0.25f * LOG5, within(1e-6f));
    assertThat(scores.of(7)).isCloseTo(-2 + 0.5f * LOG2, within(1e-6f));
    assertThat(scores.of(1)).isZero();
    assertThat(scores.of(3)).isZero();
  }

  @Test
  void withoutClicksOrWeightsNothingIsAdded() {
    float[] weights = new float[ClickedFeatures.COUNT];
    weights[0] = 1;
    assertThat(new ClickedCorrection(weights).scores(new int[] {1}, 0).isEmpty())
        .isTrue();
    assertThat(ClickedCorrection.NONE.scores(new int[] {1}, 1).isEmpty()).isTrue();
    assertThat(ClickedCorrection.of(Map.of())).isSameAs(ClickedCorrection.NONE);
  }

  @Test
  void weightsOfAnotherSizeOrNotFiniteAreNamed() {
    assertThatThrownBy(() ->
            ClickedCorrection.of(Map.of("clicked", new Tensor(new long[] {2}, new float[2]))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the model's weight clicked should have 14 elements, but has 2");
    float[] broken = new float[ClickedFeatures.COUNT];
    broken[2] = Float.NaN;
    assertThatThrownBy(() -> new ClickedCorrection(broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the model's weight clicked should be finite, but has NaN");
  }

  @Test
  void anEnsembleCorrectsByTheMeanOfItsEncoders() {
    EnsembleConfig ensemble = EnsembleConfig.defaults();
    float[] one = new float[ClickedFeatures.COUNT];
    float[] other = new float[ClickedFeatures.COUNT];
    one[0] = 3;
    other[0] = 1;
    other[7] = -1;
    assertThat(joined(ensemble, one, other))
        .containsEntry("clicked", expected(2, -0.5f))
        .hasSize(2);
    assertThat(joined(ensemble, null, other))
        .containsEntry("clicked", expected(0.5f, -0.5f))
        .hasSize(2);
    assertThat(joined(ensemble, null, null)).containsOnlyKeys("items");
  }

  private static Map<String, Tensor> joined(
      EnsembleConfig ensemble, float @Nullable [] one, float @Nullable [] other) {
    return ensemble.join(part(one), part(other));
  }

  private static Map<String, Tensor> part(float @Nullable [] correction) {
    Tensor items = new Tensor(new long[] {2, 1}, new float[2]);
    return correction == null
        ? Map.of("items", items)
        : Map.of("items", items, "clicked", new ClickedCorrection(correction).tensor());
  }

  private static Tensor expected(float first, float eighth) {
    float[] mean = new float[ClickedFeatures.COUNT];
    mean[0] = first;
    mean[7] = eighth;
    return new ClickedCorrection(mean).tensor();
  }
}
