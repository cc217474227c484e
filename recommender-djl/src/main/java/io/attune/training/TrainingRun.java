package io.attune.training;

import ai.djl.ndarray.NDManager;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.Torch;
import io.attune.model.ClickedCorrection;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.TextMap;
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
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One training under way: its phases one after the other, from a checkpoint if there is one. */
final class TrainingRun {
  /** Steps between states that are averaged: near ones differ little. */
  private static final int AVERAGED_EVERY = 8;

  private static final Duration CHECKPOINT_EVERY = Duration.ofMinutes(1);

  private final Trainer trainer;
  private final EncoderConfig encoder;
  private final TrainingConfig training;
  private final LongSupplier nanoTime;
  private final TrainingListener listener;
  private final NDManager manager;
  private final TrainingData data;
  private final @Nullable Parent parent;
  private final EncoderConfig outcome;
  private final Checkpoint.Key key;
  private final @Nullable Path file;
  private final List<Manifest.Epoch> history = new ArrayList<>();
  private Map<String, Tensor> best = Map.of();
  private int bestEpoch;
  private Precision precision = Precision.AUTO; // never, once it has begun
  private long saved;

  /**
   * A training that has not started.
   *
   * @param trainer whose encoder is a single one
   * @param manager owner of all that the training makes
   * @param file of the checkpoint, null for none
   */
  TrainingRun(
      Trainer trainer, NDManager manager, TrainingData data, String dataHash, @Nullable Path file) {
    this.trainer = trainer;
    this.encoder = trainer.encoder();
    this.training = trainer.training();
    this.nanoTime = trainer.nanoTime();
    this.listener = trainer.listener();
    this.manager = manager;
    this.data = data;
    this.parent = trainer.parent() == null ? null : Parent.of(trainer.parent(), data.all());
    this.outcome = training.outcome(encoder);
    this.key = new Checkpoint.Key(
        encoder, training, dataHash, trainer.seed(), training.precision().name());
    this.file = file;
    this.saved = nanoTime.getAsLong();
  }

  /** The checkpoint, null where there is none. */
  @Nullable
  Checkpoint kept() throws IOException {
    return file != null && Files.exists(file) ? Checkpoint.read(file, key) : null;
  }

  Trainer.Trained train(@Nullable Checkpoint from) throws IOException {
    begin(from);
    if (parent != null) {
      return grow(parent, from);
    }
    int phase = from == null ? 0 : from.position().phase();
    boolean validated = data.validation().size() > 0;
    if (phase == 0) {
      new Phase(0, "select", training.epochs(), validated).run(from);
      if (validated && training.clicked() == ClickedItems.LEARNED) {
        learnClicked();
      }
      if (validated && !data.texts().isEmpty()) {
        learnUnclicked();
      }
    }
    if (validated && training.refit()) {
      Map<String, Tensor> selected = best;
      new Phase(1, "refit", bestEpoch, false).run(phase == 1 ? from : null);
      keep(ClickedCorrection.TENSOR, selected.get(ClickedCorrection.TENSOR));
      keep(UnclickedItems.LENGTH, selected.get(UnclickedItems.LENGTH));
    }
    if (!data.texts().isEmpty()) {
      learnTexts();
    }
    List<Manifest.Epoch> chosen =
        bestEpoch == 0 || !validated ? List.of() : List.of(history.get(bestEpoch - 1));
    return new Trainer.Trained(outcome, best, List.copyOf(history), chosen);
  }

  /**
   * Goes on from a model. The correction of clicked items is learned first, on the new clicks and
   * with the model's weights: afterwards there are none left that these were not trained on. Where
   * no gain is clear, the model's own stays.
   */
  private Trainer.Trained grow(Parent model, @Nullable Checkpoint from) throws IOException {
    Tensor clicked = null;
    if (training.clicked() == ClickedItems.LEARNED) {
      Tensor learned = learnClicked(model);
      clicked = learned == null ? model.weights().get(ClickedCorrection.TENSOR) : learned;
    }
    new Phase(0, "grow", training.epochs(), false).run(from);
    keep(ClickedCorrection.TENSOR, clicked);
    best = model.withUnclicked(best, Popularity.counts(data.all()));
    model.weights().forEach((name, weight) -> keep(name, TextMap.isPart(name) ? weight : null));
    return new Trainer.Trained(outcome, best, List.copyOf(history), List.of());
  }

  /** Learns a correction of clicked items on the clicks that a model does not know yet. */
  private @Nullable Tensor learnClicked(Parent model) {
    Manifest.Provenance made =
        Objects.requireNonNull(trainer.parent()).manifest().provenance();
    TrainingData tested = Parent.tested(made, data.all());
    Map<String, Tensor> weights;
    try (Learner learner = new Learner(
        manager, encoder, training, Popularity.counts(data.all()), precision, trainer.seed())) {
      learner.start(model, data.train());
      weights = learner.model();
    }
    try (NeuralRecommender recommender = NeuralRecommender.load(
        encoder, data.all().vocabulary(), weights, "model", trainer.device())) {
      long drawn = Seeds.of(trainer.seed(), Seeds.Purpose.CLICKED, 0);
      ClickedGain gain = ClickedLearner.learn(tested, recommender, drawn);
      listener.onClicked(gain);
      return gain.correction().isNone() ? null : gain.correction().tensor();
    }
  }

