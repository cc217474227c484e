package io.attune.training;

import ai.djl.ndarray.NDManager;
import io.attune.encoder.Torch;
import io.attune.metric.Metric;
import io.attune.model.AtomicFile;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Trains an encoder in one or two phases: first on the training part, until the validation metric
 * stops improving; then, if configured, from scratch on all sessions for the best number of epochs.
 * The model is the best epoch of the first phase, or the last of the second. Between them, the
 * correction of clicked items is learned on the validation part, if configured.
 *
 * <p>A seed reproduces a training on the same machine and number of threads; on a GPU but for the
 * last bits, since it adds in no fixed order. With a checkpoint, a training that was stopped at any
 * time resumes to the same weights. The engine has one random state for the whole process, so
 * concurrent trainings alternate step by step: each ends with the weights it would get alone, and
 * none gets faster.
 *
 * @param encoder the encoder to train; {@code training} decides whether popularity drift is added
 * @param training the training configuration
 * @param device the device to train on
 * @param seed of initial weights, order and dropout
 * @param nanoTime a clock in nanoseconds, for progress, for the times of checkpoints, and to
 *     measure which precision is faster where it is {@link Precision#AUTO}; nothing else depends on
 *     it
 * @param listener is notified of the progress
 * @param parent the model whose weights training goes on from; null to start from random ones
 */
public record Trainer(
    EncoderConfig encoder,
    TrainingConfig training,
    ComputeDevice device,
    long seed,
    LongSupplier nanoTime,
    TrainingListener listener,
    @Nullable Model parent) {
  /** By which metric epochs are compared: it grows with every rank that improves. */
  public static final Metric CRITERION = new Metric(Metric.Measure.MRR, 20);

  /** The seed where none is named. */
  public static final long DEFAULT_SEED = 42;

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
   * A trainer on a GPU if there is one, with the {@link #DEFAULT_SEED} and no listener.
   *
   * @param nanoTime as {@link #nanoTime()}, such as {@code System::nanoTime}
   * @throws IllegalArgumentException when the vectors would be too long with the drift
   */
  public static Trainer of(EncoderConfig encoder, TrainingConfig training, LongSupplier nanoTime) {
    return new Trainer(
        encoder,
        training,
        ComputeDevice.AUTO,
        DEFAULT_SEED,
        nanoTime,
        TrainingListener.SILENT,
        null);
  }

  /** The same on another device. */
  public Trainer withDevice(ComputeDevice other) {
    return new Trainer(encoder, training, other, seed, nanoTime, listener, parent);
  }

  /** The same with another seed. */
  public Trainer withSeed(long other) {
    return new Trainer(encoder, training, device, other, nanoTime, listener, parent);
  }

  /** The same encoder, trained otherwise. */
  Trainer withTraining(TrainingConfig other) {
    return new Trainer(encoder, other, device, seed, nanoTime, listener, parent);
  }

  /** The same, telling somebody else. */
  public Trainer withListener(TrainingListener other) {
    return new Trainer(encoder, training, device, seed, nanoTime, other, parent);
  }

  /**
   * The same, going on from a model with the same encoder. Items that it does not know begin near
   * the known ones that are clicked beside them. There is one phase and no validation part: what is
   * to be tested is newer, and held out by {@link io.attune.session.Holdout}.
   *
   * @throws IllegalArgumentException when the model has another encoder, or the configuration has a
   *     validation part
   */
  public Trainer withParent(Model model) {
    if (!model.manifest().encoder().bare().equals(encoder)) {
      throw new IllegalArgumentException("a training goes on with the encoder of its model, "
          + model.manifest().encoder().bare() + ", not with " + encoder);
    }
    if (training.validation() > 0) {
      throw new IllegalArgumentException("validation must be 0 where training goes on from a model,"
          + " not " + training.validation() + "; hold out the newest clicks instead");
    }
    return new Trainer(encoder, training, device, seed, nanoTime, listener, model);
  }

  /**
   * The weights of a trained encoder, with the history of the training.
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
   * The progress of a first phase.
   *
   * @param epochs all that have ended
   * @param firstJudged the first that may be chosen, from 1: those before it are over samples
   * @param over whether it is over: all epochs are done, or patience has run out
   */
  public record Selection(List<Manifest.Epoch> epochs, int firstJudged, boolean over) {
    public Selection {
      epochs = List.copyOf(epochs);
    }

    /**
     * The best of the first epochs by the validation metric, the earliest of equals.
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
   * @throws IllegalArgumentException when a table of so many items is larger than an array
   */
  public Trained train(TrainingData data) {
    try {
      return train(data, "", null, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // only a checkpoint is read or written
    }
  }

  /**
   * Trains with a checkpoint, from which {@link #resume} can continue.
   *
   * @param dataHash names the data in the checkpoint, so that no other is resumed
   * @param checkpoint the file, which is overwritten. It stays when training is done, so that a
   *     model that could not be saved is not lost, until {@link #forget}
   * @throws IOException when the checkpoint cannot be written
   * @throws IllegalArgumentException as {@link #train(TrainingData)}
   */
  public Trained train(TrainingData data, String dataHash, Path checkpoint) throws IOException {
    return train(data, dataHash, checkpoint, false);
  }

  /**
   * Resumes a training that was stopped, to the same weights; without a checkpoint it starts from
   * scratch.
   *
   * @param dataHash as of the training that was stopped
   * @param checkpoint where its state is, and is kept further
   * @throws IOException when the checkpoint cannot be read or written, or belongs to another
   *     training
   * @throws IllegalArgumentException as {@link #train(TrainingData)}
   */
  public Trained resume(TrainingData data, String dataHash, Path checkpoint) throws IOException {
    return train(data, dataHash, checkpoint, true);
  }

  Trained train(TrainingData data, String dataHash, @Nullable Path checkpoint, boolean resume)
      throws IOException {
    ItemTable.elements(data.items(), training.outcome(encoder).dimension());
    if (encoder instanceof EnsembleConfig ensemble) {
      Path behind = checkpoint == null ? null : ofSecond(checkpoint);
      Trained first = part(ensemble, true).train(data, dataHash, checkpoint, resume);
      Trained second = part(ensemble, false).train(data, dataHash, behind, resume);
      return first.beside(second);
    }
    try (NDManager manager = Torch.manager(device)) {
      TrainingRun run = new TrainingRun(this, manager, data, dataHash, checkpoint);
      return run.train(resume ? run.kept() : null);
    }
  }

  /**
   * How long {@link #train} takes on this machine, measured by some steps of each loss that are
   * thrown away. It does not change what is trained.
   *
   * @throws IllegalArgumentException as {@link #train(TrainingData)}
   */
  public TrainingEstimate estimate(TrainingData data) {
    ItemTable.elements(data.items(), training.outcome(encoder).dimension());
    if (encoder instanceof EnsembleConfig ensemble) {
      return new TrainingEstimate(Stream.of(part(ensemble, true), part(ensemble, false))
          .map(one -> one.part(data, one.encoder.kind()))
          .toList());
    }
    return new TrainingEstimate(List.of(part(data, "")));
  }

  private TrainingEstimate.Part part(TrainingData data, String name) {
    try (NDManager manager = Torch.manager(device)) {
      return new TrainingRun(this, manager, data, "", null).estimate(name);
    }
  }

  /** Checks that a checkpoint can be written here, and that no other file would be lost. */
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

  /** The same for one encoder of an ensemble. */
  private Trainer part(EnsembleConfig ensemble, boolean first) {
    EncoderConfig one = first ? ensemble.first() : ensemble.second();
    return new Trainer(
        one,
        training,
        device,
        seed,
        nanoTime,
        listener.of(one.kind()),
        parent == null ? null : Parent.part(parent, first));
  }

  /**
   * Trains the first phase up to an epoch, resuming from the checkpoint if there is one. The
   * learning rate decays over all epochs of the configuration wherever it pauses, so the result is
   * that of {@link #train} after as many epochs.
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
      TrainingRun run = new TrainingRun(this, manager, data, dataHash, checkpoint);
      return run.select(run.kept(), Math.min(until, training.epochs()));
    }
  }

  /** What epochs are compared by, of their metrics. */
  static double criterion(Map<String, Double> metrics) {
    return metrics.getOrDefault(CRITERION.name(), 0.0);
  }
}
