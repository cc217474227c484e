package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SessionPrefixes;
import io.attune.recommender.TargetRanks;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClickedLearnerTest {
  private static final int ITEMS = 200;
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());

  @Test
  void ranksAndLikelihoodOfASampleAreThoseOfAllScores() {
    Sessions sessions = sessions(60, 0.5);
    ScoredItems recommender = new ScoredItems(2);
    ClickedSample sample = ClickedSample.of(data(sessions), recommender, 1);
    SplittableRandom random = new SplittableRandom(5);
    float[] weights = new float[ClickedFeatures.COUNT];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextDouble(-1, 1);
    }
    ClickedCorrection correction = new ClickedCorrection(weights);
    List<Integer> expected = new ArrayList<>();
    List<Double> likelihoods = new ArrayList<>();
    for (int s = 0; s < sessions.size(); s++) {
      SessionPrefixes.visit(sessions, s, 1, (prefix, target) -> {
        float[] scores = new float[ITEMS + 1];
        recommender.score(List.of(prefix), scores);
        correction.scores(prefix.clicks(), prefix.length()).addTo(scores, 0);
        TargetRanks ranks = new TargetRanks(1, 0);
        ranks.compute(0, ItemScores.of(scores, 0, ITEMS), target);
        expected.add(Math.min(ranks.rank(0), ClickedSample.DEPTH + 1));
        likelihoods.add(scores[target]
            - Math.log(IntStream.rangeClosed(1, ITEMS)
                .mapToDouble(row -> Math.exp(scores[row]))
                .sum()));
      });
    }
    List<Integer> found = new ArrayList<>();
    List<Double> foundLikelihoods = new ArrayList<>();
    sample.sessions().stream().flatMap(List::stream).forEach(prediction -> {
      float[] additions = new float[prediction.scores().length];
      double sum = Math.exp(prediction.others());
      for (int i = 0; i < additions.length; i++) {
        additions[i] = correction.addition(prediction.clicked().values()[i]);
        sum += Math.exp(prediction.scores()[i] + additions[i]);
      }
      found.add(Math.min(prediction.rank(additions), ClickedSample.DEPTH + 1));
      int target = prediction.target();
      double score = prediction.score() + (target < 0 ? 0 : additions[target]);
      foundLikelihoods.add(score - Math.log(sum));
    });
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(found).contains(1, 2, ClickedSample.DEPTH + 1);
    assertThat(foundLikelihoods.stream().mapToDouble(each -> each).sum())
        .isCloseTo(likelihoods.stream().mapToDouble(each -> each).sum(), within(1e-3));
  }

  @Test
  void theWeightsAreWhereEverySlopeIsZero() {
    ClickedSample sample = ClickedSample.of(data(sessions(200, 0.5)), new ScoredItems(1), 1);
    double[] weights = new ClickedLikelihood(sample.sessions()).maximize();
    double best = penalised(sample, weights);
    for (int i = 0; i < weights.length; i++) {
      for (double step : new double[] {-0.02, 0.02}) {
        double[] moved = weights.clone();
        moved[i] += step;
        assertThat(penalised(sample, moved)).as("weight %d", i).isLessThan(best);
      }
    }
  }

  /** The plain computation of what is maximised. */
  private static double penalised(ClickedSample sample, double[] weights) {
    double sum = -Arrays.stream(weights).map(w -> 0.1 * w * w / 2).sum();
    for (ClickedSample.Prediction each :
        sample.sessions().stream().flatMap(List::stream).toList()) {
      double all = Math.exp(each.others());
      double target = each.score();
      for (int i = 0; i < each.scores().length; i++) {
        double score =
            each.scores()[i] + ClickedLikelihood.dot(weights, each.clicked().values()[i]);
        all += Math.exp(score);
        target = i == each.target() ? score : target;
      }
      sum += target - Math.log(all);
    }
    return sum;
  }

  @Test
  void whereNobodyComesBackClickedItemsArePushedFarDown() {
    // Clicked items score highest by far, and are never the target.
    ClickedGain gain = ClickedLearner.learn(data(sessions(1000, 0)), new ScoredItems(6), 1);
    for (int[] clicks : new int[][] {{1}, {1, 2}, {1, 2, 3, 4, 5}}) {
      for (float addition : gain.correction().scores(clicks, clicks.length).additions()) {
        assertThat(addition).isLessThan(-5);
      }
    }
    assertThat(gain.after().get("MRR@20")).isGreaterThan(gain.before().get("MRR@20") * 1.2);
  }

  @Test
  void whereVisitorsComeBackClickedItemsAreLiftedUp() {
    ClickedGain gain = ClickedLearner.learn(data(sessions(300, 0.8)), new ScoredItems(-2), 1);
    assertThat(gain.correction().isNone()).isFalse();
    int[] clicks = {1, 2, 3};
    assertThat(gain.correction().scores(clicks, 3).of(1)).isPositive();
    assertThat(gain.after().get("HR@20")).isGreaterThan(gain.before().get("HR@20"));
  }

  @Test
  void figuresBeforeAreThoseOfAnEvaluationOfAllPredictions() {
    Sessions sessions = sessions(100, 0.5);
    ScoredItems recommender = new ScoredItems(1);
    ClickedGain gain = ClickedLearner.learn(data(sessions), recommender, 1);
    Metric mrr = new Metric(Metric.Measure.MRR, 20);
    double[] sum = new double[2];
    for (int s = 0; s < sessions.size(); s++) {
      SessionPrefixes.visit(sessions, s, 1, (prefix, target) -> {
        int rank =
            recommender.rank(List.of(prefix), new int[] {target}, false, 0).rank(0);
        sum[0] += mrr.value(rank);
        sum[1]++;
      });
    }
    assertThat(gain.before().get("MRR@20")).isCloseTo(sum[0] / sum[1], within(1e-9));
  }

  @Test
  void aRankingThatCannotBeImprovedIsLeftAlone() {
    // The target scores highest whether it was clicked or not.
    Sessions sessions = sessions(100, 0.5);
    Recommender oracle = new ScoredItems(0) {
      @Override
      void score(Prefix prefix, float[] scores, int start) {
        scores[start + prefix.clicks()[prefix.length()]] = 30;
      }
    };
    ClickedGain gain = ClickedLearner.learn(data(sessions), oracle, 1);
    assertThat(gain.correction().isNone()).isTrue();
    assertThat(gain.after()).isEqualTo(gain.before());
  }

  @Test
  void aFewSessionsOrNoneProveNothing() {
    assertThat(ClickedLearner.learn(data(sessions(8, 0)), new ScoredItems(6), 1)
            .correction()
            .isNone())
        .isTrue();
    assertThat(ClickedLearner.of(new ClickedSample(List.of(), 7)).correction().isNone())
        .isTrue();
  }

  @Test
  void aSeedReproducesTheCorrection() {
    TrainingData data = data(sessions(100, 0.4));
    ClickedCorrection once = ClickedLearner.learn(data, new ScoredItems(3), 1).correction();
    ClickedCorrection again = ClickedLearner.learn(data, new ScoredItems(3), 1).correction();
    assertThat(once.isNone()).isFalse();
    assertThat(once.weights()).containsExactly(again.weights());
  }

  private static TrainingData data(Sessions validation) {
    Sessions train = Sessions.of(VOCABULARY, List.of(new int[] {1, 2, 3}));
    return new TrainingData(train, train, validation, new Split.Targets.AfterFirst());
  }

  /** Visitors who click one of the next items, or with some chance one that they clicked before. */
  private static Sessions sessions(int count, double back) {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> sessions = new ArrayList<>();
    for (int s = 0; s < count; s++) {
      int[] rows = new int[2 + random.nextInt(6)];
      rows[0] = 1 + random.nextInt(ITEMS);
      for (int i = 1; i < rows.length; i++) {
        rows[i] = random.nextDouble() < back
            ? rows[random.nextInt(i)]
            : 1 + (rows[i - 1] + random.nextInt(30)) % ITEMS;
      }
      int from = s;
      sessions.add(
          back > 0
              ? rows
              : IntStream.range(0, rows.length)
                  .map(i -> 1 + (from * 7 + 3 * i) % ITEMS)
                  .toArray());
    }
    return Sessions.of(VOCABULARY, sessions);
  }

  /** Knows which items come next, and scores clicked items by a constant. */
  private static class ScoredItems implements Recommender {
    private final float clicked;

    ScoredItems(float clicked) {
      this.clicked = clicked;
    }

    @Override
    public String name() {
      return "scored";
    }

    @Override
    public Vocabulary vocabulary() {
      return VOCABULARY;
    }

    @Override
    public void score(List<Prefix> prefixes, float[] scores) {
      for (int i = 0; i < prefixes.size(); i++) {
        int start = i * (ITEMS + 1);
        Arrays.fill(scores, start, start + ITEMS + 1, 0);
        score(prefixes.get(i), scores, start);
        scores[start] = Float.NEGATIVE_INFINITY;
      }
    }

    void score(Prefix prefix, float[] scores, int start) {
      int last = prefix.clicks()[prefix.length() - 1];
      for (int i = 0; i < 30; i++) {
        scores[start + 1 + (last + i) % ITEMS] = 4 - i / 16f;
      }
      for (int i = 0; i < prefix.length(); i++) {
        scores[start + prefix.clicks()[i]] = clicked;
      }
    }
  }
}
