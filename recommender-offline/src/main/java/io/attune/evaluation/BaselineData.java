package io.attune.evaluation;

import io.attune.baseline.Baseline;
import io.attune.recommender.Recommender;
import io.attune.session.Filters;
import io.attune.session.Sessions;

/**
 * The sessions that baselines are trained on.
 *
 * @param sessions all of them
 * @param filtered those left by the filters
 */
record BaselineData(Sessions sessions, Sessions filtered) {

  static BaselineData of(Sessions sessions, Filters filters) {
    return new BaselineData(sessions, filters.train(sessions).sessions());
  }

  /**
   * Trains a baseline.
   *
   * @throws IllegalArgumentException if it needs click times and there are none
   */
  Recommender train(Baseline baseline) {
    return baseline.train(filtered);
  }
}
