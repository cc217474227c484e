package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.vector.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextMapTest {
  private static final int FEATURES = 1 << 12;

  /** Of the four features of "ab", the first is worth (3, 0), the second (0, 4). */
  private static TextMap map() {
    int[] places = TextFeatures.of("ab", FEATURES).places();
    float[] weights = new float[FEATURES * 2];
    weights[places[0] * 2] = 3;
    weights[places[1] * 2 + 1] = 4;
    float[] rarity = new float[FEATURES];
    Arrays.fill(rarity, 7);
    return new TextMap(rarity, new Tensor(new long[] {FEATURES, 2}, weights), 2);
  }

  @Test
  void aTextHasTheDirectionOfItsFeaturesAndTheLengthOfTheMap() {
    float[] vector = {9, 9, 9};
    assertThat(map().vector("Ab!", vector, 1)).isTrue();
    assertThat(vector).containsExactly(new float[] {9, 1.2f, 1.6f}, within(1e-6f));
    assertThat(map().withLength(1).vector("Ab!", vector, 0)).isTrue();
    assertThat(vector).containsExactly(new float[] {0.6f, 0.8f, 1.6f}, within(1e-6f));
  }

  @Test
  void aTextOfOtherFeaturesHasNone() {
    float[] vector = {9, 9};
    assertThat(map().vector("xyzzy", vector, 0)).isFalse();
    assertThat(map().vector("", vector, 0)).isFalse();
    assertThat(vector).containsExactly(9, 9);
  }

  @Test
  void aModelKeepsItAndAPartOfItIsRefused() {
    Map<String, Tensor> model = new HashMap<>();
    map().addTo(model, Model.ITEMS);
    assertThat(model.keySet()).hasSize(3).allMatch(TextMap::isPart);
    EncoderConfig encoder = GruConfig.builder().dimension(2).build();
    TextVectors vectors = TextVectors.of(encoder, model, Model.ITEMS, new long[] {3, 0});
    assertThat(vectors).isNotNull();
    assertThat(vectors.vector("ab")).containsExactly(new float[] {1.2f, 1.6f}, within(1e-6f));
    assertThat(vectors.vector("xyzzy")).isNull();
    assertThat(vectors.isFromWords(1)).isFalse();
    assertThat(vectors.isFromWords(2)).isTrue();
    EncoderConfig wider = GruConfig.builder().dimension(3).build();
    assertThatThrownBy(() -> TextVectors.of(wider, model, Model.ITEMS, new long[0]))
        .hasMessage("the model's weights of texts should make vectors of 3 elements, not 2");
    model.remove("texts.items.length");
    assertThatThrownBy(() -> TextVectors.of(encoder, model, Model.ITEMS, new long[0]))
        .hasMessage(
            "the model's weights texts.items should have their rarity and length beside" + " them");
  }

  @Test
  void anEnsembleHasThemSideBySideAndDriftAddsNone() {
    Map<String, Tensor> one = new HashMap<>();
    map().addTo(one, Model.ITEMS);
    Map<String, Tensor> both = new HashMap<>();
    one.forEach((name, weight) -> {
      both.put(EnsembleConfig.first(name), weight);
      both.put(EnsembleConfig.second(name), weight);
    });
    EncoderConfig part = GruConfig.builder().dimension(2).build();
    EncoderConfig other = GruConfig.builder().dimension(2).hidden(3).build();
    EncoderConfig encoder = new DriftConfig(new EnsembleConfig(part, other));
    TextVectors vectors = TextVectors.of(encoder, both, Model.ITEMS, new long[0]);
    assertThat(vectors).isNotNull();
    float[] vector = vectors.vector("ab");
    assertThat(vector).hasSize(encoder.dimension());
    assertThat(Arrays.copyOf(vector, 5))
        .containsExactly(new float[] {1.2f, 1.6f, 1.2f, 1.6f, 0}, within(1e-6f));
    both.keySet().removeIf(name -> name.startsWith(EnsembleConfig.second("")));
    assertThatThrownBy(() -> TextVectors.of(encoder, both, Model.ITEMS, new long[0]))
        .hasMessage("both encoders of the model should know texts, or none");
  }
}
