package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.lucene.Blend;
import io.attune.lucene.SessionRescorer.OnFailure;
import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.junit.jupiter.api.Test;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.common.lucene.Lucene;
import org.opensearch.common.lucene.search.TopDocsAndMaxScore;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.ToXContent;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.DocValueFormat;
import org.opensearch.search.query.QuerySearchResult;

class SessionRescoreTest {

  private static final RequestSession.Encoded SESSION = new RequestSession.Encoded(
      "shop",
      "0123456789abcdef",
      new SessionVector(
          "0123456789abcdef", new float[] {1, -2.5f}, new int[] {3, 7}, new float[] {0.25f, 0.75f
          }));

  private static final RequestSession.Encoded CORRECTED = new RequestSession.Encoded(
      "shop",
      "0123456789abcdef",
      new SessionVector(
          "0123456789abcdef",
          new float[] {1, -2.5f},
          new ClickedScores(new int[] {3, 7}, new float[] {-1.5f, 2}, new int[] {7, 3, 7}),
          new int[] {3, 7},
          new float[] {0.25f, 0.75f}));

  static final Blend.Learned LEARNED = learned();

  private static SessionRescore withoutModel(OnFailure onFailure, int shards) {
    AttuneService service = new AttuneService(new ModelRegistry(Path.of("none")), () -> 0);
    SessionRescore rescore = new SessionRescore(
        2,
        service,
        SESSION,
        new SessionRescore.Unavailable(ShardHits.Outcome.FAILED, "there is no model"),
        onFailure,
        true);
    rescore.setContext(shards, true, null);
    return rescore;
  }

  private static TopDocs threeHits() {
    return new TopDocs(
        new TotalHits(3, TotalHits.Relation.EQUAL_TO),
        new ScoreDoc[] {new ScoreDoc(5, 9), new ScoreDoc(1, 4), new ScoreDoc(8, 2)});
  }

  @Test
  void aShardThatCannotRankKeepsItsFirstPass() throws IOException {
    TopDocs first = threeHits();
    for (int shards : new int[] {1, 2}) {
      SessionRescore rescore = withoutModel(OnFailure.FIRST_PASS, shards);
      TopDocs hits = rescore.rescorer().rescore(first, null, rescore);
      assertThat(hits.scoreDocs).extracting(hit -> hit.doc).containsExactly(5, 1);
      assertThat(hits.scoreDocs).extracting(hit -> hit.score).containsExactly(9f, 4f);
      assertThat(first.scoreDocs).hasSize(3);
      assertThat(rescore.isRescored(5)).isFalse();
      Explanation explanation =
          rescore.rescorer().explain(5, null, rescore, Explanation.match(9f, "words"));
      assertThat(explanation.getValue()).isEqualTo(9f);
      assertThat(explanation.getDescription()).contains("there is no model");
    }
  }

  @Test
  void aShardFailsIfAsked() {
    SessionRescore rescore = withoutModel(OnFailure.THROW, 2);
    assertThatIllegalStateException()
        .isThrownBy(() -> rescore.rescorer().rescore(threeHits(), null, rescore))
        .withMessage("there is no model");
  }

  @Test
  void aSessionThatNoThreadTakesIsUnknown() {
    AttuneService service = new AttuneService(new ModelRegistry(Path.of("none")), () -> 0);
    service.encodeWith(task -> {
      throw new RejectedExecutionException("full");
    });
    AtomicReference<RequestSession> result = new AtomicReference<>();
    AtomicBoolean told = new AtomicBoolean();
    service.encode(
        new RequestSession.Clicked("shop", List.of("a")),
        result::set,
        ActionListener.wrap(nothing -> told.set(true), e -> {}));
    assertThat(told).isTrue();
    assertThat(result.get())
        .isEqualTo(
            new RequestSession.Unavailable("shop", "too many sessions are waiting to be encoded"));
  }

  @Test
  void whatAShardSaysOfItsHitsArrives() throws IOException {
    for (ShardHits.Outcome outcome : ShardHits.Outcome.values()) {
      int words = outcome == ShardHits.Outcome.SCORED ? 12 : 0;
      TopDocs first = threeHits();
      QuerySearchResult answer = new QuerySearchResult();
      answer.topDocs(new TopDocsAndMaxScore(first, 9), null);
      assertThat(ShardHits.isPresent(answer)).isFalse();
      new ShardHits(
              first.totalHits,
              first.scoreDocs,
              new float[] {0.5f, Float.NaN, -2},
              outcome,
              "why: because",
              words)
          .writeTo(answer);
      BytesStreamOutput out = new BytesStreamOutput();
      Lucene.writeTopDocs(out, answer.topDocs());
      QuerySearchResult arrived = new QuerySearchResult();
      arrived.topDocs(
          Lucene.readTopDocs(out.bytes().streamInput()), new DocValueFormat[] {DocValueFormat.RAW});
      assertThat(ShardHits.isPresent(arrived)).isTrue();
      ShardHits hits = ShardHits.read(arrived);
      assertThat(hits.hits()).extracting(hit -> hit.doc).containsExactly(5, 1, 8);
      assertThat(hits.hits()).extracting(hit -> hit.score).containsExactly(9f, 4f, 2f);
      assertThat(hits.session()).containsExactly(0.5f, Float.NaN, -2);
      assertThat(hits.outcome()).isEqualTo(outcome);
      assertThat(hits.reason()).isEqualTo("why: because");
      assertThat(hits.words()).isEqualTo(words);
      assertThat(hits.total()).isEqualTo(first.totalHits);
    }
  }

