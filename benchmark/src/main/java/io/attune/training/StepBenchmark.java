package io.attune.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.attune.encoder.Positions;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.TorchScript;
import io.attune.encoder.Weights;
import io.attune.model.ComputeDevice;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Targets a second of a training step of NARM over 43,097 items: the chunked loss with its gradient
 * by hand and the fused optimizer, in fp32 and in bf16, beside the step that one would write first,
 * autograd over all logits and DJL's own Adam; the bare matrix products of a step, its optimizer
 * alone, and a step over samples.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=StepBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class StepBenchmark {
  private static final int ITEMS = 43_097;
  private static final int TARGETS = 512;
  private static final int D = 100;
  private static final NarmConfig CONFIG = NarmConfig.builder()
      .readout(Readout.LAST)
      .inputDropout(0)
      .contextDropout(0)
      .build();

  private NDManager manager;
  private Learner fp32;
  private Learner bf16;
  private Naive naive;
  private Products products;
  private AdamW optimizer;
  private List<AdamW.Gradient> gradients;
  private TrainingSequences.Step step;

  /** Draws a step, and checks that all three compute the same loss for it. */
  @Setup(Level.Trial)
  public void draw() {
    manager = Torch.manager(ComputeDevice.CPU);
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < TARGETS / 4; s++) {
      rows.add(random.ints(5, 1, ITEMS + 1).toArray());
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    TrainingSequences segments =
        new TrainingSequences(Sessions.of(vocabulary, rows), new TrainingSequences.Cut(50, 0));
    step = segments.step(IntStream.range(0, rows.size()).toArray());
    fp32 = learner(Precision.FP32);
    bf16 = learner(Precision.BF16);
    naive = new Naive(manager);
    products = new Products(manager);
    Weights weights = new Weights(manager);
    SessionEncoder.of(CONFIG).initialize(weights, random);
    weights.add("items", new float[(ITEMS + 1) * D], new Shape(ITEMS + 1, D));
    optimizer = new AdamW(manager, weights.arrays());
    gradients = weights.arrays().values().stream()
        .map(array -> AdamW.Gradient.all(manager.zeros(array.getShape())))
        .toList();
    double expected = naive.step(step);
    for (Learner learner : List.of(fp32, bf16)) {
      double loss = learner.step(step, 1e-3, LossKind.FULL) / TARGETS;
      if (Math.abs(loss - expected) > 0.01 * expected) {
        throw new IllegalStateException("loss " + loss + " instead of " + expected);
      }
    }
  }

  private Learner learner(Precision precision) {
    long[] counts = new long[ITEMS];
    Arrays.fill(counts, 1);
    return new Learner(manager, CONFIG, TrainingConfig.defaults(), counts, precision, 7);
  }

  @TearDown(Level.Trial)
  public void free() {
    manager.close();
  }

  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public double chunkedFp32() {
    return fp32.step(step, 1e-3, LossKind.FULL);
  }

  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public double chunkedBf16() {
    return bf16.step(step, 1e-3, LossKind.FULL);
  }

  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public double sampledFp32() {
    return fp32.step(step, 1e-3, LossKind.SAMPLED);
  }

  /** The three products over all items that a step in fp32 cannot do without, and nothing else. */
  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public void bareProducts() {
    products.run();
  }

  /** The optimizer alone, on arrays of the same shapes. */
  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public float optimizer() {
    return optimizer.step(gradients, 1e-3, 0, 5);
  }

  @Benchmark
  @OperationsPerInvocation(TARGETS)
  public double naiveAutograd() {
    return naive.step(step);
  }

  /** Logits, and the gradients of queries and items, in chunks as the loss makes them. */
  private static final class Products {
    private static final int CHUNK = 128;
    private static final String KERNELS = """
          def products(self: __torch__.M, q: Tensor, e: Tensor, z: Tensor, gq: Tensor, ge: Tensor) -> Tensor:
            _0 = torch.mm(q, torch.t(e), out=z)
            _1 = torch.mm(z, e, out=gq)
            return torch.addmm_(ge, torch.t(z), q, beta=1, alpha=1)
        """;

    private final NDManager manager;
    private final TorchScript kernels;
    private final NDArray queries;
    private final NDArray items;
    private final NDArray logits;
    private final NDArray ofQueries;
    private final NDArray ofItems;

    Products(NDManager manager) {
      this.manager = manager;
      kernels = new TorchScript(manager, KERNELS);
      queries = manager.ones(new Shape(CHUNK, D));
      items = manager.ones(new Shape(ITEMS, D));
      logits = manager.zeros(new Shape(CHUNK, ITEMS));
      ofQueries = manager.zeros(new Shape(CHUNK, D));
      ofItems = manager.zeros(new Shape(ITEMS, D));
    }

    void run() {
      try (NDManager step = manager.newSubManager()) {
        for (int done = 0; done < TARGETS; done += CHUNK) {
          kernels.call(step, "products", queries, items, logits, ofQueries, ofItems);
        }
      }
    }
  }

  /** The same encoder and numbers, with everything left to the engine's graph and to DJL's Adam. */
  private static final class Naive {
    private final NDManager manager;
    private final SessionEncoder encoder = SessionEncoder.of(CONFIG);
    private final Weights weights;
    private final NDArray items; // float32 (V + 1, D)
    private final Optimizer adam =
        Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build();

    Naive(NDManager manager) {
      this.manager = manager;
      this.weights = new Weights(manager);
      SplittableRandom random = new SplittableRandom(Seeds.of(7, Seeds.Purpose.WEIGHTS, 0));
      encoder.initialize(weights, random);
      items = new ItemTable(manager, ITEMS, CONFIG.dimension(), true, random).raw();
      weights.setRequiresGradient(true);
      items.setRequiresGradient(true);
    }

    double step(TrainingSequences.Step step) {
      double loss;
      try (NDManager batch = manager.newSubManager()) {
        NDArray rows =
            batch.create(Arrays.stream(step.batch().rows()).asLongStream().toArray());
        NDArray targets = batch.create(
            Arrays.stream(step.targets()).mapToLong(row -> row - 1L).toArray());
        Positions positions = Positions.of(batch, step.batch(), encoder.window());
        Shape shape = new Shape(step.batch().sessions(), step.batch().length(), CONFIG.dimension());
        NDArray tiny = batch.full(new Shape(1), 1e-24f);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
          NDArray squares = items.mul(items);
          squares.attach(batch);
          NDArray vectors = squares.sum(new int[] {1}, true).add(tiny).sqrt();
          NDArray normalized = items.div(vectors);
          normalized.attach(batch);
          NDArray clicks = normalized.get(rows).reshape(shape);
          NDArray queries = encoder.encode(weights, clicks, positions, true).queries();
          NDArray logits = queries.matMul(normalized.get("1:").transpose()); // (P, V)
          NDArray mean =
              logits.logSoftmax(1).gather(targets.expandDims(1), 1).mean().neg();
          loss = mean.getFloat();
          collector.backward(mean);
        }
      }
      weights.arrays().forEach(this::update);
      update("items", items);
      return loss;
    }

    private void update(String name, NDArray weight) {
      try (NDArray gradient = weight.getGradient()) {
        adam.update(name, weight, gradient);
        gradient.subi(gradient);
      }
    }
  }
}
