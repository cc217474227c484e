package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.experiment.PositionBias;
import io.attune.lucene.BlendLearner;
import io.attune.session.LoggedQuery;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.junit.jupiter.api.Test;

/**
 * Visitors who look at position k with a chance of 1/k, and want hits by 0.8 of their score and 1.2
 * of the session's. The search shows hits by their scores, but not always in the same order.
 */
class PositionCorrectionTest {
  private static final int HITS = 12;
  private static final int LISTS = 12_000;

  /** A list with its scores, in the order of the positions. */
  private record Shown(LoggedQuery query, float[] first, float[] session) {}

  private static List<Shown> simulate() {
    SplittableRandom random = new SplittableRandom(3);
    List<Shown> lists = new ArrayList<>();
    for (int l = 0; l < LISTS; l++) {
      int words = random.nextInt(60);
      double[] scores = new SplittableRandom(words).doubles(HITS, 0, 5).toArray();
      double[] engine =
          Arrays.stream(scores).map(score -> score + random.nextDouble(3)).toArray();
      int[] order = IntStream.range(0, HITS)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -engine[i]))
          .mapToInt(i -> i)
          .toArray();
      float[] first = new float[HITS];
      float[] session = new float[HITS];
      double[] chances = new double[HITS];
      for (int k = 0; k < HITS; k++) {
        first[k] = (float) scores[order[k]];
        session[k] = (float) random.nextDouble(3);
        chances[k] = Math.exp(0.8 * first[k] + 1.2 * session[k]) / (k + 1);
      }
      double at = random.nextDouble(Arrays.stream(chances).sum());
      int clicked = 0;
      for (double sum = chances[0]; sum < at; sum += chances[clicked]) {
        clicked++;
      }
      List<String> shown = Arrays.stream(order).mapToObj(i -> "i" + i).toList();
      lists.add(new Shown(
          new LoggedQuery("", "s", "w" + words, shown, shown.get(clicked), Sessions.NO_TIME, l),
          first,
          session));
    }
    return lists;
  }

  private static BlendLearner learner(List<Shown> lists, PositionBias positions) {
    BlendLearner learner = new BlendLearner();
    for (Shown list : lists) {
      learner.add(
          MatchAllDocsQuery.INSTANCE,
          list.first,
          list.session,
          positions.examination(list.query.shown()),
          list.query.shown().indexOf(list.query.clicked()),
          true);
    }
    return learner;
  }

  /** What a part weighs in an average query. */
  private static double average(BlendLearner learner, String part) {
    return Math.exp(Objects.requireNonNull(learner.learn(0).weights().get(part)));
  }

  @Test
  void theWeightsAreFoundWithTheCorrectionAndNotWithoutIt() {
    List<Shown> lists = simulate();
    PositionBias positions =
        PositionBias.estimate(lists.stream().map(Shown::query).toList());
    // What else differs between the visitors of a list makes positions seem more alike: the
    // estimate is a little careful, by about a tenth of the logarithm.
    for (int k = 0; k < HITS; k++) {
      assertThat(positions.examination(k)).isBetween(1.0 / (k + 1), Math.pow(k + 1, -0.75));
    }
    BlendLearner corrected = learner(lists, positions);
    assertThat(average(corrected, "first pass")).isCloseTo(0.8, within(0.1));
    assertThat(average(corrected, "session")).isCloseTo(1.2, within(0.1));
    assertThat(average(corrected, "rank")).isLessThan(0.25);
    BlendLearner naive = learner(lists, PositionBias.estimate(List.of()));
    assertThat(average(naive, "rank")).isGreaterThan(0.9);
  }
}
