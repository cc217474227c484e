package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.apache.lucene.util.VectorUtil;
import org.junit.jupiter.api.Test;

final class ItemSourceTest {
  @Test
  void theInnerProductOfAScoreIsThatOfTheBranchItIsFrom() {
    SplittableRandom random = new SplittableRandom(1);
    float[] edges = {
      0,
      Float.MIN_VALUE,
      0.5f,
      Math.nextDown(1f),
      1,
      Math.nextUp(1f),
      2,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NaN
    };
    for (int i = 0; i < 100_000; i++) {
      float score = i < edges.length
          ? edges[i]
          : VectorUtil.scaleMaxInnerProductScore((float) (10 * random.nextGaussian()));
      float expected = score < 1 ? 1 - 1 / score : score - 1;
      assertThat(Float.floatToIntBits(ItemSource.Indexed.innerProduct(score)))
          .as("of " + score)
          .isEqualTo(Float.floatToIntBits(expected));
    }
  }
}
