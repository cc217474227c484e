package io.attune.training;

import ai.djl.ndarray.NDManager;
import io.attune.model.EncoderConfig;
import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Measures how fast the steps of a training are, by a few of them on weights that are thrown away.
 * The training itself is not changed by it: each of its steps draws from a seed of its own.
 */
final class StepSpeed {
  private static final int WARMING = 2; // steps that also load classes and fill caches
  private static final int MEASURED = 6;

  private final TrainingConfig training;
  private final EncoderConfig encoder;
  private final TrainingData data;
  private final int items;
  private final long targets; // of an epoch of the first phase
  private final Map<LossKind, Double> perTarget = new EnumMap<>(LossKind.class); // seconds

  /**
   * Measures.
   *
   * @param encoder a single one
   * @param manager on the device to train on
   */
  StepSpeed(
      Trainer trainer,
      EncoderConfig encoder,
      Precision precision,
      NDManager manager,
      TrainingData data) {
    this.training = trainer.training();
    this.encoder = encoder;
    this.data = data;
    long[] counts = Popularity.counts(data.train());
    this.items = counts.length;
    TrainingSequences sequences = TrainingSequences.of(data.train(), encoder, training);
    this.targets = sequences.targets();
    List<int[]> steps = sequences.epoch(training.stepTargets(), 0);
    for (int epoch = 0; epoch < training.epochs(); epoch++) {
      perTarget.computeIfAbsent(training.loss(epoch, items), kind -> {
        // Each kind begins anew, so that what it allocates first is not measured.
        try (Learner learner =
            new Learner(manager, encoder, training, counts, precision, trainer.seed())) {
          return perTarget(learner, steps, sequences, kind, trainer.nanoTime());
        }
      });
    }
  }

  private double perTarget(
      Learner learner,
      List<int[]> steps,
      TrainingSequences sequences,
      LossKind kind,
      LongSupplier nanoTime) {
    long done = 0;
    long start = nanoTime.getAsLong();
    for (int step = 0; step < WARMING + MEASURED; step++) {
      if (step == WARMING) {
        done = 0;
        start = nanoTime.getAsLong();
      }
      TrainingSequences.Step batch = sequences.step(encoder, steps.get(step % steps.size()), step);
      learner.step(batch, training.learningRate() * training.warmup(), kind);
      done += batch.size();
    }
    return (nanoTime.getAsLong() - start) / 1e9 / done;
  }

  /**
   * The times of all epochs.
   *
   * @param name of the encoder in an ensemble, else empty
   */
  TrainingEstimate.Part estimate(String name) {
    boolean validated = data.validation().size() > 0;
    double ranked = validated ? ranking() : 0;
    List<Double> select = seconds((double) targets, ranked);
    if (!validated) {
      return new TrainingEstimate.Part(name, select, List.of(), select.size(), 0);
    }
    double growth = (double) pairs(data.all()) / pairs(data.train());
    List<Double> refit = training.refit() ? seconds(growth * targets, 0) : List.of();
    int first = training.firstJudged(items);
    return new TrainingEstimate.Part(name, select, refit, first + training.patience(), first);
  }

  private List<Double> seconds(double epoch, double ranked) {
    return IntStream.range(0, training.epochs())
        .mapToObj(i -> epoch * perTarget.getOrDefault(training.loss(i, items), 0.0) + ranked)
        .toList();
  }

  /** What the validation of an epoch takes. */
  private double ranking() {
    int predictions = data.targets().count(data.validation());
    return TrainingCost.ranking(predictions, items, encoder.dimension());
  }

  private static long pairs(Sessions sessions) {
    return Math.max(1, (long) sessions.clicks() - sessions.size());
  }
}
