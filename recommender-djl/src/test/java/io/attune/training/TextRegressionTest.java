package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.vector.Tensor;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TextRegressionTest {
  /** Rows 1 to 4, of which the last element is another's. */
  private static final Tensor TABLE =
      new Tensor(new long[] {5, 3}, new float[] {0, 0, 9, 1, 0, 9, 0, 1, 9, -1, 0, 9, 0, -1, 9});

  private static TextRegression of(String... texts) {
    return TextRegression.of(List.of(texts), new int[] {1, 2, 3, 4}, TABLE, 2);
  }

  private static float[] direction(TextRegression model, String text) {
    return Objects.requireNonNull(model.direction(text));
  }

  @Test
  void aTextThatIsLikeOneOfAnItemHasThatItemsDirection() {
    TextRegression model = of("anchor", "ballpoint", "carpet", "diving");
    assertThat(direction(model, "Anchor")).containsExactly(new float[] {1, 0}, within(1e-3f));
    assertThat(direction(model, "ballpoint!")).containsExactly(new float[] {0, 1}, within(1e-3f));
    assertThat(direction(model, "dive, diving")).containsExactly(new float[] {0, -1}, within(0.2f));
  }

  @Test
  void wordsOfTwoItemsGiveADirectionBetweenTheirs() {
    TextRegression model = of("anchor", "ballpoint", "carpet", "diving");
    float half = (float) Math.sqrt(0.5);
    assertThat(direction(model, "anchor ballpoint"))
        .containsExactly(new float[] {half, half}, within(0.1f));
  }

  @Test
  void theWordThatTellsItemsApartDecides() {
    TextRegression model = of("game anchor", "game ballpoint", "game carpet", "game diving");
    assertThat(direction(model, "new game carpet")[0]).isLessThan(-0.95f);
  }

  @Test
  void aTextOfWhichNothingIsKnownHasNoDirection() {
    TextRegression model = of("anchor", "ballpoint", "carpet", "diving");
    assertThat(model.direction("")).isNull();
    assertThat(model.direction("xyzzy")).isNull();
  }
}