  /**
   * Learns the correction of clicked items: now, since the refit leaves no sessions that the model
   * has not been trained on.
   */
  private void learnClicked() {
    try (NeuralRecommender recommender = NeuralRecommender.load(
        outcome, data.all().vocabulary(), best, "validation", trainer.device())) {
      long drawn = Seeds.of(trainer.seed(), Seeds.Purpose.CLICKED, 0);
      ClickedGain gain = ClickedLearner.learn(data, recommender, drawn);
      listener.onClicked(gain);
      if (!gain.correction().isNone()) {
        keep(ClickedCorrection.TENSOR, gain.correction().tensor());
        history.set(bestEpoch - 1, corrected(history.get(bestEpoch - 1), gain));
      }
    }
  }

  private static Manifest.Epoch corrected(Manifest.Epoch epoch, ClickedGain gain) {
    return new Manifest.Epoch(
        epoch.phase(),
        epoch.epoch(),
        epoch.loss(),
        gain.withCorrected(epoch.validation()),
        epoch.seconds());
  }

  /** Finds how long vectors from words may be: now, for the same reason. */
  private void learnUnclicked() {
    UnclickedGain gain = new UnclickedItems(data, encoder)
        .learn(
            best,
            new Validation(outcome, data, trainer.device()),
            Seeds.of(trainer.seed(), Seeds.Purpose.UNCLICKED, 0));
    listener.onUnclicked(gain);
    keep(UnclickedItems.LENGTH, new Tensor(new long[] {1}, new float[] {gain.length()}));
  }

  /** Learns what the words of an item say, on all items of the model that is done. */
  private void learnTexts() {
    best = new LinkedHashMap<>(best);
    Tensor length = best.remove(UnclickedItems.LENGTH);
    best.putAll(new UnclickedItems(data, encoder)
        .maps(best, length == null ? UnclickedItems.CAUTIOUS : length.values()[0]));
  }

  /** Makes what was learned on validation part of the model. */
  private void keep(String name, @Nullable Tensor learned) {
    if (learned != null) {
      best = new LinkedHashMap<>(best);
      best.put(name, learned);
    }
  }

  Trainer.Selection select(@Nullable Checkpoint from, int until) throws IOException {
    begin(from);
    Phase phase = new Phase(0, "select", until, true);
    phase.run(from);
    return new Trainer.Selection(
        history, phase.stop.first(), phase.epoch >= training.epochs() || phase.impatient());
  }

  /** That of the checkpoint, whatever is faster now: a training never mixes two. */
  private Precision precision(@Nullable Checkpoint from) {
    if (from != null) {
      return Precision.valueOf(from.key().precision());
    }
    return training.precision() == Precision.AUTO
        ? SoftmaxLoss.faster(manager, data.all().vocabulary().size(), encoder.dimension(), nanoTime)
        : training.precision();
  }

  /** How long it will take, by the speed of a few steps. */
  TrainingEstimate.Part estimate(String name) {
    return new StepSpeed(trainer, encoder, precision(null), manager, data).estimate(name);
  }

  private void begin(@Nullable Checkpoint from) {
    precision = precision(from);
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
      this.sessions = parent != null || (index == 0 && validated) ? data.train() : data.all();
      long[] clicks = Popularity.counts(sessions);
      this.counts = parent == null ? clicks : parent.learned(clicks);
      this.drift = training.popularityDrift() == 0 ? new float[0] : drift();
      this.segments = TrainingSequences.of(sessions, encoder, training);
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

    private float[] drift() {
      int known = parent == null ? 0 : parent.sessions();
      return PopularityDrift.of(sessions, counts, Math.max(known, sessions.size()), training);
    }

    void run(@Nullable Checkpoint from) throws IOException {
      try (Learner learner =
          new Learner(manager, encoder, training, counts, precision, trainer.seed())) {
        if (from != null) {
          Checkpoint.Position position = from.position();
          learner.restore(from.state(), position.steps());
          epoch = position.epoch();
          step = position.step();
          targets = position.targets();
          loss = position.loss();
          seconds = position.seconds();
        } else if (parent != null) {
          learner.start(parent, sessions);
        } else if (training.itemInitialization() == ItemInitialization.COOCCURRENCE) {
          learner.start(sessions, data.texts());
        }
        listener.onStart(new TrainingListener.Start(
            training,
            data.validation().size() > 0 && training.refit(),
            precision,
            training.loss(training.epochs(), counts.length),
            counts.length,
            segments.targets(),
            Torch.resolve(trainer.device())));
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
      List<int[]> steps = segments.epoch(
          training.stepTargets(), Seeds.of(trainer.seed(), Seeds.Purpose.ORDER, epoch));
      long done = targets - (long) epoch * segments.targets();
      double before = seconds;
      long first = done;
      long start = nanoTime.getAsLong();
      while (step < steps.size()) {
        long masks = Seeds.of(trainer.seed(), Seeds.Purpose.MASK, learner.steps());
        TrainingSequences.Step batch = segments.step(encoder, steps.get(step), masks);
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

    private void finish(Learner learner) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      boolean better = true;
      if (validated) {
        Map<String, Tensor> model = model(learner);
        metrics.putAll(new Validation(outcome, data, trainer.device()).of(model));
        better = stop.isBest(epoch + 1, Trainer.criterion(metrics), bestEpoch, bestCriterion());
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
      return bestEpoch == 0 ? 0 : Trainer.criterion(history.get(bestEpoch - 1).validation());
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
      new Checkpoint(key.with(precision), position, learner.state(), best).write(file);
      saved = nanoTime.getAsLong();
    }
  }
}
