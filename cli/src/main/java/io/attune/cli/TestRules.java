package io.attune.cli;

import io.attune.evaluation.Predictions;
import io.attune.evaluation.TestChecks;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.List;
import java.util.Map;

/**
 * What of a log is tested.
 *
 * @param unknown what becomes of test clicks on items that nobody was trained on
 * @param filters what is too short to test
 */
record TestRules(Holdout holdout, UnknownItems unknown, Filters filters) {

  /** Divides a log. */
  Split split(Sessions sessions) throws CommandFailure {
    try {
      return holdout.split(sessions);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }

  /**
   * What is predicted; says on the console what is not. Where unknown items are dropped, what all
   * of them know.
   *
   * @param sessions all of the log
   * @param known by the name of who knows them
   */
  Predictions predictions(
      Sessions sessions, Split split, Map<String, Vocabulary> known, Console console)
      throws CommandFailure {
    Sessions test = holdout instanceof Holdout.None ? sessions : split.test();
    if (split.sessionsNotTested() > 0) {
      console.line("not tested: %s that %s"
          .formatted(
              Figures.count(split.sessionsNotTested(), "session"),
              split.cut() == null
                  ? "have fewer than 3 clicks"
                  : "began before the cut at " + split.cut()));
    }
    // Every recommender looks up its own items: the test keeps those of the log.
    Sessions longEnough = filter(test, test.vocabulary(), UnknownItems.MISS, split, console);
    Predictions all = Predictions.of(longEnough, split.targets());
    if (all.size() == 0) {
      throw new CommandFailure("there is nothing to predict: no tested session has two clicks");
    }
    if (unknown == UnknownItems.MISS) {
      return all;
    }
    Sessions left = longEnough;
    for (Map.Entry<String, Vocabulary> each : known.entrySet()) {
      List<String> nothing = TestChecks.allUnknown(each.getKey(), all, each.getValue());
      if (!nothing.isEmpty()) {
        throw new CommandFailure("there is nothing to predict: " + nothing.getFirst());
      }
      left = filter(left, each.getValue(), UnknownItems.DROP, split, console);
    }
    Predictions predictions = Predictions.of(left, split.targets());
    if (predictions.size() == 0) {
      throw new CommandFailure(
          "there is nothing to predict: no tested session has two clicks on known items");
    }
    return predictions;
  }

  private Sessions filter(
      Sessions test, Vocabulary vocabulary, UnknownItems unknown, Split split, Console console) {
    Filters.Filtered filtered = filters.test(test, vocabulary, unknown, split.targets());
    for (Filters.Step step : filtered.steps()) {
      if (step.sessionsDropped() > 0 || step.clicksDropped() > 0) {
        console.line("dropped: " + TrainCommand.dropped(step));
      }
    }
    return filtered.sessions();
  }
}