  @Test
  void aShardGetsTheCorrectionThatTheCoordinatingNodeComputed() throws IOException {
    for (RequestSession.Encoded session : List.of(SESSION, CORRECTED)) {
      BytesStreamOutput out = new BytesStreamOutput();
      session.writeTo(out);
      RequestSession arrived = RequestSession.read(out.bytes().streamInput());
      assertThat(arrived).isInstanceOf(RequestSession.Encoded.class);
      SessionVector vector = ((RequestSession.Encoded) arrived).vector();
      assertThat(vector.clicked()).isEqualTo(session.vector().clicked());
      assertThat(vector.query()).containsExactly(session.vector().query());
    }
    assertThat(CORRECTED.vector().clicked().describe(7)).isEqualTo("clicked twice, last");
  }

  @Test
  void whatTravelsToShardsArrives() throws IOException {
    for (RequestSession session : List.of(
        SESSION,
        CORRECTED,
        new RequestSession.Clicked("shop", List.of("a", "b")),
        new RequestSession.Unavailable("shop", "why"))) {
      for (Blend blend : new Blend[] {
        null, // that of the model
        LEARNED,
        new Blend.Replace(),
        new Blend.Weighted(0.3f, Blend.Normalization.NONE),
        new Blend.ReciprocalRankFusion(0.2f, 10)
      }) {
        for (VectorSource source : List.of(
            VectorSource.of("sku", null, null),
            VectorSource.of("sku", null, List.of("title", "about.brand")),
            VectorSource.of(null, "v", null))) {
          AttuneService service = new AttuneService(new ModelRegistry(Path.of("none")), () -> 0);
          SessionRescorerBuilder sent = new SessionRescorerBuilder(
                  service, session, source, blend, OnFailure.THROW, true, true)
              .windowSize(70);
          BytesStreamOutput out = new BytesStreamOutput();
          sent.writeTo(out);
          SessionRescorerBuilder arrived =
              new SessionRescorerBuilder(out.bytes().streamInput(), service);
          BytesStreamOutput again = new BytesStreamOutput();
          arrived.writeTo(again);
          assertThat(again.bytes()).isEqualTo(out.bytes());
          assertThat(arrived.window()).isEqualTo(70);
          assertThat(content(arrived)).isEqualTo(content(sent));
        }
      }
    }
  }

  @Test
  void aNodeThatDoesNotKnowTextFieldsFailsAndTakesThemForNoOtherSource() throws IOException {
    BytesStreamOutput plain = new BytesStreamOutput();
    VectorSource.of("sku", null, List.of()).writeTo(plain);
    StreamInput earlier = plain.bytes().streamInput(); // which read a boolean
    assertThat(earlier.readBoolean()).isTrue();
    assertThat(earlier.readString()).isEqualTo("sku");

    BytesStreamOutput withTexts = new BytesStreamOutput();
    VectorSource.of("sku", null, List.of("title")).writeTo(withTexts);
    assertThatThrownBy(() -> withTexts.bytes().streamInput().readBoolean())
        .hasMessageContaining("unexpected byte [0x02]");
  }

  @Test
  void aLearnedBlendIsReadAsItIsWritten() throws IOException {
    XContentBuilder written = MediaTypeRegistry.JSON.contentBuilder();
    BlendFormat.toXContent(written, LEARNED);
    try (XContentParser parser = MediaTypeRegistry.JSON
        .xContent()
        .createParser(
            NamedXContentRegistry.EMPTY,
            DeprecationHandler.THROW_UNSUPPORTED_OPERATION,
            written.toString())) {
      assertThat(BlendFormat.parse(parser)).isEqualTo(LEARNED.withWords(0));
    }
  }

  @Test
  void aLearnedBlendIsRankedByTheWordsThatShardsCounted() {
    AttuneService service = new AttuneService(new ModelRegistry(Path.of("none")), () -> 0);
    for (Blend blend : new Blend[] {null, LEARNED}) {
      SessionRescorerBuilder builder = new SessionRescorerBuilder(
          service, SESSION, VectorSource.of("sku", null, null), blend, OnFailure.THROW, true, true);
      assertThat(builder.blend(3))
          .isEqualTo(blend == null ? Blend.defaults() : LEARNED.withWords(3));
    }
  }

  private static Blend.Learned learned() {
    List<String> contexts = List.of(
        "words", "entropy", "hits", "drop", "highest session score", "spread of session scores");
    Map<String, Double> weights = new HashMap<>();
    for (String part : List.of("first pass", "rank", "session")) {
      weights.put(part, -2.0);
      contexts.forEach(context -> weights.put(part + " × " + context, 0.125));
    }
    for (String context : contexts) {
      weights.put("mean of " + context, 1.5);
      weights.put("deviation of " + context, 0.75);
    }
    return new Blend.Learned(weights, 2);
  }

  private static String content(SessionRescorerBuilder builder) throws IOException {
    return builder
        .toXContent(MediaTypeRegistry.JSON.contentBuilder(), ToXContent.EMPTY_PARAMS)
        .toString();
  }
}
