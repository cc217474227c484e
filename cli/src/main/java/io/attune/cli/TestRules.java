package io.attune.cli;

import io.attune.evaluation.Predictions;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.List;

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
   * vocabularies know.
   *
   * @param sessions all of the log
   */
  Predictions predictions(
      Sessions sessions, Split split, List<Vocabulary> vocabularies, Console console)
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
    for (Vocabulary vocabulary : vocabularies) {
      Filters.Filtered filtered = filters.test(test, vocabulary, unknown, split.targets());
      for (Filters.Step step : filtered.steps()) {
        if (step.sessionsDropped() > 0 || step.clicksDropped() > 0) {
          console.line("dropped: " + TrainCommand.dropped(step));
        }
      }
      test = filtered.sessions();
      if (unknown == UnknownItems.MISS) {
        break; // Every recommender looks up its own items.
      }
    }
    Predictions predictions = Predictions.of(test, split.targets());
    if (predictions.size() == 0) {
      throw new CommandFailure("there is nothing to predict: no tested session has two clicks"
          + (unknown == UnknownItems.DROP ? " on known items" : ""));
    }
    return predictions;
  }
}
