package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.NarmConfig;
import io.attune.model.TransformerConfig;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PreferredItemsTest {
  private static final List<String> ITEMS = List.of("a", "b", "c", "d", "e");
  private static final int[] ALL = {1, 2, 3, 4, 5};
  private static final Sessions SESSIONS = Sessions.of(
      Vocabulary.of(ITEMS),
      List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4, 5}, new int[] {3, 4, 1, 2}));

  private static final List<Click> SESSION = List.of(Click.of("b"), Click.of("d"));

  @Test
  void attentionPrefersTheItemWithTheLargestShareBetweenTheSessionAndItsLastClick() {
    ServingModel model = model(NarmConfig.builder().dimension(8).hidden(8).build());
    float[] shares = new float[ITEMS.size()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = model.vector(List.of("b", ITEMS.get(i), "d")).attention()[1];
    }
    int[] expected = IntStream.range(0, shares.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -shares[i]))
        .mapToInt(i -> i + 1)
        .toArray();

    PreferredItems found = PreferredItems.of(model, SESSION, ALL, 3).getFirst();

    assertThat(found.rows()).containsExactly(expected[0], expected[1], expected[2]);
    assertThat(found.shares())
        .containsExactly(shares[expected[0] - 1], shares[expected[1] - 1], shares[expected[2] - 1]);
    assertThat(found.mean())
        .isCloseTo(
            (float) IntStream.range(0, 5).mapToDouble(i -> shares[i]).average().orElseThrow(),
            within(1e-6f));
  }

  @Test
  void eachHeadOfEachLayerHasItsOwnPreferences() {
    ServingModel model =
        model(TransformerConfig.builder().dimension(8).layers(2).heads(2).build());
    assertThat(PreferredItems.of(model, SESSION, ALL, 5)).hasSize(4).allSatisfy(head -> {
      assertThat(head.rows()).containsExactlyInAnyOrder(ALL);
      assertThat(head.shares()).isSortedAccordingTo(Comparator.reverseOrder());
      assertThat(head.mean()).isBetween(0f, 1f);
    });
  }

  @Test
  void withoutAttentionNothingIsPreferred() {
    ServingModel model = model(GruConfig.builder().dimension(8).hidden(8).build());
    assertThat(PreferredItems.of(model, SESSION, ALL, 5).getFirst().shares()).containsOnly(0);
  }

  @Test
  void clicksThatTheModelDoesNotKnowAreSkipped() {
    ServingModel model = model(NarmConfig.builder().dimension(8).hidden(8).build());
    List<Click> strange = List.of(Click.of("x"), Click.of("b"), Click.of("d"), Click.of("y"));
    assertThat(PreferredItems.of(model, strange, ALL, 3))
        .usingRecursiveComparison()
        .isEqualTo(PreferredItems.of(model, SESSION, ALL, 3));
    assertThatThrownBy(() -> PreferredItems.of(model, List.of(Click.of("x")), ALL, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there must be a known click and an item to try");
  }

  private static ServingModel model(EncoderConfig config) {
    return ServingModel.of(TrainedModels.briefly(SESSIONS, config));
  }
}
