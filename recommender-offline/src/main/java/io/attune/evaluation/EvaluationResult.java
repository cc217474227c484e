package io.attune.evaluation;

import io.attune.metric.Ties;
import java.util.List;

/**
 * An evaluation with the predictions it was made of, for exports.
 *
 * @param report the figures, and what to think of them
 * @param predictions what was predicted, the same for all
 * @param runs every recommender with its value at each prediction, in the order of the report
 * @param ties the rule for ties
 */
public record EvaluationResult(
    EvaluationReport report, Predictions predictions, List<ScoredRun> runs, Ties ties) {
  public EvaluationResult {
    runs = List.copyOf(runs);
  }
}
