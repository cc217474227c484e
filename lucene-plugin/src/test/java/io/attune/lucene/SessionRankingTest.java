package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SessionRankingTest {
  private static final Blend HALF = new Blend.Weighted(0.5f, Blend.Normalization.MIN_MAX);
  private static final float NONE = Float.NaN;

  private static void assertPlaces(SessionRanking ranking, int[] before, float[] scores) {
    for (int count = 0; count <= before.length; count++) {
      SessionRanking.Places places = ranking.top(count);
      for (int place = 0; place < count; place++) {
        assertThat(places.before()[place]).isEqualTo(before[place]);
        assertThat(places.scores()[place]).isEqualTo(scores[place]);
      }
    }
  }

  @Test
  void hitsWithoutAVectorKeepTheirPlacesAndHaveTheScoreOfTheHitBefore() {
    // With a vector: places 1, 3 and 5; first pass 1, 1/2, 0 and session 0, 1, 3/4 of their ways.
    SessionRanking ranking = SessionRanking.of(
        HALF, new float[] {9, 8, 7, 6, 5, 4}, new float[] {NONE, -2, NONE, 2, NONE, 1});
    assertPlaces(
        ranking, new int[] {0, 3, 2, 1, 4, 5}, new float[] {0.75f, 0.75f, 0.75f, 0.5f, 0.5f, 0.375f
        });
    assertThat(ranking.hasVector(0)).isFalse();
    assertThat(ranking.hasVector(1)).isTrue();
    assertThat(ranking.describe(3, 1))
        .isEqualTo("rank 2, was 4 in the first pass: 0.50 · first pass + 0.50 · session, each"
            + " min-max normalized over the window");
    assertThat(ranking.describe(0, 0))
        .isEqualTo("rank 1, was 1 in the first pass: not re-ranked, since its item has no vector");
  }

  @Test
  void hitsBeyondTheWindowFollowIt() {
    SessionRanking ranking =
        SessionRanking.of(new Blend.Replace(), new float[] {9, 8, 7, 6}, new float[] {1, 3});
    float behind = Math.nextDown(1f);
    assertPlaces(
        ranking, new int[] {1, 0, 2, 3}, new float[] {3, 1, behind, Math.nextDown(behind)});
    assertThat(ranking.describe(2, 2))
        .isEqualTo("rank 3, was 3 in the first pass: beyond the window of 2");
  }

  @Test
  void whereNoHitHasAVectorTheFirstPassStands() {
    SessionRanking ranking =
        SessionRanking.of(HALF, new float[] {9, 7, 7, 2}, new float[] {NONE, NONE, NONE});
    assertPlaces(ranking, new int[] {0, 1, 2, 3}, new float[] {9, 7, 7, 2});
  }

  @Test
  void noHitsAreNoPlaces() {
    SessionRanking ranking = SessionRanking.of(HALF, new float[0], new float[0]);
    assertThat(ranking.size()).isZero();
    assertThat(ranking.top(0).before()).isEmpty();
  }
}
