package io.attune.incremental;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.model.MeanConfig;
import io.attune.model.Similarity;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IncrementalMeanTest {
  private static final ItemVectors ITEMS = ItemVectors.of(
      new Tensor(new long[] {4, 2}, new float[] {0, 0, /* row 1 */ 1, 0, 0, 1, 0.6f, 0.8f}));

  @Test
  void theQueryIsTheMeanOfTheClicksInTheWindow() {
    IncrementalEncoder encoder = encoder(Similarity.innerProduct(), 2);
    assertThat(query(encoder, 1)).containsExactly(1, 0);
    assertThat(query(encoder, 1, 2)).containsExactly(0.5f, 0.5f);
    assertThat(query(encoder, 1, 2, 2)).containsExactly(0, 1); // the first has left the window
    assertThat(query(encoder, 1, 2, 2, 1, 1, 2)).containsExactly(0.5f, 0.5f);
  }

  @Test
  void aWindowOfOneIsTheVectorOfTheLastClick() {
    IncrementalEncoder encoder = encoder(Similarity.innerProduct(), 1);
    assertThat(query(encoder, 1, 2, 3)).containsExactly(0.6f, 0.8f);
  }

  @Test
  void aCosineHasTheLengthOfItsScale() {
    IncrementalEncoder encoder = encoder(Similarity.cosine(10), 50);
    assertThat(query(encoder, 1, 1, 1)).usingComparatorWithPrecision(1e-5f).containsExactly(10, 0);
    float half = (float) (10 / Math.sqrt(2));
    assertThat(query(encoder, 2, 1))
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(half, half);
  }

  @Test
  void whatIsNoItemIsRefusedAndLeavesTheStateAsItWas() {
    IncrementalEncoder encoder = encoder(Similarity.innerProduct(), 2);
    SessionState state = encoder.start();
    for (int row : new int[] {0, -1, 4}) {
      assertThatThrownBy(() -> encoder.advance(state, row))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("an item row must be from 1 to 3, not " + row);
    }
    assertThat(state.clicks()).isZero();
  }

  private static IncrementalEncoder encoder(Similarity similarity, int lastClicks) {
    MeanConfig config = MeanConfig.builder()
        .dimension(2)
        .similarity(similarity)
        .lastClicks(lastClicks)
        .build();
    return IncrementalEncoder.of(config, Map.of(), ITEMS);
  }

  private static float[] query(IncrementalEncoder encoder, int... rows) {
    SessionState state = encoder.start();
    for (int row : rows) {
      encoder.advance(state, row);
    }
    float[] query = new float[2];
    encoder.query(state, query, new float[state.kept()]);
    return query;
  }
}
