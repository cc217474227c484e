package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionRescoreTest {

  @Test
  void scoresOfAFailingShardKeepTheirOrderBelowAllOthers() {
    Random random = new Random(1);
    float[] scores = new float[10_000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (Math.exp(20 * random.nextGaussian()) * (random.nextInt(5) - 1));
    }
    scores[0] = Float.MAX_VALUE;
    scores[1] = -Float.MAX_VALUE;
    Arrays.sort(scores);
    float last = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      float below = SessionRescore.below(score);
      assertThat(below).isFinite().isGreaterThanOrEqualTo(last).isLessThan(-1e33f);
      last = below;
    }
    assertThat(SessionRescore.below(1.001f)).isGreaterThan(SessionRescore.below(1f));
  }
}
