package io.attune.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.batch.BatchOptions;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.batch.Recommendations;
import io.attune.batch.SessionClicks;
import io.attune.encoder.NeuralRecommender;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.TorchScript;
import io.attune.encoder.Weights;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.model.TransformerConfig;
import io.attune.saved.SavedModel;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import io.attune.vector.TopK;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Sessions of ten clicks a second that get their 20 best of 43,097 items on two threads, beside the
 * bare matrix products of as many queries with all items and the selection of the 20 best scores.
 *
 * <p>Items are drawn in clusters, and sessions stay near one, since bounds gain nothing on noise;
 * {@code -p model=DIRECTORY} takes a trained model instead.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=BatchBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "-Dai.djl.pytorch.num_threads=1")
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
public class BatchBenchmark {
  private static final int ITEMS = 43_097;
  private static final int CLUSTER = 20;
  private static final int SESSIONS = 8192;
  private static final int CLICKS = 10;
  private static final int BEST = 20;
  private static final int CHUNK = 128;
  private static final int THREADS = 2;

  @Param({"narm", "transformer"})
  private String model;

  private NDManager manager;
  private SavedModel saved;
  private BatchRecommender recommender;
  private final List<SessionClicks> sessions = new ArrayList<>();
  private TorchScript product;
  private NDArray queries; // float32 (CHUNK, D)
  private NDArray items; // float32 (V + 1, D)
  private final NDArray[] scores = new NDArray[THREADS]; // each float32 (CHUNK, V)

  /** Opens or draws a model, and draws sessions. */
  @Setup(Level.Trial)
  public void draw() throws IOException {
    manager = Torch.manager(ComputeDevice.CPU);
    SplittableRandom random = new SplittableRandom(1);
    saved = switch (model) {
      case "narm" -> drawn(NarmConfig.defaults(), random);
      case "transformer" -> drawn(TransformerConfig.defaults(), random);
      default -> SavedModel.open(Path.of(model), "opened", ComputeDevice.CPU);
    };
    Vocabulary vocabulary = saved.vocabulary();
    for (int s = 0; s < SESSIONS; s++) {
      int at = random.nextInt(vocabulary.size() - CLUSTER) / CLUSTER * CLUSTER;
      int[] clicks = random.ints(CLICKS, at + 1, at + CLUSTER + 1).toArray();
      sessions.add(new SessionClicks("s" + s, clicks));
    }
    BatchOptions options = new BatchOptions(BEST, false, null, Fallback.POPULAR);
    recommender = BatchRecommender.of(saved, Candidates.all(vocabulary), options, THREADS);
    product = new TorchScript(manager, """
              def product(self: __torch__.M, q: Tensor, e: Tensor, z: Tensor) -> Tensor:
                return torch.mm(q, torch.t(e), out=z)
            """);
    Tensor table = saved instanceof SavedModel.Engine neural
        ? neural.model().weights().get(Model.ITEMS)
        : null;
    if (table == null) {
      throw new IllegalStateException(model + " has no item vectors");
    }
    items = manager.create(table.values(), new Shape(table.shape()));
    queries = items.get("1:" + (CHUNK + 1)).duplicate();
    for (int i = 0; i < THREADS; i++) {
      scores[i] = manager.create(new Shape(CHUNK, table.shape()[0]), DataType.FLOAT32);
    }
  }

  private SavedModel drawn(EncoderConfig config, SplittableRandom random) {
    Weights weights = new Weights(manager);
    SessionEncoder.of(config).initialize(weights, random);
    Map<String, Tensor> tensors = new HashMap<>();
    weights
        .arrays()
        .forEach((name, array) ->
            tensors.put(name, new Tensor(array.getShape().getShape(), array.toFloatArray())));
    int dimension = config.dimension();
    float[] table = new float[(ITEMS + 1) * dimension];
    double[] centre = new double[dimension];
    for (int item = 0; item < ITEMS; item++) {
      if (item % CLUSTER == 0) {
        Arrays.setAll(centre, i -> random.nextGaussian());
      }
      double squares = 0;
      for (int i = 0; i < dimension; i++) {
        float value = (float) (centre[i] + 0.7 * random.nextGaussian());
        table[(item + 1) * dimension + i] = value;
        squares += value * value;
      }
      for (int i = 0; i < dimension; i++) {
        table[(item + 1) * dimension + i] /= (float) Math.sqrt(squares);
      }
    }
    tensors.put(Model.ITEMS, new Tensor(new long[] {ITEMS + 1, dimension}, table));
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    JsonNodeFactory json = JsonNodeFactory.instance;
    Manifest.Provenance provenance = new Manifest.Provenance(
        "", "", 1, 0, 0, "none", null, null, json.objectNode(), json.objectNode());
    Manifest manifest =
        new Manifest(Manifest.FORMAT, config, ITEMS, provenance, List.of(), Map.of());
    Model made = new Model(manifest, vocabulary, new long[ITEMS], tensors);
    return new SavedModel.Engine(made, NeuralRecommender.load(made, model, ComputeDevice.CPU));
  }

  @TearDown(Level.Trial)
  public void free() {
    recommender.close();
    saved.close();
    manager.close();
  }

  @Benchmark
  @OperationsPerInvocation(SESSIONS)
  public void recommend(Blackhole hole) {
    Iterator<Recommendations> made = recommender.recommend(sessions.iterator());
    while (made.hasNext()) {
      hole.consume(made.next());
    }
  }

  @Benchmark
  @OperationsPerInvocation(SESSIONS)
  public void bareProductsAndSelection(Blackhole hole) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      NDArray z = scores[i];
      threads.add(Thread.ofPlatform().start(() -> half(z, hole)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void half(NDArray z, Blackhole hole) {
    int stride = (int) z.getShape().get(1);
    float[] row = new float[stride];
    for (int from = 0; from < SESSIONS / THREADS; from += CHUNK) {
      try (NDManager part = manager.newSubManager()) {
        NDArray filled = product.call(part, "product", queries, items, z).singletonOrThrow();
        FloatBuffer values =
            filled.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (int i = 0; i < CHUNK; i++) {
          values.get(i * stride, row);
          TopK best = new TopK(BEST);
          best.offer(1, row, 1, stride - 1, candidate -> true);
          hole.consume(best.<float[]>sorted((rows, found) -> found));
        }
      }
    }
  }
}
