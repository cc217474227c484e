package io.attune.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.recommender.Popularity;
import io.attune.recommender.Prefix;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnsembleTest {
  private static final Vocabulary THREE = Vocabulary.of(List.of("a", "b", "c"));
  private static final Metric MRR = new Metric(Metric.Measure.MRR, 3);

  /** Scores 3, 2 and 1. */
  private static final Popularity NEURAL = new Popularity(THREE, new long[] {3, 2, 1});

  /** Scores c three times as high as b. */
  private static final SparseRecommender KNN = new SparseRecommender(THREE) {
    @Override
    public String name() {
      return "knn";
    }

    @Override
    protected void score(Prefix prefix, SparseScores scores) {
      scores.add(2, 1);
      scores.add(3, 3);
    }
  };

  @Test
  void normalizedScoresAreAdded() {
    double sum = Math.exp(3) + Math.exp(2) + Math.exp(1);
    assertScores(
        new Ensemble.Combination.WeightedSum(2, 10),
        Math.exp(3) / sum,
        Math.exp(2) / sum + 0.5,
        Math.exp(1) / sum + 1.5);
    assertScores(
        new Ensemble.Combination.WeightedSum(2, 1),
        Math.exp(3) / sum,
        Math.exp(2) / sum,
        Math.exp(1) / sum + 2);
  }

  @Test
  void reciprocalRanksAreAdded() {
    assertScores(
        new Ensemble.Combination.ReciprocalRankFusion(0.5, 10, 1),
        1 / 2.0,
        1 / 3.0 + 0.5 / 3,
        1 / 4.0 + 0.5 / 2);
  }

  @Test
  void theSmallestOfTheBestWeightsIsChosen() {
    Ensemble ensemble = new Ensemble("both", NEURAL, KNN, Ensemble.DEFAULT);
    List<Double> weights = List.of(2.0, 0.0, 1.0);

    assertThat(weight(ensemble, weights, 3)).isEqualTo(1.0);
    assertThat(weight(ensemble, weights, 1)).isEqualTo(0.0);
    assertThatThrownBy(() -> weight(ensemble, List.of(), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSessionThatEndsWithAnUnknownItemIsNotUsedToChooseTheWeight() {
    Ensemble ensemble = new Ensemble("both", NEURAL, KNN, Ensemble.DEFAULT);
    Vocabulary four = Vocabulary.of(List.of("a", "b", "c", "x"));
    // b, c would favour the kNN but may be in the training data; the target is x.
    Sessions unknownLast = Sessions.of(four, List.of(new int[] {2, 3, 4}, new int[] {2, 1}));
    Sessions alone = Sessions.of(four, List.of(new int[] {2, 3, 4}));
    List<Double> weights = List.of(0.0, 1.0);

    assertThat(ensemble
            .chooseWeight(weights, unknownLast, new Split.Targets.Last(), MRR)
            .combination()
            .weight())
        .isEqualTo(0.0);
    assertThatThrownBy(() -> ensemble.chooseWeight(weights, alone, new Split.Targets.Last(), MRR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 and 0");
  }

  private static double weight(Ensemble ensemble, List<Double> weights, int target) {
    Sessions validation = Sessions.of(THREE, List.of(new int[] {2, target}));
    return ensemble
        .chooseWeight(weights, validation, new Split.Targets.AfterFirst(), MRR)
        .combination()
        .weight();
  }

  @Test
  void recommendersOfDifferentItemsAreRejected() {
    Popularity other = new Popularity(Vocabulary.of(List.of("x")), new long[] {1});
    assertThatThrownBy(() -> new Ensemble("both", other, KNN, Ensemble.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pop knows 1 and knn 3");
    assertThatThrownBy(() -> new Ensemble.Combination.WeightedSum(-1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  private static void assertScores(Ensemble.Combination combination, double... expected) {
    float[] scores = new float[4];
    new Ensemble("both", NEURAL, KNN, combination)
        .score(List.of(new Prefix(new int[] {1}, 1)), scores);
    assertThat(scores[0]).isEqualTo(Float.NEGATIVE_INFINITY);
    for (int row = 1; row <= 3; row++) {
      assertThat((double) scores[row]).isCloseTo(expected[row - 1], within(1e-6));
    }
  }
}
