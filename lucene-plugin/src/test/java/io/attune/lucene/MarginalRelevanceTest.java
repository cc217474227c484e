package io.attune.lucene;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.tests.util.LuceneTestCase;

public class MarginalRelevanceTest extends LuceneTestCase {
  private static int[] first(float[] scores, int count, float diversity, float[][] vectors)
      throws Exception {
    return MarginalRelevance.first(
        scores,
        count,
        diversity,
        vectors[0].length,
        (hit, into) -> System.arraycopy(vectors[hit], 0, into, 0, into.length));
  }

  /** The value of a hit after others, by the definition. */
  private static double value(
      int hit, int[] chosen, int placed, float[] scores, float diversity, float[][] vectors) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
    double similarity = 0;
    for (int i = 0; i < placed; i++) {
      similarity = Math.max(similarity, cosine(vectors[hit], vectors[chosen[i]]));
    }
    return (1 - diversity) * (scores[hit] - low) / (high - low) - diversity * similarity;
  }

  private static double cosine(float[] one, float[] other) {
    double dot = 0;
    double first = 0;
    double second = 0;
    for (int k = 0; k < one.length; k++) {
      dot += one[k] * other[k];
      first += one[k] * one[k];
      second += other[k] * other[k];
    }
    return dot / Math.sqrt(first * second);
  }

  public void testTwoAlikeAreNotNeighbours() throws Exception {
    float[] scores = {1, 0.9f, 0.6f, 0};
    float[][] vectors = {{2, 0}, {4, 0}, {0, 1}, {1, 1}};
    assertArrayEquals(new int[] {0, 1, 2, 3}, first(scores, 4, 0, vectors));
    // Of the second, .7 · .9 - .3 · 1 = .33 is left, and .7 · .6 = .42 of the third.
    assertArrayEquals(new int[] {0, 2, 1, 3}, first(scores, 4, 0.3f, vectors));
    // The fourth is worth -.9 · cos 45° = -.64, and the second .1 · .9 - .9 = -.81.
    assertArrayEquals(new int[] {0, 2, 3, 1}, first(scores, 4, 0.9f, vectors));
  }

  public void testItIsWhatTheDefinitionSays() throws Exception {
    for (int run = 0; run < 50; run++) {
      int hits = 2 + random().nextInt(150);
      float[] scores = new float[hits];
      float[][] vectors = new float[hits][];
      for (int i = 0; i < hits; i++) {
        scores[i] = (float) random().nextGaussian() * 10;
        vectors[i] = SearchedItemsTestCase.vector(random(), 3);
      }
      float diversity = random().nextFloat();
      int count = 1 + random().nextInt(hits);
      int[] chosen = first(scores, count, diversity, vectors);
      Set<Integer> left =
          IntStream.range(0, hits).boxed().collect(Collectors.toCollection(HashSet::new));
      for (int place = 0; place < count; place++) {
        int placed = place;
        double best = left.stream()
            .mapToDouble(hit -> value(hit, chosen, placed, scores, diversity, vectors))
            .max()
            .orElseThrow();
        assertEquals(best, value(chosen[place], chosen, place, scores, diversity, vectors), 1e-5);
        assertTrue("each once", left.remove(chosen[place]));
      }
      int fewer = random().nextInt(count);
      assertArrayEquals(
          "fewer are the first of more",
          Arrays.copyOf(chosen, fewer),
          first(scores, fewer, diversity, vectors));
    }
  }

  public void testEqualScoresAndVectorsKeepTheirOrderAndZeroVectorsAreLikeNone() throws Exception {
    assertArrayEquals(new int[] {0, 1, 2}, first(new float[] {5, 5, 5}, 3, 0.5f, new float[][] {
      {1, 2}, {1, 2}, {1, 2}
    }));
    assertArrayEquals(new int[] {0, 2, 1}, first(new float[] {3, 2, 1}, 3, 0.9f, new float[][] {
      {1, 0}, {1, 0}, {0, 0}
    }));
  }

  public void testMostHitsAreNeverLookedAt() throws Exception {
    float[] scores = new float[1000];
    float[][] vectors = new float[1000][];
    for (int i = 0; i < 1000; i++) {
      scores[i] = 1f / (1 + i);
      vectors[i] = SearchedItemsTestCase.vector(random(), 32);
    }
    int[] looked = new int[1];
    MarginalRelevance.first(scores, 10, 0.2f, 32, (hit, into) -> {
      looked[0]++;
      System.arraycopy(vectors[hit], 0, into, 0, 32);
    });
    assertTrue(looked[0] + " were", looked[0] < 500);
  }
}
