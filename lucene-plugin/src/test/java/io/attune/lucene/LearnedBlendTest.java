package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.model.LearnedBlend;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.junit.jupiter.api.Test;

final class LearnedBlendTest {
  private static final List<String> CONTEXTS = List.of(
      "words", "entropy", "hits", "drop", "highest session score", "spread of session scores");

  /** Weights that are all 0, so that each part of a hit weighs 1, but for those given. */
  private static Map<String, Double> weights(Map<String, Double> given) {
    Map<String, Double> weights = new HashMap<>();
    for (String part : List.of("first pass", "rank", "session")) {
      weights.put(part, 0.0);
      CONTEXTS.forEach(context -> weights.put(part + " × " + context, 0.0));
    }
    for (String context : CONTEXTS) {
      weights.put("mean of " + context, 0.0);
      weights.put("deviation of " + context, 1.0);
    }
    weights.putAll(given);
    return weights;
  }

  private static Blend.Learned blend(Map<String, Double> given, int words) {
    return new Blend.Learned(weights(given), words);
  }

  private static Query words(int count) {
    BooleanQuery.Builder words = new BooleanQuery.Builder();
    for (int i = 0; i < count; i++) {
      words.add(new TermQuery(new Term("title", "w" + i)), Occur.SHOULD);
    }
    return words.build();
  }

  @Test
  void aScoreIsTheWeightedSumOfItsParts() {
    float[] scores = blend(
            Map.of("first pass", Math.log(2), "rank", Math.log(0.5), "session", Math.log(3)), 1)
        .scores(new float[] {5, 4}, new float[] {0.5f, 1});
    assertThat(scores[0]).isCloseTo(2 * 5 + 3 * 0.5f, within(1e-5f));
    assertThat(scores[1]).isCloseTo((float) (2 * 4 - 0.5 * Math.log(2) + 3 * 1), within(1e-5f));
  }

  @Test
  void theQueryDecidesWhatTheSessionWeighs() {
    float[] first = {3, 2, 2};
    float[] session = {1, 3, 2};
    // log 4 words, two standard deviations from the mean: (1.386 - 1) / 0.193
    float[] scores = blend(
            Map.of("session × words", 0.1, "mean of words", 1.0, "deviation of words", 0.193), 4)
        .scores(first, session);
    double factor = Math.exp(0.1 * (Math.log(4) - 1) / 0.193);
    assertThat(scores[0]).isCloseTo((float) (3 + factor), within(1e-5f));
    // 3 hits, and a drop from hit 1 to the last, since there is no tenth
    scores =
        blend(Map.of("session × hits", 0.2, "first pass × drop", 0.3), 4).scores(first, session);
    assertThat(scores[0]).isCloseTo((float) (3 * Math.exp(0.3) + Math.pow(3, 0.2)), within(1e-5f));
    // shares of the first pass e, 1, 1 of e + 2
    double share = Math.E / (Math.E + 2);
    double entropy = -share * Math.log(share) + 2 / (Math.E + 2) * Math.log(Math.E + 2);
    scores = blend(Map.of("session × entropy", 0.5), 4).scores(first, session);
    assertThat(scores[0]).isCloseTo((float) (3 + Math.exp(0.5 * entropy)), within(1e-5f));
    scores = blend(
            Map.of(
                "session × highest session score", 0.1,
                "first pass × spread of session scores", 0.2),
            4)
        .scores(first, session);
    assertThat(scores[0])
        .isCloseTo(
            (float) (3 * Math.exp(0.2 * Math.sqrt(2 / 3.0)) + Math.exp(0.1 * 3)), within(1e-5f));
  }

  @Test
  void aQueryFarFromThoseOfLearningCountsAsOneThreeDeviationsAway() {
    float[] scores = blend(Map.of("session × words", 1.0), 1_000_000_000)
        .scores(new float[] {1}, new float[] {1});
    assertThat(scores[0]).isCloseTo((float) (1 + Math.exp(3)), within(1e-4f));
  }

