package io.attune.training;

import ai.djl.ndarray.NDManager;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.metric.Metric;
import io.attune.model.AtomicFile;
import io.attune.model.ComputeDevice;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.Manifest;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Popularity;
import io.attune.session.Sessions;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Trains an encoder in one or two phases: first on the training part, epoch after epoch, until the
 * validation part says that it gets no better; then, if so configured, from the start again on all
 * sessions for the number of epochs that was best. The model is the best epoch of the first phase,
 * or the last of the second.
 *
 * <p>A seed reproduces a training on the same machine and number of threads. With a checkpoint
 * file, a training that was stopped anywhere continues to the same numbers. The engine has one
 * random state for the whole process, so trainings that run side by side take turns, step by step:
 * each gets the numbers that it would get alone, and none is faster for it.
 *
 * @param encoder what is trained; whether popularity drift is added to it, {@code training} says
 * @param training how
 * @param device where
 * @param seed of initial weights, order and dropout
 * @param nanoTime a clock in nanoseconds, for progress and for the times of checkpoints; no result
 *     depends on it
 * @param listener is told how it goes
 */
public record Trainer(
    EncoderConfig encoder,
    TrainingConfig training,
    ComputeDevice device,
    long seed,
    LongSupplier nanoTime,
    TrainingListener listener) {
  /** By which metric epochs are compared: it grows with every rank that improves. */
  public static final Metric CRITERION = new Metric(Metric.Measure.MRR, 20);

  /** Steps between states that are averaged: near ones differ little. */
  private static final int AVERAGED_EVERY = 8;

  private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(1);

  /**
   * How an encoder is trained.
   *
   * @throws IllegalArgumentException when the vectors would be too long with the drift
   */
  public Trainer {
    training.outcome(encoder);
    encoder = encoder.bare();
  }

  /**
   * A trained model's weights, and how they came about.
   *
   * @param encoder what was trained, with popularity drift if there is to be one
   * @param weights as {@link io.attune.model.Model} keeps them
   * @param epochs of all phases
   * @param chosen of these, the best on the validation part, one for each encoder; none where
   *     nothing was validated
   */
  public record Trained(
      EncoderConfig encoder,
      Map<String, Tensor> weights,
      List<Manifest.Epoch> epochs,
      List<Manifest.Epoch> chosen) {
    private Trained beside(Trained second) {
      EnsembleConfig ensemble = new EnsembleConfig(encoder, second.encoder);
      return new Trained(
          ensemble,
          ensemble.join(weights, second.weights),
          both(epochs, second, second.epochs),
          both(chosen, second, second.chosen));
    }

    private List<Manifest.Epoch> both(
        List<Manifest.Epoch> mine, Trained second, List<Manifest.Epoch> others) {
      return Stream.concat(
              mine.stream().map(epoch -> epoch.of(encoder.kind())),
              others.stream().map(epoch -> epoch.of(second.encoder.kind())))
          .toList();
    }
  }

  /**
   * How far a first phase has come.
   *
   * @param epochs all that have ended
   * @param firstJudged the first that may be chosen, from 1: those before it are over samples
   * @param over whether none will follow: all are done, or patience has ended
   */
  public record Selection(List<Manifest.Epoch> epochs, int firstJudged, boolean over) {
    public Selection {
      epochs = List.copyOf(epochs);
    }

    /**
     * The best of the first epochs, as training chooses it: of equals the earliest.
     *
     * @param until how many epochs to look at
     * @return nothing where all of them are over samples
     */
    public Optional<Manifest.Epoch> best(int until) {
      EarlyStopping rule = new EarlyStopping(firstJudged, 1); // nothing is stopped here
      Manifest.Epoch best = null;
      for (Manifest.Epoch epoch : epochs) {
        boolean better = rule.isBest(
            epoch.epoch(),
            criterion(epoch.validation()),
            best == null ? 0 : best.epoch(),
            best == null ? 0 : criterion(best.validation()));
        if (epoch.epoch() <= until && better) {
          best = epoch;
        }
      }
      return Optional.ofNullable(best);
    }
  }

  /**
   * Trains. The encoders of an ensemble are trained one after the other, each as if it were alone.
   *
   * @param dataHash names the data in the checkpoint, so that no other is resumed
   * @param checkpoint where to keep the state; it stays when training is done, so that a model that
   *     could not be saved is not lost, until {@link #forget}; null for nowhere
   * @param resume whether to continue from the checkpoint if there is one
   * @throws IOException when the checkpoint cannot be read or written, or belongs to another
   *     training
   * @throws IllegalArgumentException when a table of so many items is larger than an array
   */
  public Trained train(
      TrainingData data, String dataHash, @Nullable Path checkpoint, boolean resume)
      throws IOException {
    ItemTable.elements(data.all().vocabulary().size(), training.outcome(encoder).dimension());
    if (encoder instanceof EnsembleConfig ensemble) {
      Path behind = checkpoint == null ? null : ofSecond(checkpoint);
      Trained first = of(ensemble.first()).train(data, dataHash, checkpoint, resume);
      Trained second = of(ensemble.second()).train(data, dataHash, behind, resume);
      return first.beside(second);
    }
    try (NDManager manager = Torch.manager(device)) {
      Run run = new Run(manager, data, dataHash, checkpoint);
      return run.train(resume ? run.kept() : null);
    }
  }

  /**
   * Refuses a place for a checkpoint that cannot be written, or where something else lies that
   * would be lost.
   */
  public static void requireCheckpoint(Path checkpoint) throws IOException {
    for (Path file : List.of(checkpoint, ofSecond(checkpoint))) {
      AtomicFile.requireWritable(file);
      if (Files.exists(file)) {
        Checkpoint.require(file);
      }
    }
  }

  /** Deletes the checkpoint of a training, whose model is safe elsewhere. */
  public static void forget(Path checkpoint) throws IOException {
    Files.deleteIfExists(checkpoint);
    Files.deleteIfExists(ofSecond(checkpoint));
  }

  private static Path ofSecond(Path checkpoint) {
    return checkpoint.resolveSibling(checkpoint.getFileName() + "-second");
  }

  private Trainer of(EncoderConfig part) {
    return new Trainer(part, training, device, seed, nanoTime, listener.of(part.kind()));
  }

  /**
   * Trains the first phase up to an epoch, or goes on with it from the checkpoint if there is one.
   * The learning rate falls over all epochs of the configuration, wherever the pauses are: what
   * comes out is what {@link #train} has come to after as many epochs.
   *
   * @param until the epoch to pause after, from 1
   * @throws IllegalArgumentException when there is no validation part, or the encoder is an
   *     ensemble
   */
  public Selection select(TrainingData data, String dataHash, Path checkpoint, int until)
      throws IOException {
    if (data.validation().size() == 0) {
      throw new IllegalArgumentException("there is no validation part to select an epoch by");
    }
    if (encoder instanceof EnsembleConfig) {
      throw new IllegalArgumentException("the encoders of an ensemble have epochs of their own");
    }
    try (NDManager manager = Torch.manager(device)) {
      Run run = new Run(manager, data, dataHash, checkpoint);
      return run.select(run.kept(), Math.min(until, training.epochs()));
    }
  }

  private static double criterion(Map<String, Double> metrics) {
    return metrics.getOrDefault(CRITERION.name(), 0.0);
  }

  /** One training under way. */
  private final class Run {
    private final NDManager manager;
    private final TrainingData data;
    private final EncoderConfig outcome;
    private final Precision precision;
    private final Checkpoint.Key key;
    private final @Nullable Path file;
    private final List<Manifest.Epoch> history = new ArrayList<>();
    private Map<String, Tensor> best = Map.of();
    private int bestEpoch;
    private long saved;

    Run(NDManager manager, TrainingData data, String dataHash, @Nullable Path file) {
      int items = data.all().vocabulary().size();
      this.manager = manager;
      this.data = data;
      this.outcome = training.outcome(encoder);
      this.precision = training.precision() == Precision.AUTO
          ? SoftmaxLoss.faster(manager, items, encoder.dimension(), nanoTime)
          : training.precision();
      // A resumed training keeps the precision that it began with only if it was named or is
      // measured the same; the key says so instead of mixing the two.
      this.key = new Checkpoint.Key(encoder, training, dataHash, seed, precision.name());
      this.file = file;
      this.saved = nanoTime.getAsLong();
    }

    /** The checkpoint, null where there is none. */
    @Nullable
    Checkpoint kept() throws IOException {
      return file != null && Files.exists(file) ? Checkpoint.read(file, key) : null;
    }

    Trained train(@Nullable Checkpoint from) throws IOException {
      restore(from);
      int phase = from == null ? 0 : from.position().phase();
      boolean validated = data.validation().size() > 0;
      if (phase == 0) {
        new Phase(0, "select", training.epochs(), validated).run(from);
      }
      if (validated && training.refit()) {
        new Phase(1, "refit", bestEpoch, false).run(phase == 1 ? from : null);
      }
      List<Manifest.Epoch> chosen =
          bestEpoch == 0 || !validated ? List.of() : List.of(history.get(bestEpoch - 1));
      return new Trained(outcome, best, List.copyOf(history), chosen);
    }

    Selection select(@Nullable Checkpoint from, int until) throws IOException {
      restore(from);
      Phase phase = new Phase(0, "select", until, true);
      phase.run(from);
      return new Selection(
          history, phase.stop.first(), phase.epoch >= training.epochs() || phase.impatient());
    }

    private void restore(@Nullable Checkpoint from) {
      if (from != null) {
        history.addAll(from.position().history());
        best = from.best();
        bestEpoch = from.position().bestEpoch();
      }
    }

    /** Epochs over the same sessions from one set of initial weights. */
    private final class Phase {
      private final int index;
      private final String name;
      private final int epochs;
      private final boolean validated;
      private final Sessions sessions;
      private final long[] counts;
      private final float[] drift; // (V + 1), empty where none is added
      private final TrainingSequences segments;
      private final LearningRateSchedule schedule;
      private final EarlyStopping stop;
      private final long averagedFrom; // targets of this phase
      private int epoch;
      private int step;
      private long targets;
      private double loss;
      private double seconds;

      Phase(int index, String name, int epochs, boolean validated) {
        this.index = index;
        this.name = name;
        this.epochs = epochs;
        this.validated = validated;
        this.sessions = index == 0 && validated ? data.train() : data.all();
        this.counts = Popularity.counts(sessions);
        this.drift = training.popularityDrift() == 0
            ? new float[0]
            : PopularityDrift.of(sessions, counts, training.popularityDrift());
        TrainingSequences.Cut cut = TrainingSequences.Cut.of(SessionEncoder.of(encoder));
        this.segments = new TrainingSequences(sessions, training.recencyShare(), cut);
        // The refit follows the same schedule over its own targets, and stops where the best
        // epoch did.
        long total = (long) segments.targets() * training.epochs();
        this.averagedFrom = training.weightAveraging() == 0
            ? Long.MAX_VALUE
            : (long) (total * (1 - training.weightAveraging()));
        this.stop = new EarlyStopping(training.firstJudged(counts.length), training.patience());
        this.schedule = new LearningRateSchedule(
            training.learningRate(), (long) (total * training.warmup()), total);
      }

      void run(@Nullable Checkpoint from) throws IOException {
        try (Learner learner = new Learner(manager, encoder, training, counts, precision, seed)) {
          if (from != null) {
            Checkpoint.Position position = from.position();
            learner.restore(from.state(), position.steps());
            epoch = position.epoch();
            step = position.step();
            targets = position.targets();
            loss = position.loss();
            seconds = position.seconds();
          } else if (training.itemInitialization() == ItemInitialization.COOCCURRENCE) {
            learner.start(sessions);
          }
          listener.onStart(new TrainingListener.Start(
              precision,
              training.loss(training.epochs(), counts.length),
              counts.length,
              segments.targets(),
              Torch.resolve(device)));
          while (epoch < epochs && !impatient()) {
            epoch(learner);
          }
          if (!validated) {
            best = model(learner);
          }
        }
      }

      /** Whether too many epochs have gone by without a better one. */
      boolean impatient() {
        return validated && stop.stops(epoch, bestEpoch);
      }

      private void epoch(Learner learner) throws IOException {
        LossKind kind = training.loss(epoch, counts.length);
        List<int[]> steps =
            segments.epoch(training.stepTargets(), Seeds.of(seed, Seeds.Purpose.ORDER, epoch));
        long done = targets - (long) epoch * segments.targets();
        double before = seconds;
        long first = done;
        long start = nanoTime.getAsLong();
        while (step < steps.size()) {
          TrainingSequences.Step batch = step(steps.get(step), learner.steps());
          // By its size, so that an epoch's losses add up to its mean.
          loss += learner.step(batch, schedule.rate(targets), kind)
              * batch.size()
              / batch.targets().length;
          step++;
          if (targets >= averagedFrom && learner.steps() % AVERAGED_EVERY == 0) {
            learner.average();
          }
          targets += batch.size();
          done += batch.size();
          double spent = (nanoTime.getAsLong() - start) / 1e9;
          seconds = before + spent;
          listener.onStep(new TrainingListener.Progress(
              name,
              epoch + 1,
              epochs,
              done,
              segments.targets(),
              loss / done,
              (done - first) / Math.max(spent, 1e-9)));
          if (step < steps.size()) {
            save(learner, false);
          }
        }
        finish(learner);
        save(learner, true);
      }

      private TrainingSequences.Step step(int[] chosen, long number) {
        return encoder instanceof TransformerConfig transformer
                && transformer.direction() == Direction.BIDIRECTIONAL
            ? segments.cloze(
                chosen, transformer.maskShare(), Seeds.of(seed, Seeds.Purpose.MASK, number))
            : segments.step(chosen);
      }

      private void finish(Learner learner) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        boolean better = true;
        if (validated) {
          Map<String, Tensor> model = model(learner);
          metrics.putAll(new Validation(outcome, data, device).of(model));
          better = stop.isBest(epoch + 1, criterion(metrics), bestEpoch, bestCriterion());
          if (better) {
            best = model;
            bestEpoch = epoch + 1;
          }
        }
        Manifest.Epoch ended =
            new Manifest.Epoch(name, epoch + 1, loss / segments.targets(), metrics, seconds);
        history.add(ended);
        listener.onEpoch(ended, better);
        epoch++;
        step = 0;
        loss = 0;
        seconds = 0;
      }

      private double bestCriterion() {
        return bestEpoch == 0 ? 0 : criterion(history.get(bestEpoch - 1).validation());
      }

      private Map<String, Tensor> model(Learner learner) {
        Map<String, Tensor> weights = learner.averaged(learner::model);
        return outcome instanceof DriftConfig made ? made.join(weights, drift) : weights;
      }

      private void save(Learner learner, boolean now) throws IOException {
        if (file == null || (!now && nanoTime.getAsLong() - saved < CHECKPOINT_EVERY.toNanos())) {
          return;
        }
        Checkpoint.Position position = new Checkpoint.Position(
            index,
            epoch,
            step,
            learner.steps(),
            targets,
            loss,
            seconds,
            bestEpoch,
            List.copyOf(history));
        new Checkpoint(key, position, learner.state(), best).write(file);
        saved = nanoTime.getAsLong();
      }
    }
  }
}
