package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.metric.Metric;
import io.attune.metric.Metric.Measure;
import io.attune.metric.Ties;
import io.attune.recommender.Popularity;
import io.attune.recommender.Recommender;
import io.attune.session.Sessions;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankCountsTest {
  private static final int ITEMS = 12;

  private final Recommender popularity = new Popularity(
      Vocabulary.of(IntStream.range(0, ITEMS).mapToObj(i -> "i" + i).toList()),
      IntStream.range(0, ITEMS).mapToLong(i -> i / 2).toArray());

  @Test
  void meansOfRanksOneTwoAndFourMatchHandArithmetic() {
    RankCounts counts = new RankCounts(1, 4, 0, 0, 0, 0, new long[] {1, 1, 0, 1, 0});
    assertThat(counts.mean(new Metric(Measure.HR, 2))).isEqualTo(0.5);
    assertThat(counts.mean(new Metric(Measure.MRR, 5)))
        .isEqualTo((1 + 1 / 2.0 + 1 / 4.0) / 4, within(1e-15));
    assertThat(counts.mean(new Metric(Measure.NDCG, 2)))
        .isEqualTo((1 + Math.log(2) / Math.log(3)) / 4, within(1e-15));
  }

  @Test
  void countsOfPartsAddUpForAnyRuleOfTies() {
    List<int[]> rows = rows(200);
    Ranks whole = ranks(rows);
    for (Ties ties : Ties.values()) {
      RankCounts sum = RankCounts.none(5);
      for (int from = 0; from < rows.size(); from += 37) {
        Ranks part = ranks(rows.subList(from, Math.min(rows.size(), from + 37)));
        sum = RankCounts.of(part, 5, ties).plus(sum);
      }
      assertThat(sum).usingRecursiveComparison().isEqualTo(RankCounts.of(whole, 5, ties));
      assertThat(sum.unknownTargets()).isPositive();
      assertThat(sum.tied()).isPositive();
      assertThat(sum.repeatedTargets()).isPositive();
      for (Measure measure : List.of(Measure.HR, Measure.MRR, Measure.NDCG)) {
        Metric metric = new Metric(measure, 4);
        assertThat(sum.mean(metric)).isEqualTo(whole.mean(metric, ties), within(1e-12));
      }
    }
  }

  @Test
  void metricsThatNeedMoreThanCountsAreRejected() {
    RankCounts counts = RankCounts.none(5);
    assertThat(counts.mean(new Metric(Measure.HR, 5))).isNaN();
    assertThatThrownBy(() -> counts.mean(new Metric(Measure.HR, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("up to rank 6, but their depth is 5");
    assertThatThrownBy(() -> counts.mean(new Metric(Measure.MAP, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MAP@5");
    assertThatThrownBy(() -> counts.plus(RankCounts.none(6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 and 6");
  }

  private Ranks ranks(List<int[]> rows) {
    return Ranker.rank(
        popularity, Sessions.of(popularity.vocabulary(), rows), new Targets.AfterFirst());
  }

  /** Sessions with some clicks on unknown items. */
  private static List<int[]> rows(int count) {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(Arrays.stream(new int[1 + random.nextInt(6)])
          .map(each -> random.nextInt(ITEMS + 1))
          .toArray());
    }
    return rows;
  }
}
