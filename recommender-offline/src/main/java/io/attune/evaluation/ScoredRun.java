package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Ties;

/** The scored predictions of a recommender or a run, which reports are computed from. */
interface ScoredRun {
  /** The name of the recommender or run. */
  String name();

  /**
   * The value of a metric for each prediction.
   *
   * @return float64 (P), in the same order for all runs that are compared
   */
  double[] values(Metric metric);

  /** The predictions of a recommender under a rule for ties. */
  record Recommended(Ranks ranks, Ties ties) implements ScoredRun {
    @Override
    public String name() {
      return ranks.recommender();
    }

    @Override
    public double[] values(Metric metric) {
      return ranks.values(metric, ties);
    }
  }
}
