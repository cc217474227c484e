package io.attune.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.TorchScript;
import io.attune.encoder.Weights;
import io.attune.model.ComputeDevice;
import io.attune.model.NarmConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.TargetRanks;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * Predictions a second of a full-ranking evaluation of NARM over 43,097 items, beside the bare
 * products in float32 of as many queries with all items.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=RankBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class RankBenchmark {
  private static final int ITEMS = 43_097;
  private static final int PREDICTIONS = 1024;
  private static final int CHUNK = 128;

  private NDManager manager;
  private NeuralRecommender recommender;
  private final List<Prefix> prefixes = new ArrayList<>();
  private int[] targets;
  private TorchScript product;
  private NDArray queries; // float32 (CHUNK, D)
  private NDArray items; // float32 (V + 1, D)
  private NDArray scores; // float32 (CHUNK, V)

  /** Draws a model and sessions, and checks the ranks against scores that are compared in Java. */
  @Setup(Level.Trial)
  public void draw() {
    manager = Torch.manager(ComputeDevice.CPU);
    SplittableRandom random = new SplittableRandom(1);
    NarmConfig config = NarmConfig.defaults();
    Weights weights = new Weights(manager);
    SessionEncoder.of(config).initialize(weights, random);
    weights.uniform("items", random, 0.17f, ITEMS + 1L, config.dimension());
    items = weights.get("items");
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    Map<String, Tensor> tensors = new HashMap<>();
    weights
        .arrays()
        .forEach((name, array) ->
            tensors.put(name, new Tensor(array.getShape().getShape(), array.toFloatArray())));
    recommender = NeuralRecommender.load(config, vocabulary, tensors, "narm", ComputeDevice.CPU);
    while (prefixes.size() < PREDICTIONS) {
      int[] session = random.ints(1 + random.nextInt(7), 1, ITEMS + 1).toArray();
      for (int length = 1; length <= session.length && prefixes.size() < PREDICTIONS; length++) {
        prefixes.add(new Prefix(session, length));
      }
    }
    targets = prefixes.stream().mapToInt(prefix -> target(prefix, random)).toArray();
    check();
    product = new TorchScript(manager, """
              def product(self: __torch__.M, q: Tensor, e: Tensor, z: Tensor) -> Tensor:
                return torch.mm(q, torch.t(torch.slice(e, 0, 1)), out=z)
            """);
    queries = manager.ones(new Shape(CHUNK, config.dimension()));
    scores = manager.create(new Shape(CHUNK, ITEMS), DataType.FLOAT32);
  }

  /** An item as far down the list as a trained model's targets are: more than half are among 20. */
  private int target(Prefix prefix, SplittableRandom random) {
    double place = random.nextDouble();
    int among = place < 0.54 ? 20 : place < 0.81 ? 100 : place < 0.94 ? 1000 : ITEMS;
    List<Recommendation> best = recommender.top(prefix, among, false);
    return best.get(random.nextInt(best.size())).row();
  }

  private void check() {
    TargetRanks standings = recommender.rank(prefixes, targets, false, 20);
    float[] row = new float[ITEMS + 1];
    for (int i = 0; i < PREDICTIONS; i += 100) {
      recommender.score(List.of(prefixes.get(i)), row);
      int rank = 0;
      for (int item = 1; item <= ITEMS; item++) {
        rank += row[item] >= row[targets[i]] ? 1 : 0;
      }
      if (rank != standings.rank(i)) {
        throw new IllegalStateException("rank " + standings.rank(i) + " instead of " + rank);
      }
    }
  }

  @TearDown(Level.Trial)
  public void free() {
    recommender.close();
    manager.close();
  }

  @Benchmark
  @OperationsPerInvocation(PREDICTIONS)
  public TargetRanks ranks() {
    return recommender.rank(prefixes, targets, false, 20);
  }

  @Benchmark
  @OperationsPerInvocation(PREDICTIONS)
  public void bareProducts() {
    for (int i = 0; i < PREDICTIONS; i += CHUNK) {
      try (NDManager part = manager.newSubManager()) {
        product.call(part, "product", queries, items, scores);
      }
    }
  }
}
