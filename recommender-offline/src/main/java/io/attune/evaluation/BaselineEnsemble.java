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
 * A baseline that every model is evaluated in an ensemble with, beside the model alone.
 *
 * @param baseline one that compares items or sessions
 * @param weight of the baseline, unless it is chosen
 * @param validation sessions on which the weight is chosen by MRR@20, which neither the model nor
 *     the baseline has been trained on; null where it is not chosen
 */
public record BaselineEnsemble(
    Baseline baseline, double weight, @Nullable Sessions validation) {
  private static final Metric CHOSEN_BY = new Metric(Metric.Measure.MRR, 20);

  /** The name of a model in an ensemble with this. */
  String name(Recommender model) {
    return model.name() + "+" + baseline.label();
  }

  /**
   * A model and the baseline, trained on the items that the model knows.
   *
   * @param targets of the validation
   * @throws IllegalArgumentException when the baseline scores all items alike, or there is nothing
   *     to choose a weight by
   */
  Ensemble with(Recommender model, Sessions training, Split.Targets targets) {
    Recommender trained = baseline.train(training.recode(model.vocabulary()));
    if (!(trained instanceof SparseRecommender sparse)) {
      throw new IllegalArgumentException(
          "an ensemble needs a baseline that compares items or sessions, such as v-sknn, not "
              + baseline.name());
    }
    Ensemble both = new Ensemble(name(model), model, sparse, Ensemble.DEFAULT.withWeight(weight));
    return validation == null
        ? both
        : both.chooseWeight(Ensemble.WEIGHTS, validation, targets, CHOSEN_BY);
  }
}
