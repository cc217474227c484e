package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.attune.lucene.Blend;
import io.attune.lucene.SessionRescorer.OnFailure;
import io.attune.serving.SessionVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.junit.jupiter.api.Test;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.ToXContent;

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

  private static final RequestSession.Encoded SESSION = new RequestSession.Encoded(
      "shop",
      "0123456789abcdef",
      new SessionVector(new float[] {1, -2.5f}, new int[] {3, 7}, new float[] {0.25f, 0.75f}));

  private static SessionRescore withoutModel(OnFailure onFailure) {
    AttuneNode node = new AttuneNode(new Models(Path.of("none")), () -> 0);
    return new SessionRescore(2, node, SESSION, Optional.empty(), onFailure, null);
  }

  @Test
  void aShardWithoutTheVersionKeepsItsOrderBelowOthers() throws IOException {
    TopDocs first = new TopDocs(
        new TotalHits(3, TotalHits.Relation.EQUAL_TO),
        new ScoreDoc[] {new ScoreDoc(5, 9), new ScoreDoc(1, 4), new ScoreDoc(8, 2)});
    SessionRescore rescore = withoutModel(OnFailure.FIRST_PASS);
    TopDocs hits = rescore.rescorer().rescore(first, null, rescore);
    assertThat(hits.scoreDocs).extracting(hit -> hit.doc).containsExactly(5, 1);
    assertThat(hits.scoreDocs)
        .extracting(hit -> hit.score)
        .containsExactly(SessionRescore.below(9), SessionRescore.below(4));
    assertThat(first.scoreDocs[0].score).isEqualTo(9);
    assertThat(rescore.isRescored(5)).isFalse();
    assertThat(rescore.rescorer().explain(5, null, rescore, Explanation.match(9f, "words")))
        .extracting(Explanation::getValue)
        .isEqualTo(SessionRescore.below(9));
  }

  @Test
  void aShardFailsIfAsked() {
    TopDocs first = new TopDocs(
        new TotalHits(1, TotalHits.Relation.EQUAL_TO), new ScoreDoc[] {new ScoreDoc(5, 9)});
    SessionRescore rescore = withoutModel(OnFailure.THROW);
    assertThatIllegalStateException()
        .isThrownBy(() -> rescore.rescorer().rescore(first, null, rescore))
        .withMessage("this node does not hold the model shop@0123456789ab");
  }

  @Test
  void whatTravelsToShardsArrives() throws IOException {
    for (RequestSession session :
        List.of(SESSION, new RequestSession.Clicked("shop", List.of("a", "b")))) {
      for (Blend blend : List.of(
          new Blend.Replace(),
          new Blend.Weighted(0.3f, Blend.Normalization.NONE),
          new Blend.ReciprocalRankFusion(0.2f, 10))) {
        for (VectorSource source :
            List.of(VectorSource.of("sku", null), VectorSource.of(null, "v"))) {
          AttuneNode node = new AttuneNode(new Models(Path.of("none")), () -> 0);
          SessionRescorerBuilder sent = new SessionRescorerBuilder(
                  node, session, source, blend, OnFailure.THROW, "name")
              .windowSize(70);
          BytesStreamOutput out = new BytesStreamOutput();
          sent.writeTo(out);
          SessionRescorerBuilder arrived =
              new SessionRescorerBuilder(out.bytes().streamInput(), node);
          BytesStreamOutput again = new BytesStreamOutput();
          arrived.writeTo(again);
          assertThat(again.bytes()).isEqualTo(out.bytes());
          assertThat(arrived.window()).isEqualTo(70);
          assertThat(content(arrived)).isEqualTo(content(sent));
        }
      }
    }
  }

  private static String content(SessionRescorerBuilder builder) throws IOException {
    return builder
        .toXContent(MediaTypeRegistry.JSON.contentBuilder(), ToXContent.EMPTY_PARAMS)
        .toString();
  }
}