  @Test
  void aNumberOfWordsThatIsNotKnownOrDidNotDifferChangesNothing() {
    Map<String, Double> given = Map.of("session × words", 1.0, "mean of words", 0.7);
    float[] one = {1};
    assertThat(blend(given, 0).scores(one, one)).containsExactly(2);
    Map<String, Double> same = Map.of("session × words", 1.0, "deviation of words", 0.0);
    assertThat(blend(same, 3).scores(one, one)).containsExactly(2);
  }

  @Test
  void equalSessionScoresKeepTheOrderAndHigherOnesNeverLowerAHit() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 200; trial++) {
      Map<String, Double> drawn = new HashMap<>();
      weights(Map.of()).keySet().forEach(name -> drawn.put(name, random.nextDouble(-2, 2)));
      Blend.Learned blend = blend(drawn, random.nextInt(5));
      float[] first = new float[30];
      for (int i = 0; i < first.length; i++) {
        first[i] = (float) random.nextDouble(10);
      }
      Arrays.sort(first);
      float[] descending = new float[first.length];
      for (int i = 0; i < first.length; i++) {
        descending[i] = first[first.length - 1 - i];
      }
      float[] equal = new float[first.length];
      float[] scores = blend.scores(descending, equal);
      for (int i = 1; i < scores.length; i++) {
        assertThat(scores[i]).isLessThanOrEqualTo(scores[i - 1]);
      }
    }
  }

  @Test
  void noHitsHaveNoScoresAndHitsWithoutFirstPassScoresAreRefused() {
    assertThat(blend(Map.of(), 1).scores(new float[0], new float[0])).isEmpty();
    assertThatThrownBy(() -> blend(Map.of(), 1).scores(new float[] {Float.NaN}, new float[] {1}))
        .hasMessageContaining("a learned blend needs first-pass scores");
  }

  @Test
  void missingAndUnknownWeightsAreRefused() {
    Map<String, Double> missing = weights(Map.of());
    missing.remove("session × hits");
    assertThatThrownBy(() -> new Blend.Learned(missing, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no weight 'session × hits'");
    assertThatThrownBy(() -> blend(Map.of("session × weather", 1.0), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'session × weather', which this version does not know");
    assertThatThrownBy(() -> blend(Map.of(), -1)).hasMessageContaining("words must be 0 or more");
  }

  @Test
  void theBlendOfAModelIsTheDefaultWhereItHasNone() {
    assertThat(Blend.of(null)).isEqualTo(Blend.defaults());
    LearnedBlend.Origin origin = new LearnedBlend.Origin("1", "a", "today", 1, 1, Map.of());
    assertThat(Blend.of(new LearnedBlend(weights(Map.of()), origin))).isEqualTo(blend(Map.of(), 0));
  }

  @Test
  void anExplanationHasTheSharesOfWordsAndSession() {
    // The parts of the words are 6, 3 - log 2 and -log 3, with a standard deviation of 2.90, and
    // those of the session 0, 4 and 2, with one of 1.63.
    SessionRanking ranking = SessionRanking.of(
        blend(Map.of(), 2), new float[] {6, 3, 0, 9}, new float[] {0, 4, 2, Float.NaN});
    assertThat(ranking.describe(0, 1))
        .isEqualTo("rank 2, was 1 in the first pass: words 64 %, session 36 % for this query, by a"
            + " learned blend: 2 words, 3 hits");
  }

  /** Shards send both scores of their hits, and their merged hits are ranked as of one index. */
  @Test
  void mergedHitsOfSeveralShardsAreRankedAsThoseOfOneIndex() {
    SplittableRandom random = new SplittableRandom(9);
    Blend.Learned blend =
        blend(Map.of("session × entropy", 0.3, "first pass × hits", 0.2, "rank × drop", 0.1), 2);
    int hits = 60;
    float[] first = new float[hits];
    float[] session = new float[hits];
    for (int i = 0; i < hits; i++) {
      first[i] = 20 - 0.3f * i;
      session[i] = random.nextInt(6) == 0 ? Float.NaN : (float) random.nextDouble(4);
    }
    int[][] shards = new int[3][];
    int[] shardOf = IntStream.range(0, hits).map(i -> random.nextInt(3)).toArray();
    for (int shard = 0; shard < shards.length; shard++) {
      int of = shard;
      shards[shard] = IntStream.range(0, hits).filter(i -> shardOf[i] == of).toArray();
    }
    int[] merged = Arrays.stream(shards)
        .flatMapToInt(Arrays::stream)
        .boxed()
        .sorted((a, b) -> Float.compare(first[b], first[a]))
        .mapToInt(i -> i)
        .toArray();
    float[] mergedFirst = new float[hits];
    float[] mergedSession = new float[hits];
    for (int i = 0; i < hits; i++) {
      mergedFirst[i] = first[merged[i]];
      mergedSession[i] = session[merged[i]];
    }
    SessionRanking.Places one = SessionRanking.of(blend, first, session).top(hits);
    SessionRanking.Places several =
        SessionRanking.of(blend, mergedFirst, mergedSession).top(hits);
    assertThat(several.before()).isEqualTo(one.before());
    assertThat(several.scores()).isEqualTo(one.scores());
  }

  @Test
  void weightsByWhichWantedHitsWereDrawnAreLearned() {
    // Of one word the session decides, of three words the first pass.
    SplittableRandom random = new SplittableRandom(3);
    BlendLearner learner = new BlendLearner();
    for (int q = 0; q < 4000; q++) {
      int words = q % 2 == 0 ? 1 : 3;
      float[] first = new float[8];
      float[] session = new float[8];
      double[] scores = new double[8];
      for (int i = 0; i < 8; i++) {
        first[i] = 8 - i + (float) random.nextDouble();
        session[i] = (float) random.nextDouble(6);
        scores[i] = (words == 1 ? 0.2 : 1.5) * first[i] + (words == 1 ? 1.0 : 0.4) * session[i];
      }
      learner.add(words(words), first, session, drawn(scores, random), true);
    }
    assertThat(learner.size()).isEqualTo(4000);
    Blend.Learned learned = learner.learn(1);
    for (int words : new int[] {1, 3}) {
      // Two hits that differ in one part: the difference of their scores is its weight.
      float[] first = {8.5f, 7.5f, 6.5f, 5.5f, 4.5f, 3.5f, 2.5f, 1.5f};
      float[] session = {3, 4, 2, 5, 1, 3, 4, 2};
      float[] scores = learned.withQuery(words(words)).scores(first, session);
      double bySession = (scores[3] - scores[2] - (scores[5] - scores[4])) / (3 - 2);
      assertThat(bySession).isCloseTo(words == 1 ? 1.0 : 0.4, within(0.12));
      double byWords = scores[0] - scores[5];
      assertThat(byWords).isCloseTo(words == 1 ? 0.2 * 5 : 1.5 * 5, within(0.8));
    }
  }

  /**
   * Visitors want hits by their scores, their ranks, and the session, and look at position k with a
   * chance of 1/k. Learned as if they looked at all, the blend takes that for a reason to want what
   * stands on top.
   */
  @Test
  void weightsAreThoseOfWhatVisitorsWantNotOfWhereTheyLook() {
    SplittableRandom random = new SplittableRandom(11);
    BlendLearner corrected = new BlendLearner();
    BlendLearner naive = new BlendLearner();
    int hits = 10;
    double[] examination = new double[hits];
    Arrays.setAll(examination, k -> 1.0 / (k + 1));
    for (int q = 0; q < 20_000; q++) {
      float[] first = new float[hits];
      float[] session = new float[hits];
      double[] scores = new double[hits];
      for (int i = 0; i < hits; i++) {
        first[i] = (float) (4 - 0.3 * i + 2 * random.nextDouble());
        session[i] = (float) random.nextDouble(4);
        double wanted = 0.8 * first[i] - 0.5 * Math.log(i + 1) + 1.2 * session[i];
        scores[i] = wanted + Math.log(examination[i]);
      }
      int clicked = drawn(scores, random);
      corrected.add(words(1), first, session, examination, clicked, true);
      naive.add(words(1), first, session, clicked, true);
    }
    assertThat(average(corrected, "first pass")).isCloseTo(0.8, within(0.05));
    assertThat(average(corrected, "session")).isCloseTo(1.2, within(0.05));
    assertThat(average(corrected, "rank")).isCloseTo(0.5, within(0.05));
    assertThat(average(naive, "rank")).isCloseTo(0.5 + 1, within(0.05));
  }

  /** What a part weighs in an average query. */
  private static double average(BlendLearner learner, String part) {
    return Math.exp(Objects.requireNonNull(learner.learn(0).weights().get(part)));
  }

  @Test
  void learnedFromListsWithoutScoresItGoesByRankAndSession() {
    SplittableRandom random = new SplittableRandom(12);
    BlendLearner learner = new BlendLearner();
    float[] none = new float[6];
    Arrays.fill(none, Float.NaN);
    for (int q = 0; q < 3000; q++) {
      float[] session = new float[6];
      double[] scores = new double[6];
      for (int i = 0; i < 6; i++) {
        session[i] = (float) random.nextDouble(4);
        scores[i] = 0.7 * session[i] - 0.5 * Math.log(i + 1);
      }
      learner.add(words(0), none, session, drawn(scores, random), true);
    }
    assertThat(average(learner, "session")).isCloseTo(0.7, within(0.05));
    assertThat(average(learner, "rank")).isCloseTo(0.5, within(0.05));
    Blend.Learned learned = learner.learn(0);
    float[] session = {1, 2, 3, 1, 2, 1};
    float[] unscored = learned.scores(none, session);
    assertThat(unscored[2] - unscored[0]).isPositive();
    assertThat(learned.scores(new float[] {9, 9, 9, 9, 9, 9}, session)[2]
            - learned.scores(new float[] {90, 9, 9, 9, 9, 9}, session)[2])
        .isEqualTo(0);
    assertThat(SessionRanking.of(learned, none, session).describe(2, 0))
        .contains("words not counted, 6 hits");
  }

  private static int drawn(double[] scores, SplittableRandom random) {
    double total = Arrays.stream(scores).map(Math::exp).sum();
    double at = random.nextDouble(total);
    int drawn = 0;
    for (double sum = Math.exp(scores[0]); sum < at; sum += Math.exp(scores[drawn])) {
      drawn++;
    }
    return drawn;
  }

  @Test
  void sessionsThatHaveNothingToDoWithTheQueryTeachNotToFollowThem() {
    SplittableRandom random = new SplittableRandom(5);
    BlendLearner learner = new BlendLearner();
    for (int q = 0; q < 1000; q++) {
      float[] first = {4, 3, 2, 1};
      float[] own = new float[4];
      float[] other = new float[4];
      int wanted = random.nextInt(4);
      for (int i = 0; i < 4; i++) {
        own[i] = (float) random.nextDouble() + (i == wanted ? 1 : 0);
        other[i] = 2 * (float) random.nextDouble();
      }
      learner.add(words(1), first, own, wanted, true);
      learner.add(words(1), first, other, wanted, false);
    }
    assertThat(learner.size()).isEqualTo(1000);
    float[] first = {4, 3, 2, 1};
    float[] session = {0, 1, 0, 0};
    float[] alone = learner.learn(0).withWords(1).scores(first, session);
    float[] mixed = learner.learn(1).withWords(1).scores(first, session);
    assertThat(mixed[1] - mixed[0]).isLessThan(alone[1] - alone[0]);
  }

  @Test
  void withoutAnyWantedHitWithAVectorThereIsNothingToLearn() {
    BlendLearner learner = new BlendLearner();
    learner.add(words(1), new float[] {1, 2}, new float[] {Float.NaN, 1}, 0, true);
    learner.add(words(1), new float[] {1, 2}, new float[] {1, 1}, -1, true);
    learner.add(words(1), new float[] {2, 1}, new float[] {1, 2}, 1, false);
    assertThat(learner.size()).isZero();
    assertThatThrownBy(() -> learner.learn(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everyWeightIsWrittenAndReadByItsName() {
    Map<String, Double> numbered = weights(Map.of()).keySet().stream()
        .collect(Collectors.toMap(name -> name, name -> (double) name.hashCode()));
    assertThat(BlendWeights.of(numbered).named()).isEqualTo(numbered);
  }
}
