package io.attune.cli;

import io.attune.baseline.Baseline;
import io.attune.baseline.Ensemble;
import io.attune.metric.Metric;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.session.Sessions;
import io.attune.session.Split;
import org.jspecify.annotations.Nullable;

/**
 * Joins models with a baseline.
 *
 * @param partner that each model gets
 * @param lessons that it learns from, all of them, on the items that the model knows
 * @param weight of the partner, unless it is chosen
 * @param validation on which the weight is chosen; null where it is not
 * @param targets of the validation
 */
record Ensembles(
    Baseline partner,
    BaselineData lessons,
    double weight,
    @Nullable Sessions validation,
    Split.Targets targets,
    Console console) {
  private static final Metric CHOSEN_BY = new Metric(Metric.Measure.MRR, 20);

  /** A model and its partner; says on the console which weight was chosen. */
  Ensemble with(Recommender model) throws CommandFailure {
    try {
      Recommender learned = partner.train(lessons.sessions().recode(model.vocabulary()));
      if (!(learned instanceof SparseRecommender sparse)) {
        throw new CommandFailure(
            "an ensemble needs a baseline that compares items or sessions, such as v-sknn, not "
                + partner.name());
      }
      String name = model.name() + "+" + partner.label();
      Ensemble both = new Ensemble(name, model, sparse, Ensemble.USUAL.withWeight(weight));
      if (validation == null) {
        return both;
      }
      Ensemble best = both.chooseWeight(Ensemble.WEIGHTS, validation, targets, CHOSEN_BY);
      console.line("%s: weight %s".formatted(name, best.combination().weight()));
      return best;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e);
    }
  }
}
