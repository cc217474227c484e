package io.attune.evaluation;

import io.attune.baseline.Baseline;
import io.attune.recommender.Recommender;
import io.attune.session.Filters;
import io.attune.session.Sessions;

/**
 * The training data of baselines.
 *
 * @param sessions the sessions before filtering
 * @param filtered the sessions after filtering, which baselines are trained on
 */
record BaselineData(Sessions sessions, Sessions filtered) {

  static BaselineData of(Sessions sessions, Filters filters) {
    return new BaselineData(sessions, filters.train(sessions).sessions());
  }

  /**
   * Trains a baseline.
   *
   * @throws IllegalArgumentException if it needs click times and the sessions have none
   */
  Recommender train(Baseline baseline) {
    return baseline.train(filtered);
  }
}
