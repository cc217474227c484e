package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.evaluation.EvaluationReport.Entry;
import io.attune.evaluation.EvaluationReport.Kind;
import io.attune.metric.Metric;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationReportTest {
  private static final Metric HR = new Metric(Metric.Measure.HR, 20);

  @Test
  void aMeanOverSessionsGivesEachSessionTheSameWeight() {
    // Session 7 hits with 1 of 1 predictions, session 3 with 0 of 3, in any order.
    EvaluationReport report =
        report(List.of(entry("a", Kind.MODEL, 0, 1, 0, 0)), new int[] {3, 7, 3, 3});
    EvaluationReport.Figure figure = report.rows().getFirst().figure(HR);
    assertThat(figure.mean()).isCloseTo(1 / 4.0, within(1e-12));
    assertThat(figure.overSessions()).isCloseTo(1 / 2.0, within(1e-12));
  }

  @Test
  void theVerdictNamesTheMetricsByWhichNoModelWins() {
    int[] sessions = IntStream.range(0, 300).toArray();
    double[] often =
        IntStream.range(0, 300).mapToDouble(p -> p % 3 == 0 ? 0 : 1).toArray();
    double[] seldom =
        IntStream.range(0, 300).mapToDouble(p -> p % 3 == 0 ? 1 : 0).toArray();
    assertThat(report(
                List.of(entry("m", Kind.MODEL, often), entry("b", Kind.BASELINE, seldom)), sessions)
            .verdict())
        .isEmpty();
    assertThat(report(
                List.of(entry("m", Kind.MODEL, often), entry("b", Kind.BASELINE, often)), sessions)
            .verdict())
        .contains("No model significantly beats the best baseline: no significant difference"
            + " between b and m at HR@20; no significant difference between b and m at MRR@20");
    assertThat(report(
                List.of(entry("m", Kind.MODEL, seldom), entry("b", Kind.BASELINE, often)), sessions)
            .verdict())
        .hasValueSatisfying(verdict -> assertThat(verdict)
            .startsWith("No model significantly beats the best baseline: b beats m at HR@20 by"
                + " 33.33 ± ")
            .contains("; b beats m at MRR@20 by "));
    assertThat(report(List.of(entry("m", Kind.MODEL, often)), sessions).verdict())
        .isEmpty();
  }

  private static EvaluationReport report(List<Entry> entries, int[] sessions) {
    int distinct = (int) IntStream.of(sessions).distinct().count();
    return EvaluationReport.of(
        Map.of(), List.of(), List.of(), List.of(5, 20), entries, sessions, distinct, List.of());
  }

  private static Entry entry(String name, Kind kind, double... values) {
    return new Entry(
        new ScoredRun() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public double[] values(Metric metric) {
            return values;
          }
        },
        kind,
        null);
  }
}
