package io.attune.evaluation;

import io.attune.metric.Ties;
import java.util.List;

/**
 * A report with the ranks that it was computed from.
 *
 * @param report the report
 * @param predictions the predictions, the same for all recommenders
 * @param ranks the ranks of each recommender, in the order of the report
 * @param ties the rule for ties
 */
public record EvaluationResult(
    EvaluationReport report, Predictions predictions, List<Ranks> ranks, Ties ties) {
  public EvaluationResult {
    ranks = List.copyOf(ranks);
  }
}
