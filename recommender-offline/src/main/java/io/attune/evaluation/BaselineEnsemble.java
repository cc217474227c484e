package io.attune.evaluation;

import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.metric.Metric;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.session.Sessions;
import io.attune.session.Split;
import org.jspecify.annotations.Nullable;

/**
 * A baseline to combine with each model: the ensemble is evaluated in addition to the model.
 *
 * @param baseline a rule-based or nearest-neighbour baseline, such as v-sknn
 * @param weight the weight of the baseline if {@code validation} is null
 * @param validation sessions to choose the weight on by MRR@20, which neither the model nor the
 *     baseline may have been trained on; null to use {@code weight}
 */
public record BaselineEnsemble(
    Baseline baseline, double weight, @Nullable Sessions validation) {
  private static final Metric CRITERION = new Metric(Metric.Measure.MRR, 20);

  /** A time from which on the test is predicted says nothing of a log of its own. */
  private static Split.Targets ofOtherLog(Split.Targets targets) {
    return targets instanceof Split.Targets.From ? new Split.Targets.AfterFirst() : targets;
  }

  /** The name of the ensemble of a model with this baseline. */
  String name(Recommender model) {
    return model.name() + "+" + baseline.label();
  }

  /**
   * Trains the baseline on the model's vocabulary and combines both.
   *
   * @param targets the clicks to predict in validation sessions
   * @throws IllegalArgumentException if the baseline is not sparse, or the validation sessions have
   *     nothing to predict
   */
  Ensemble combine(Recommender model, Sessions training, Split.Targets targets) {
    Recommender trained = baseline.train(training.recode(model.vocabulary()));
    if (!(trained instanceof SparseRecommender sparse)) {
      throw new IllegalArgumentException(
          "an ensemble needs a rule-based or nearest-neighbour baseline, such as v-sknn, not "
              + baseline.name());
    }
    Ensemble ensemble =
        new Ensemble(name(model), model, sparse, Ensemble.DEFAULT.withWeight(weight));
    return validation == null
        ? ensemble
        : ensemble.chooseWeight(Ensemble.WEIGHTS, validation, ofOtherLog(targets), CRITERION);
  }
}
