package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.model.TextMap;
import io.attune.vector.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextRegressionTest {
  /** Rows 1 to 4, of which the last element is another's. */
  private static final Tensor TABLE =
      new Tensor(new long[] {5, 3}, new float[] {0, 0, 9, 1, 0, 9, 0, 1, 9, -1, 0, 9, 0, -1, 9});

  private static TextMap of(String... texts) {
    return TextRegression.of(List.of(texts), new int[] {1, 2, 3, 4}, TABLE, 2);
  }

  private static float[] direction(TextMap model, String text) {
    float[] vector = new float[2];
    assertThat(model.vector(text, vector, 0)).isTrue();
    return vector;
  }

  @Test
  void aTextThatIsLikeOneOfAnItemHasThatItemsDirection() {
    TextMap model = of("anchor", "ballpoint", "carpet", "diving");
    assertThat(direction(model, "Anchor")).containsExactly(new float[] {1, 0}, within(1e-3f));
    assertThat(direction(model, "ballpoint!")).containsExactly(new float[] {0, 1}, within(1e-3f));
    assertThat(direction(model, "dive, diving")).containsExactly(new float[] {0, -1}, within(0.2f));
  }

  @Test
  void wordsOfTwoItemsGiveADirectionBetweenTheirs() {
    TextMap model = of("anchor", "ballpoint", "carpet", "diving");
    float half = (float) Math.sqrt(0.5);
    assertThat(direction(model, "anchor ballpoint"))
        .containsExactly(new float[] {half, half}, within(0.1f));
  }

  @Test
  void theWordThatTellsItemsApartDecides() {
    TextMap model = of("game anchor", "game ballpoint", "game carpet", "game diving");
    assertThat(direction(model, "new game carpet")[0]).isLessThan(-0.95f);
  }

  @Test
  void aTextOfWhichNothingIsKnownHasNoDirection() {
    TextMap model = of("anchor", "ballpoint", "carpet", "diving");
    float[] vector = {7, 8};
    assertThat(model.vector("", vector, 0)).isFalse();
    assertThat(model.vector("xyzzy", vector, 0)).isFalse();
    assertThat(vector).containsExactly(7, 8);
  }
}
