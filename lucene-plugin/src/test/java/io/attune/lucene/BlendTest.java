package io.attune.lucene;

import java.io.IOException;
import java.util.List;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;

public class BlendTest extends SearchedItemsTestCase {
  public void testBlendsAreTheirFormulas() {
    float[] first = {4, 2, 0};
    float[] bySession = {-1, 3, 1};
    assertArrayEquals(
        new float[] {0.75f, 0.25f * 1 + 0.375f, 0.125f},
        new Blend.Weighted(0.25f, Blend.Normalization.MIN_MAX).scores(first, bySession),
        1e-6f);
    float z = (float) Math.sqrt(1.5);
    assertArrayEquals(
        new float[] {0, 0.5f * z, -0.5f * z},
        new Blend.Weighted(0.5f, Blend.Normalization.Z_SCORE).scores(first, new float[] {-2, 2, 0}),
        1e-6f);
    assertArrayEquals(
        new float[] {2.75f, 2.25f, 0.25f},
        new Blend.Weighted(0.25f, Blend.Normalization.NONE).scores(first, bySession),
        1e-6f);
    assertArrayEquals(
        new float[] {0.5f / 61 + 0.5f / 63, 0.5f / 62 + 0.5f / 61, 0.5f / 63 + 0.5f / 62},
        new Blend.ReciprocalRankFusion(0.5f, 60).scores(first, bySession),
        1e-7f);
  }

  public void testABlendWithoutTheSessionIsTheFirstPassesOrder() throws IOException {
    TopDocs first = searcher.search(new TermQuery(new Term("title", "red")), DOCS);
    for (Blend blend : List.of(
        new Blend.Weighted(0, Blend.Normalization.MIN_MAX),
        new Blend.Weighted(0, Blend.Normalization.Z_SCORE),
        new Blend.ReciprocalRankFusion(0, 60))) {
      TopDocs ranked = rescorer(ItemDocuments.source(), blend, DOCS).rescore(searcher, first, DOCS);
      for (int i = 0; i < first.scoreDocs.length; i++) {
        assertEquals(first.scoreDocs[i].doc, ranked.scoreDocs[i].doc);
      }
    }
  }

  public void testRanksAreToldApartUpToTheLargestK() {
    int largest = Blend.ReciprocalRankFusion.MAX_K;
    float[] scores =
        new Blend.ReciprocalRankFusion(0.5f, largest).scores(new float[10_000], new float[10_000]);
    for (int i = 1; i < scores.length; i++) {
      assertTrue("rank " + i, scores[i] > 0 && scores[i] < scores[i - 1]);
    }
  }

  public void testNumbersOutOfRangeAreRefused() {
    for (int k : new int[] {-1, Blend.ReciprocalRankFusion.MAX_K + 1, Integer.MAX_VALUE}) {
      IllegalArgumentException refused = expectThrows(
          IllegalArgumentException.class, () -> new Blend.ReciprocalRankFusion(0.5f, k));
      assertEquals("k must be from 0 to 1000000, not " + k, refused.getMessage());
    }
    for (float weight : new float[] {-0.1f, 1.1f, Float.NaN, Float.POSITIVE_INFINITY}) {
      expectThrows(
          IllegalArgumentException.class, () -> new Blend.ReciprocalRankFusion(weight, 60));
      expectThrows(
          IllegalArgumentException.class,
          () -> new Blend.Weighted(weight, Blend.Normalization.NONE));
    }
  }
}
