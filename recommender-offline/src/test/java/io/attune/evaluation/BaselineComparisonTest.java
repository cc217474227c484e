package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.baseline.Baseline;
import io.attune.evaluation.BaselineComparison.Result;
import io.attune.metric.Metric;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BaselineComparisonTest {
  private static final Metric HR = BaselineComparison.METRICS.get(0);
  private static final Metric MRR = BaselineComparison.METRICS.get(1);
  private static final int ITEMS = 40;
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(Integer::toString).toList());

  @Test
  void theFiguresAreThoseOfAnEvaluation() {
    Sessions train = circle(50, 0);
    Sessions validation = circle(20, 7);

    BaselineComparison compared =
        BaselineComparison.of(train, validation, new Split.Targets.AfterFirst());

    assertThat(compared.results())
        .extracting(result -> result.baseline().name())
        .containsExactly("sr", "item-knn", "v-sknn", "stan");
    assertThat(compared.predictions()).isEqualTo(40);
    assertThat(compared.sampled()).isFalse();
    Predictions predictions = Predictions.of(validation, new Split.Targets.AfterFirst());
    for (Result result : compared.results()) {
      Ranks ranks = new Ranker(result.excludeClicked(), 0)
          .rank(result.baseline().train(train), predictions, done -> {});
      assertThat(result.means().get(HR.name())).isEqualTo(ranks.mean(HR), within(1e-12));
      assertThat(result.means().get(MRR.name())).isEqualTo(ranks.mean(MRR), within(1e-12));
    }
  }

  @Test
  void clickedItemsAreNoCandidatesWhereThatIsBetter() {
    // v-sknn scores the items of similar sessions, also those that were clicked.
    Sessions onward = Sessions.of(
        VOCABULARY, List.of(new int[] {1, 2, 3}, new int[] {1, 2, 3}, new int[] {1, 2, 3}));
    Sessions back = Sessions.of(
        VOCABULARY, List.of(new int[] {1, 2, 1}, new int[] {1, 2, 1}, new int[] {1, 2, 1}));

    Result forOnward = neighbours(onward);
    assertThat(forOnward.excludeClicked()).isTrue();
    assertThat(forOnward.means().get("MRR@20")).isEqualTo(1);
    assertThat(neighbours(back).excludeClicked()).isFalse();
  }

  /** v-sknn, compared on the last clicks of what it was trained on. */
  private static Result neighbours(Sessions sessions) {
    return BaselineComparison.of(sessions, sessions, new Split.Targets.Last())
        .results()
        .get(2);
  }

  @Test
  void ofALargePartSomeSessionsAreTakenEvenly() {
    Sessions validation = circle(25_000, 3);

    BaselineComparison compared =
        BaselineComparison.of(circle(50, 0), validation, new Split.Targets.Last());

    assertThat(compared.predictions()).isEqualTo(12_500);
    assertThat(compared.sampled()).isTrue();
  }

  @Test
  void aBaselineIsBetterWhereItLeadsByMoreThanChance() {
    BaselineComparison compared = new BaselineComparison(
        List.of(result("sr", 0.30, 0.21, 0.02), result("stan", 0.50, 0.10, 0.02)), 1000, false);

    assertThat(compared.better(Map.of("HR@20", 0.49, "MRR@20", 0.20))).isEmpty();
    assertThat(compared.better(Map.of("HR@20", 0.49, "MRR@20", 0.18)))
        .hasValueSatisfying(best -> assertThat(best.baseline().name()).isEqualTo("sr"));
    assertThat(compared.better(Map.of("HR@20", 0.40, "MRR@20", 0.30)))
        .hasValueSatisfying(best -> assertThat(best.baseline().name()).isEqualTo("stan"));
  }

  @Test
  void aMarginIsThatOfAMeanOfIndependentPredictions() {
    // Of four predictions, two are hits at the first rank: sr knows what follows 1 and nothing
    // else.
    Sessions train = Sessions.of(VOCABULARY, List.of(new int[] {1, 2}, new int[] {1, 2}));
    Sessions validation = Sessions.of(
        VOCABULARY,
        List.of(new int[] {1, 2}, new int[] {1, 2}, new int[] {5, 6}, new int[] {5, 6}));

    Result sr = BaselineComparison.of(train, validation, new Split.Targets.AfterFirst())
        .results()
        .getFirst();

    assertThat(sr.means().get("MRR@20")).isEqualTo(0.5);
    assertThat(sr.margins().get("MRR@20")).isEqualTo(1.96 * 0.5 / 2, within(1e-12));
  }

  private static Result result(String name, double hr, double mrr, double margin) {
    return new Result(
        Baseline.parse(name),
        false,
        Map.of("HR@20", hr, "MRR@20", mrr),
        Map.of("HR@20", margin, "MRR@20", margin));
  }

  /** Sessions of three steps around a circle of all items. */
  private static Sessions circle(int count, int from) {
    List<int[]> sessions = new ArrayList<>();
    for (int s = 0; s < count; s++) {
      int start = from + 3 * s;
      sessions.add(IntStream.range(start, start + 3).map(i -> 1 + i % ITEMS).toArray());
    }
    return Sessions.of(VOCABULARY, sessions);
  }
}
