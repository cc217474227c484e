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
 * Which clicks of a log are tested.
 *
 * @param unknown what becomes of test clicks on items that no recommender was trained on
 * @param filters what is too short to test
 * @param listener is told what is not tested
 */
record TestSelection(
    Holdout holdout, UnknownItems unknown, Filters filters, EvaluationListener listener) {

  /**
   * The predictions of a test. Where unknown items are dropped, only clicks that all recommenders
   * know are left.
   *
   * @param log all of it
   * @param known the items of each recommender, by its name
   * @throws IllegalArgumentException when nothing is left to predict
   */
  Predictions predictions(Sessions log, Split split, Map<String, Vocabulary> known) {
    Sessions test = holdout instanceof Holdout.None ? log : split.test();
    if (split.sessionsNotTested() > 0) {
      listener.onNote("not tested: %s that %s"
          .formatted(
              Figures.count(split.sessionsNotTested(), "session"),
              split.cut() == null
                  ? "have fewer than 3 clicks"
                  : "began before the cut at " + split.cut()));
    }
    // Every recommender looks up its own items: the test keeps those of the log.
    Sessions longEnough = filter(test, test.vocabulary(), UnknownItems.MISS, split);
    Predictions all = Predictions.of(longEnough, split.targets());
    if (all.size() == 0) {
      throw new IllegalArgumentException(
          "there is nothing to predict: no tested session has two clicks");
    }
    if (unknown == UnknownItems.MISS) {
      return all;
    }
    Sessions left = longEnough;
    for (Map.Entry<String, Vocabulary> each : known.entrySet()) {
      List<String> nothing = TestChecks.allUnknown(each.getKey(), all, each.getValue());
      if (!nothing.isEmpty()) {
        throw new IllegalArgumentException("there is nothing to predict: " + nothing.getFirst());
      }
      left = filter(left, each.getValue(), UnknownItems.DROP, split);
    }
    Predictions predictions = Predictions.of(left, split.targets());
    if (predictions.size() == 0) {
      throw new IllegalArgumentException(
          "there is nothing to predict: no tested session has two clicks on known items");
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
