package io.attune.evaluation;

import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.List;
import java.util.Map;

/**
 * Selects the test clicks of a log.
 *
 * @param holdout the part of the log to test on
 * @param unknown how test clicks on unknown items are treated
 * @param filters the filters of test sessions
 * @param listener receives notes about what is not tested
 */
record TestSelection(
    Holdout holdout, UnknownItems unknown, Filters filters, EvaluationListener listener) {

  /**
   * Returns the predictions of the test. If unknown items are dropped, only clicks on items that
   * all recommenders know remain.
   *
   * @param log the whole log
   * @param split its split by the holdout
   * @param known the vocabulary of each recommender, by name
   * @throws IllegalArgumentException if there is nothing to predict
   */
  Predictions predictions(Sessions log, Split split, Map<String, Vocabulary> known) {
    Sessions test = holdout instanceof Holdout.None ? log : split.test();
    if (split.sessionsNotTested() > 0) {
      listener.onNote("not tested: %s %s"
          .formatted(
              Figures.count(split.sessionsNotTested(), "session"),
              split.cut() == null
                  ? "with fewer than 3 clicks"
                  : "that began before the cut at " + split.cut()));
    }
    // The test keeps the vocabulary of the log; each recommender maps it to its own.
    Sessions longEnough = filter(test, test.vocabulary(), UnknownItems.MISS, split);
    Predictions all = Predictions.of(longEnough, split.targets());
    if (all.size() == 0) {
      throw new IllegalArgumentException("nothing to predict: no test session has two clicks");
    }
    if (unknown == UnknownItems.MISS) {
      return all;
    }
    Sessions left = longEnough;
    for (Map.Entry<String, Vocabulary> each : known.entrySet()) {
      List<String> findings = TestChecks.allUnknown(each.getKey(), all, each.getValue());
      if (!findings.isEmpty()) {
        throw new IllegalArgumentException("nothing to predict: " + findings.getFirst());
      }
      left = filter(left, each.getValue(), UnknownItems.DROP, split);
    }
    Predictions predictions = Predictions.of(left, split.targets());
    if (predictions.size() == 0) {
      throw new IllegalArgumentException(
          "nothing to predict: no test session has two clicks on known items");
    }
    return predictions;
  }

  private Sessions filter(
      Sessions test, Vocabulary vocabulary, UnknownItems treatment, Split split) {
    Filters.Filtered filtered = filters.test(test, vocabulary, treatment, split.targets());
    for (Filters.Step step : filtered.steps()) {
      if (step.sessionsDropped() > 0 || step.clicksDropped() > 0) {
        listener.onNote("dropped: " + Figures.dropped(step));
      }
    }
    return filtered.sessions();
  }
}
