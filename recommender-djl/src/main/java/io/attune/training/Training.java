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
  /** How many known sessions are trained again for each new one, where no number is given. */
  public static final double REPLAY = 2;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What takes longer, by its size, is worth an estimate. */
  private static final Duration ESTIMATED = Duration.ofMinutes(1);

  private final Sessions log;
  private final LongSupplier nanoTime;
  private Holdout holdout = new Holdout.None();
  private @Nullable Filters filters;
  private @Nullable EncoderConfig encoder;
  private @Nullable TrainingConfig training;
  private @Nullable Model parent;
  private boolean dropUnclicked;
  private double replay = REPLAY;
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
    return new Training(log, nanoTime)
        .encoder(made.encoder())
        .training(config(made))
        .filters(filters(made))
        .seed(made.provenance().seed());
  }

  /**
   * How a model was trained from scratch.
   *
   * @throws IllegalArgumentException when the model does not say
   */
  public static TrainingConfig config(Manifest made) {
    return read(made.provenance().training(), TrainingConfig.class);
  }

  /**
   * The filters that a model was trained with.
   *
   * @throws IllegalArgumentException when the model does not say
   */
  public static Filters filters(Manifest made) {
    return read(made.provenance().filters(), Filters.class);
  }

  /**
   * Goes on from a model with the sessions of a newer log: its encoder, filters and seed, and its
   * training {@linkplain TrainingConfig#growing as is right for few new sessions}. What the model
   * was trained on may be in the log again and is left out, by the times of clicks. Its items keep
   * their rows, and new ones follow, each near those that it is clicked beside.
   *
   * @param model to go on from; it does not change
   * @param log unfiltered
   * @param nanoTime as in {@link #of}
   * @throws IllegalArgumentException when the model does not say how it was trained
   */
  public static Training from(Model model, Sessions log, LongSupplier nanoTime) {
    Training grown = again(model.manifest(), log, nanoTime);
    grown.parent = model;
    grown.training = Objects.requireNonNull(grown.training).growing();
    return grown;
  }

  private static <T> T read(JsonNode written, Class<T> type) {
    if (written.isNull()) {
      throw new IllegalArgumentException(
          "the model was not trained here, so it cannot be trained again: its vectors were imported");
    }
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

  /**
   * Whether a training that goes on from a model drops those of its items that the log does not
   * contain; they stay by default. The rows of the items behind them change.
   */
  public Training dropUnclicked(boolean whether) {
    dropUnclicked = whether;
    return this;
  }

  /**
   * How many sessions that the model knows are trained again, so that it does not forget: a
   * multiple of the number of new ones, as far as the log has them; {@value #REPLAY} by default.
   * They are drawn.
   *
   * @throws IllegalArgumentException when it is negative or not finite
   */
  public Training replay(double share) {
    if (!(share >= 0 && share < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("replay must be 0 or more, not " + share);
    }
    replay = share;
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
    String trainedOn =
        dataHash + items.hash() + (parent == null ? "" : " from " + Parent.version(parent));
    Trainer.Trained trained = trainer.train(parts.data(), trainedOn, checkpoint, resume);
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
    if (parent != null && !items.texts().isEmpty()) {
      throw new IllegalArgumentException(
          "a model that is grown keeps the vectors that words gave; texts are for a training from"
              + " the beginning");
    }
    double validation = trainer.training().validation();
    PreparedData parts = parent == null
        ? PreparedData.of(log, holdout, rules, validation, items)
        : PreparedData.following(
            log,
            parent.manifest().provenance(),
            parent.vocabulary(),
            dropUnclicked,
            replay,
            holdout,
            rules,
            seed);
    listener.onPrepared(parts);
    Sessions trained = parent == null ? parts.data().all() : parts.data().train();
    TrainingCost cost = TrainingCost.of(SessionStatistics.of(trained, 0), trainer.encoder());
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
    Trainer trainer = Trainer.of(trained, config, nanoTime)
        .withDevice(device)
        .withSeed(seed)
        .withListener(listener);
    return parent == null ? trainer : trainer.withParent(parent);
  }

  private static String ownVersion() {
    String version = Training.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
