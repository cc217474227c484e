package io.attune.evaluation;

import io.attune.metric.Metric;
import java.util.List;
import java.util.Locale;

/**
 * Whether a candidate is not worse than the present model by more than a margin: the 95 % interval
 * of the paired difference, over sessions, must lie above it. Too few sessions make the interval
 * wide, so a test that can tell nothing does not let a candidate pass.
 *
 * @param metric by which both are compared
 * @param present mean of the present model
 * @param candidate mean of the candidate
 * @param difference of the candidate to the present model
 * @param margin how much worse the candidate may be, as a share of {@code present}
 */
public record NonInferiority(
    Metric metric, double present, double candidate, Interval difference, double margin) {

  /** Throws an IllegalArgumentException if the margin is not from 0 to 1. */
  public NonInferiority {
    if (!(margin >= 0 && margin <= 1)) {
      throw new IllegalArgumentException("a margin must be from 0 to 1, but is " + margin);
    }
  }

  /**
   * Tests a candidate by HR and MRR at the largest cutoff of a report.
   *
   * @param present the name of the present model in the report
   * @param candidate the name of the candidate
   * @throws IllegalArgumentException if the report does not compare these two
   */
  public static List<NonInferiority> of(
      EvaluationReport report, String present, String candidate, double margin) {
    return report.primaryMetrics().stream()
        .map(metric -> {
          Comparison comparison = report
              .comparison(metric, present, candidate)
              .orElseThrow(() -> new IllegalArgumentException(
                  "the report does not compare " + present + " with " + candidate));
          Interval interval = comparison.difference().interval();
          return new NonInferiority(
              metric,
              report.row(present).figure(metric).mean(),
              report.row(candidate).figure(metric).mean(),
              comparison.better().equals(candidate)
                  ? interval
                  : new Interval(0 - interval.high(), 0 - interval.low()), // not -0
              margin);
        })
        .toList();
  }

  /** Whether the candidate is shown to be not worse. */
  public boolean holds() {
    return difference.low() >= -margin * present;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: candidate %s, present %s, difference %s to %s: %s worse by %s %% or more",
        metric.name(),
        Figures.percent(candidate),
        Figures.percent(present),
        Figures.percent(difference.low()),
        Figures.percent(difference.high()),
        holds() ? "not" : "may be",
        Figures.percent(margin));
  }
}
