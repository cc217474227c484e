package io.attune.evaluation;

import io.attune.metric.Metric;
import io.attune.metric.Ties;

/** Predictions of which is known how good each is: the stuff that tables and tests are made of. */
public interface ScoredRun {
  /** Whose predictions they are. */
  String name();

  /**
   * What each prediction is worth.
   *
   * @return float64 (P), in the order of all that are compared with it
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
