package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.recommender.Recommender;
import io.attune.session.Filters;
import io.attune.session.Sessions;

/**
 * What baselines learn from.
 *
 * @param sessions all of them
 * @param filtered without what is too rare to learn from
 */
record BaselineData(Sessions sessions, Sessions filtered) {

  static BaselineData of(Sessions sessions, Filters rules) {
    return new BaselineData(sessions, rules.train(sessions).sessions());
  }

  /** A baseline that learnt from them. */
  Recommender teach(Baseline baseline) throws CommandFailure {
    try {
      return baseline.train(filtered);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }
}
