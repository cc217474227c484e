package io.attune.training;

import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.session.SessionStatistics;
import java.time.Duration;

/**
 * What a training costs by its size alone, in the time of a machine with two cores. It decides on
 * defaults, so that a log gets the same ones on every machine; how long this machine takes is
 * measured by {@link Trainer#estimate}.
 *
 * @param targets of an epoch over all sessions, each once
 * @param items V
 * @param encoder what is trained
 */
public record TrainingCost(long targets, int items, EncoderConfig encoder) {
  /** What a training may take where nobody asked for more. */
  static final Duration EVENING = Duration.ofHours(3);

  private static final double FLOPS = 90e9; // a second: matrix products of two cores, fp32
  private static final int PRODUCTS = 6; // by each number of a vector and item, there and back
  private static final double ENCODER = 2.7e-7; // seconds, by target and number of a vector
  private static final int MIN_EPOCHS = 2;

  /**
   * The cost for a log.
   *
   * @param log after its filters
   */
  public static TrainingCost of(SessionStatistics log, EncoderConfig encoder) {
    return new TrainingCost(
        Math.max(1, (long) log.clicks() - log.sessions()), log.items(), encoder);
  }

  /**
   * The time of a training that is never stopped early, with both of its phases and the validation
   * of each epoch, which ranks all items.
   */
  public Duration of(TrainingConfig training) {
    return Duration.ofSeconds((long) seconds(encoder, training));
  }

  /** Whether a training fits into an evening: three hours. */
  public boolean fits(TrainingConfig training) {
    return of(training).compareTo(EVENING) <= 0;
  }

  /**
   * A training that fits into an evening, or comes as near to it as it may. First more epochs are
   * over samples, in the end all; then there are fewer, but never less than two.
   *
   * @return the same where it fits already
   */
  public TrainingConfig shortened(TrainingConfig training) {
    TrainingConfig shorter = training;
    while (!fits(shorter)) {
      boolean full = shorter.loss(shorter.epochs() - 1, items) == LossKind.FULL;
      if (full && shorter.sampledEpochs() + 1 < shorter.epochs()) {
        shorter = shorter.toBuilder().sampledEpochs(shorter.sampledEpochs() + 1).build();
      } else if (full) {
        shorter = shorter.toBuilder()
            .sampledEpochs(training.sampledEpochs())
            .loss(LossKind.SAMPLED)
            .build();
      } else if (shorter.epochs() > MIN_EPOCHS) {
        shorter = shorter.toBuilder().epochs(shorter.epochs() - 1).build();
      } else {
        return shorter;
      }
    }
    return shorter;
  }

  /** Seconds in which predictions are ranked. */
  static double ranking(long predictions, int items, int dimension) {
    return predictions * dimension * (2.0 * items / FLOPS + ENCODER);
  }

  private double seconds(EncoderConfig trained, TrainingConfig training) {
    return switch (trained) {
      case EnsembleConfig ensemble ->
        seconds(ensemble.first(), training) + seconds(ensemble.second(), training);
      default -> {
        double epochs = 0;
        for (int epoch = 0; epoch < training.epochs(); epoch++) {
          epochs += epoch(trained.dimension(), training, epoch);
        }
        boolean refits = training.validation() > 0 && training.refit();
        long validated = Math.round(targets * training.validation());
        yield epochs * (1 - training.validation() + (refits ? 1 : 0))
            + training.epochs() * ranking(validated, items, trained.dimension());
      }
    };
  }

  private double epoch(int dimension, TrainingConfig training, int epoch) {
    int candidates =
        switch (training.loss(epoch, items)) {
          case AUTO, FULL -> items;
          case SAMPLED, GBCE -> Math.min(items, training.negatives() + training.stepTargets());
        };
    double target = dimension * (PRODUCTS * (double) candidates / FLOPS + ENCODER);
    return targets * (1 + training.recencyShare()) * target;
  }
}
