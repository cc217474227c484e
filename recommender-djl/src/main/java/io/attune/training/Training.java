package io.attune.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a click log: holds out a test part, filters rare items, trains an encoder
 * suited to the log, and records the provenance in the model.
 * {@snippet file="io/attune/examples/NextItems.java" region="train"}
 *
 * <p>For one thread.
 */
public final class Training {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What takes longer, by its size, is worth an estimate. */
  private static final Duration ESTIMATED = Duration.ofMinutes(1);

  private final Sessions log;
  private final LongSupplier nanoTime;
  private Holdout holdout = new Holdout.None();
  private @Nullable Filters filters;
  private @Nullable EncoderConfig encoder;
  private @Nullable TrainingConfig training;
  private ComputeDevice device = ComputeDevice.AUTO;
  private long seed = Trainer.DEFAULT_SEED;
  private String version = ownVersion();
  private TrainingListener listener = TrainingListener.SILENT;
  private ItemTexts items = ItemTexts.NONE;

  private Training(Sessions log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * A training on all of a log, by the {@link Preset} that fits it.
   *
   * @param log unfiltered
   * @param nanoTime a clock in nanoseconds, for progress, for the times of checkpoints, and to
   *     measure which precision is faster where it is {@link Precision#AUTO}; nothing else depends
   *     on it
   */
  public static Training of(Sessions log, LongSupplier nanoTime) {
    return new Training(log, nanoTime);
  }

  /**
   * Repeats the training of a model on another log: with its encoder, configuration, filters and
   * seed. Nothing is held out.
   *
   * @param made the model's manifest
   * @param log unfiltered
   * @param nanoTime as in {@link #of}
   * @throws IllegalArgumentException when the model does not say how it was trained
   */
  public static Training again(Manifest made, Sessions log, LongSupplier nanoTime) {
    Manifest.Provenance provenance = made.provenance();
    return new Training(log, nanoTime)
        .encoder(made.encoder())
        .training(read(provenance.training(), TrainingConfig.class))
        .filters(read(provenance.filters(), Filters.class))
        .seed(provenance.seed());
  }

  private static <T> T read(JsonNode written, Class<T> type) {
    try {
      return JSON.treeToValue(written, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the model does not say how it was trained, so it cannot be trained again: "
              + e.getOriginalMessage(),
          e);
    }
  }

  /** Which part of the log is held out for tests; none by default. */
  public Training holdout(Holdout tested) {
    holdout = tested;
    return this;
  }

  /**
   * The minimum session length and item support; by default the preset's, which are
   * {@link Filters#standard} except for a fast catalogue.
   */
  public Training filters(Filters rules) {
    filters = rules;
    return this;
  }

  /** Encoder and training configuration, instead of the preset chosen by the shape of the log. */
  public Training preset(Preset chosen) {
    return filters(chosen.filters()).encoder(chosen.encoder()).training(chosen.training());
  }

  /** The encoder; the preset's by default. */
  public Training encoder(EncoderConfig trained) {
    encoder = trained;
    return this;
  }

  /**
   * The training configuration; by default the preset's, with more epochs over samples and fewer in
   * all for a log so large that it would take more than three hours on two cores.
   */
  public Training training(TrainingConfig config) {
    training = config;
    return this;
  }

  /** The device; by default a GPU if there is one. */
  public Training device(ComputeDevice where) {
    device = where;
    return this;
  }

  /**
   * What is written about items; nothing by default. Items that are written about but were not
   * clicked become part of the model, with the vectors that their words give them.
   */
  public Training items(ItemTexts written) {
    items = written;
    return this;
  }

  /** The seed of initial weights, order and dropout; {@link Trainer#DEFAULT_SEED} by default. */
  public Training seed(long chosen) {
    seed = chosen;
    return this;
  }

  /** The program version recorded in the model; Attune's by default. */
  public Training version(String name) {
    version = name;
    return this;
  }

  /** The listener to the progress; none by default. */
  public Training listener(TrainingListener told) {
    listener = told;
    return this;
  }

  /**
   * Trains.
   *
   * @throws IllegalArgumentException when too little is left to train on, the configuration or the
   *     holdout needs times and the clicks have none, or the vectors would be too long; the message
   *     says which
   * @throws io.attune.vector.NotFiniteException when a loss, a gradient or a score is NaN or
   *     infinite
   */
  public TrainedModel train() {
    try {
      return train(null, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // only a checkpoint is read or written
    }
  }

  /**
   * Trains with a checkpoint, as {@link Trainer#train(TrainingData, String, Path)}.
   *
   * @throws IOException when the checkpoint cannot be written
   * @throws IllegalArgumentException as {@link #train()}
   */
  public TrainedModel train(Path checkpoint) throws IOException {
    return train(checkpoint, false);
  }

  /**
   * Resumes a training that was stopped, as {@link Trainer#resume}.
   *
   * @throws IOException when the checkpoint cannot be read or written, or belongs to another
   *     training
   * @throws IllegalArgumentException as {@link #train()}
   */
  public TrainedModel resume(Path checkpoint) throws IOException {
    return train(checkpoint, true);
  }

  /**
   * Estimates how long {@link #train()} takes on this machine, by some steps that are thrown away,
   * and tells the listener. Nothing is trained.
   *
   * @throws IllegalArgumentException as {@link #train()}
   */
  public TrainingEstimate estimate() {
    return estimate(prepare());
  }

  private TrainingEstimate estimate(Prepared prepared) {
    TrainingEstimate estimate = prepared.trainer.estimate(prepared.parts.data());
    listener.onEstimate(estimate);
    return estimate;
  }

  private TrainedModel train(@Nullable Path checkpoint, boolean resume) throws IOException {
    Prepared prepared = prepare();
    Trainer trainer = prepared.trainer;
    PreparedData parts = prepared.parts;
    if (prepared.cost.of(trainer.training()).compareTo(ESTIMATED) > 0) {
      estimate(prepared);
    }
    String dataHash = DataHash.of(log);
    Trainer.Trained trained =
        trainer.train(parts.data(), dataHash + items.hash(), checkpoint, resume);
    Model model = parts.model(trainer, trained, dataHash, version);
    return new TrainedModel(model, parts, trained.chosen());
  }

  /** What is trained, on what, and what that costs. */
  private record Prepared(Trainer trainer, PreparedData parts, TrainingCost cost) {}

  private Prepared prepare() {
    // A preset needs a look at the whole log, and only what is not named needs a preset.
    Preset fitting = encoder == null || training == null
        ? Preset.of(Preset.statistics(log, holdout))
        : Preset.SHORT_SESSIONS;
    Trainer trainer = trainer(fitting);
    Filters rules = Objects.requireNonNullElse(
        filters, training == null ? fitting.filters() : Filters.standard());
    PreparedData parts =
        PreparedData.of(log, holdout, rules, trainer.training().validation(), items);
    listener.onPrepared(parts);
    TrainingCost cost =
        TrainingCost.of(SessionStatistics.of(parts.data().all(), 0), trainer.encoder());
    if (training == null) {
      trainer = trainer.withTraining(cost.shortened(trainer.training()));
    }
    return new Prepared(trainer, parts, cost);
  }

  private Trainer trainer(Preset fitting) {
    EncoderConfig trained = Objects.requireNonNullElse(encoder, fitting.encoder());
    TrainingConfig config = Objects.requireNonNullElse(training, fitting.training());
    if (trained.looksAtTimes() && !log.hasTimes()) {
      throw new IllegalArgumentException("timeBias must be none, since the clicks have no times");
    }
    return Trainer.of(trained, config, nanoTime)
        .withDevice(device)
        .withSeed(seed)
        .withListener(listener);
  }

  private static String ownVersion() {
    String version = Training.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
