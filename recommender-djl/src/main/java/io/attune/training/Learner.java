package io.attune.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.encoder.Positions;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.Weights;
import io.attune.model.EncoderConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.Model;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of a training - weights, item vectors and the optimizer's moments - and the step that
 * updates it. Owns its native memory; {@link #close} frees it.
 */
final class Learner implements AutoCloseable {
  /** How many states the means of a checkpoint are of. */
  private static final String AVERAGED = "averaged";

  /**
   * The engine has one random state, and collects gradients for one pass at a time, per process: a
   * step holds this lock for both.
   */
  private static final Object ENGINE = new Object();

  private final EncoderConfig config;
  private final SessionEncoder encoder;
  private final NDManager manager;
  private final Weights weights;
  private final ItemTable items;
  private final ItemTable inputs; // the same object where tied
  private final AdamW optimizer;
  private final WeightAveraging averages;
  private final Map<LossKind, ItemLoss> losses = new EnumMap<>(LossKind.class);
  private final long[] counts; // (V)
  private final Precision precision;
  private final TrainingConfig training;
  private final long seed;
  private final @Nullable SessionMemory memory;

  /**
   * Initial weights.
   *
   * @param parent owner of this learner's manager, on the device to train on
   * @param counts (V): clicks of each item in what is trained on, row 1 first
   * @param precision not auto
   */
  Learner(
      NDManager parent,
      EncoderConfig config,
      TrainingConfig training,
      long[] counts,
      Precision precision,
      long seed) {
    this.config = config;
    this.training = training;
    this.seed = seed;
    this.encoder = SessionEncoder.of(config);
    this.manager = parent.newSubManager();
    SplittableRandom random = new SplittableRandom(Seeds.of(seed, Seeds.Purpose.WEIGHTS, 0));
    this.weights = new Weights(manager);
    encoder.initialize(weights, random);
    boolean normalized = config.similarity().normalized();
    this.items = new ItemTable(manager, counts.length, config.dimension(), normalized, random);
    this.inputs = config.similarity().tied()
        ? this.items
        : new ItemTable(manager, counts.length, config.dimension(), normalized, random);
    this.counts = counts;
    this.precision = precision;
    this.optimizer = new AdamW(manager, parameters());
    this.averages = new WeightAveraging(manager, parameters());
    this.memory = config instanceof MemoryNetworkConfig network
        ? new SessionMemory(
            manager,
            network,
            weights.get(MemoryNetworkConfig.KEYS),
            weights.get(MemoryNetworkConfig.VALUES))
        : null;
    weights.setRequiresGradient(true);
  }

  private Map<String, NDArray> parameters() {
    Map<String, NDArray> all = new LinkedHashMap<>(weights.trained());
    all.put(Model.ITEMS, items.raw());
    if (inputs != items) {
      all.put(Model.INPUTS, inputs.raw());
    }
    return all;
  }

  /**
   * One step of stochastic gradient descent.
   *
   * @param rate learning rate
   * @param kind the loss, not auto
   * @return the sum of the losses of the step's targets
   */
  double step(TrainingSequences.Step step, double rate, LossKind kind) {
    synchronized (ENGINE) {
      return undisturbed(step, rate, kind);
    }
  }

  private double undisturbed(TrainingSequences.Step step, double rate, LossKind kind) {
    Torch.seed(Seeds.of(seed, Seeds.Purpose.DROPOUT, optimizer.steps()));
    double total;
    ItemLoss.Loss against;
    try (NDManager batch = manager.newSubManager()) {
      int[] flat = step.batch().rows();
      long[] longs = new long[flat.length];
      for (int i = 0; i < flat.length; i++) {
        longs[i] = flat[i];
      }
      NDArray rows = batch.create(longs); // int64 (B · L)
      Positions positions = positions(batch, step);
      NDArray clicks = inputs.rows(rows); // float32 (B · L, D)
      clicks.setRequiresGradient(true);
      Shape shape = new Shape(step.batch().sessions(), step.batch().length(), config.dimension());
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        SessionEncoder.Encoded encoded =
            encoder.encode(weights, clicks.reshape(shape), positions, true);
        NDArray queries = encoded.queries(); // float32 (P, D)
        against = loss(kind)
            .backward(
                queries.stopGradient(),
                items.vectors(),
                step.targets(),
                items.gradient(),
                Seeds.of(seed, Seeds.Purpose.NEGATIVES, optimizer.steps()));
        total = against.sum();
        NDArray scalar = queries.mul(against.gradient()).sum();
        SessionEncoder.Halting halting = encoded.halting();
        collector.backward(halting == null ? scalar : scalar.add(halting.cost()));
      }
      NDArray clickGradient = clicks.getGradient();
      inputs.addGradient(rows, clickGradient);
      clickGradient.close();
      if (memory != null) {
        memory.write(
            weights, clicks.stopGradient().reshape(shape), positions, items.vectors(), step);
      }
      update(batch, rate, against.rows(), flat);
    }
    return total;
  }

  private Positions positions(NDManager batch, TrainingSequences.Step step) {
    Positions positions = Positions.of(batch, step.batch(), encoder.window());
    return memory == null ? positions : positions.reading(memory.readable(batch, step));
  }

  private ItemLoss loss(LossKind kind) {
    // Created on first use, since its buffers are large.
    return losses.computeIfAbsent(kind, wanted -> switch (wanted) {
      case FULL -> new SoftmaxLoss(manager, counts.length, config.dimension(), precision);
      case SAMPLED, GBCE -> new SampledLoss(manager, wanted, counts, training);
      case AUTO -> throw new IllegalArgumentException("the loss must be chosen");
    });
  }

  /**
   * Updates the weights by the collected gradients, and clears these.
   *
   * @param scored item rows that the loss touched; null for all
   * @param clicked item rows of the batch
   */
  private void update(NDManager batch, double rate, int @Nullable [] scored, int[] clicked) {
    List<AdamW.Gradient> gradients = new ArrayList<>();
    for (NDArray weight : weights.trained().values()) {
      gradients.add(AdamW.Gradient.all(weight.getGradient()));
    }
    boolean tied = inputs == items;
    NDArray changed =
        scored == null ? null : distinct(batch, tied ? concat(scored, clicked) : scored);
    gradients.add(items.rawGradient(batch, changed));
    NDArray changedInputs = scored == null || tied ? null : distinct(batch, clicked);
    if (!tied) {
      gradients.add(inputs.rawGradient(batch, changedInputs));
    }
    optimizer.step(gradients, rate, training.weightDecay(), training.clipNorm());
    for (AdamW.Gradient gradient : gradients.subList(0, weights.trained().size())) {
      gradient.values().subi(gradient.values());
      gradient.values().close();
    }
    items.refresh(changed);
    if (!tied) {
      inputs.refresh(changedInputs);
    }
  }

  private static int[] concat(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Each row once, padding left out, as int64 (R). */
  private static NDArray distinct(NDManager manager, int[] rows) {
    return manager.create(Arrays.stream(rows)
        .filter(row -> row != Vocabulary.UNKNOWN)
        .sorted()
        .distinct()
        .asLongStream()
        .toArray());
  }

  /** Adds the present weights to those that the model is the mean of. */
  void average() {
    averages.add();
  }

  /**
   * Runs an action with the averaged weights in place of the current ones; with the current ones as
   * long as there is no average.
   */
  <T> T averaged(Supplier<T> use) {
    if (averages.count() == 0) {
      return use.get();
    }
    exchange();
    try {
      return use.get();
    } finally {
      exchange();
    }
  }

  private void exchange() {
    averages.exchange();
    items.refresh();
    if (inputs != items) {
      inputs.refresh();
    }
  }

  /** A copy of what a model keeps: the encoder's weights and the item vectors. */
  Map<String, Tensor> model() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    weights.arrays().forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    tensors.put(Model.ITEMS, Torch.tensor(items.vectors()));
    if (inputs != items) {
      tensors.put(Model.INPUTS, Torch.tensor(inputs.vectors()));
    }
    return tensors;
  }

  /**
   * Begins with item vectors of which those that meet in sessions are alike, and those of items
   * with words in common.
   *
   * @param texts by item id; may be empty
   */
  void start(Sessions sessions, Map<String, String> texts) {
    if (!texts.isEmpty()) {
      long drawn = Seeds.of(seed, Seeds.Purpose.WORDS, 0);
      WordProjection words = new WordProjection(sessions.vocabulary(), texts, drawn);
      items.start(words);
      if (inputs != items) {
        inputs.start(words);
      }
    }
    Cooccurrence meetings = new Cooccurrence(sessions, config.dimension());
    items.start(meetings);
    if (inputs != items) {
      inputs.start(meetings);
    }
  }

  /**
   * Goes on from a model: with its weights, and with new items placed near those they meet.
   *
   * @throws IllegalArgumentException when it lacks a weight, or one has another shape
   */
  void start(Parent parent, Sessions sessions) {
    weights.setRequiresGradient(false);
    weights.arrays().forEach((name, array) -> {
      Tensor tensor = parent.tensor(name);
      Shape shape = new Shape(tensor.shape());
      if (!shape.equals(array.getShape())) {
        throw new IllegalArgumentException(
            "the model's weight " + name + " should be of " + array.getShape() + ", not " + shape);
      }
      try (NDArray values = manager.create(tensor.values(), shape)) {
        array.set(new NDIndex("..."), values); // in place, since the optimizer holds it
      }
    });
    weights.setRequiresGradient(true);
    Cooccurrence meetings = new Cooccurrence(sessions, config.dimension());
    items.start(parent, Model.ITEMS, meetings);
    if (inputs != items) {
      inputs.start(parent, Model.INPUTS, meetings);
    }
    if (memory != null) {
      memory.startFilled();
    }
  }

  /** A copy of everything, so that {@link #restore} continues as if nothing had happened. */
  Map<String, Tensor> state() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    parameters().forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    optimizer.moments().forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    averages.means().forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    if (memory != null) {
      memory.arrays().forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    }
    tensors.put(AVERAGED, new Tensor(new long[0], new float[] {averages.count()}));
    return tensors;
  }

  /** Steps made so far. */
  long steps() {
    return optimizer.steps();
  }

  /**
   * Restores a state.
   *
   * @param state as {@link #state} gave it
   * @param steps made by then
   */
  void restore(Map<String, Tensor> state, long steps) {
    weights.setRequiresGradient(false);
    Map<String, NDArray> arrays = new LinkedHashMap<>(parameters());
    arrays.putAll(optimizer.moments());
    Tensor averaged = state.get(AVERAGED);
    averages.setCount(averaged == null ? 0 : (int) averaged.values()[0]);
    arrays.putAll(averages.means());
    if (memory != null) {
      arrays.putAll(memory.arrays());
    }
    arrays.forEach((name, array) -> {
      Tensor tensor = state.get(name);
      if (tensor == null) {
        throw new IllegalArgumentException("the checkpoint has no " + name);
      }
      try (NDArray values = manager.create(tensor.values(), new Shape(tensor.shape()))) {
        array.set(new NDIndex("..."), values); // in place, as in ItemTable
      }
    });
    weights.setRequiresGradient(true);
    optimizer.setSteps(steps);
    items.refresh();
    if (inputs != items) {
      inputs.refresh();
    }
  }

  /** Arrays held beyond a step: constant, unless something leaks. */
  int heldArrays() {
    return manager.getManagedArrays().size();
  }

  @Override
  public void close() {
    manager.close();
  }
}
