package io.attune.tuning;

import io.attune.training.ItemInitialization;
import io.attune.training.TrainingConfig;
import io.attune.tuning.Range.Logarithmic;
import io.attune.tuning.Range.OneOf;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The search space of training settings, around a configuration from which a draw keeps about half
 * of them.
 *
 * <p>The number of epochs is not searched, since trials are compared after the same number of
 * epochs. For the same reason either all trials begin with sampled epochs or none does, as in the
 * initial configuration: after as many epochs, a trial trained on all items would always be ahead
 * of one that is still sampling.
 */
public record TrainingSpace(
    TrainingConfig from,
    Logarithmic learningRate,
    OneOf<Integer> stepTargets,
    OneOf<Integer> sampledEpochs,
    OneOf<ItemInitialization> itemInitialization,
    OneOf<Double> popularityDrift) {
  private static final double FACTOR = 3;
  private static final List<Double> DRIFTS = List.of(0.0, 0.15, 0.3, 0.45);

  static TrainingSpace around(TrainingConfig from, Ranges ranges) {
    List<Integer> sampled = from.sampledEpochs() == 0
        ? List.of(0)
        : IntStream.rangeClosed(from.sampledEpochs() - 1, from.sampledEpochs() + 1)
            .filter(epochs -> epochs >= 1 && epochs < from.epochs())
            .boxed()
            .toList();
    return new TrainingSpace(
        from,
        ranges.around("learningRate", from.learningRate(), FACTOR, 1),
        ranges.sizes("stepTargets", from.stepTargets(), 1, 65_536),
        ranges.oneOf("sampledEpochs", from.sampledEpochs(), sampled),
        ranges.oneOf(
            "itemInitialization", from.itemInitialization(), List.of(ItemInitialization.values())),
        ranges.oneOf("popularityDrift", from.popularityDrift(), DRIFTS));
  }

  /** Draws a configuration. */
  TrainingConfig draw(RandomGenerator random) {
    return from.toBuilder()
        .stepTargets(stepTargets.vary(from.stepTargets(), random))
        .learningRate(learningRate.vary(from.learningRate(), random))
        .popularityDrift(popularityDrift.vary(from.popularityDrift(), random))
        .sampledEpochs(sampledEpochs.vary(from.sampledEpochs(), random))
        .itemInitialization(itemInitialization.vary(from.itemInitialization(), random))
        .build();
  }
}
