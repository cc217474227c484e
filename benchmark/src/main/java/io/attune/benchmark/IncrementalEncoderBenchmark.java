package io.attune.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.encoder.Positions;
import io.attune.encoder.SessionBatch;
import io.attune.encoder.SessionEncoder;
import io.attune.encoder.Torch;
import io.attune.encoder.Weights;
import io.attune.incremental.SessionState;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.serving.ServingModel;
import io.attune.session.Vocabulary;
import io.attune.training.TrainingConfig;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one click costs: a step and a query in plain Java, in sessions of 1 to 10 clicks, two a
 * visit, beside a forward pass of the engine over a session of 10 clicks, with one thread each; and
 * what it costs to open the model. All have 43,097 items of 100 elements, and shipped defaults.
 *
 * <pre>
 * mvn -q -Pbenchmark -DskipTests verify -pl benchmark -am -Dbenchmark=IncrementalEncoderBenchmark
 * </pre>
 */
@SuppressWarnings("NullAway.Init") // JMH calls @Setup first
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Dai.djl.pytorch.num_threads=1")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class IncrementalEncoderBenchmark {
  private static final int ITEMS = 43_097;
  private static final int CLICKS = 10;

  /** Two clicks a visit. */
  private static final long[] TIMES = IntStream.range(0, CLICKS)
      .mapToLong(click -> TimeUnit.HOURS.toMillis(click / 2) + TimeUnit.MINUTES.toMillis(click))
      .toArray();

  @Param({
    "narm",
    "transformer",
    "gru",
    "convolution",
    "hierarchical",
    "stamp",
    "memory-network",
    "ensemble"
  })
  private String encoder;

  private NDManager manager;
  private SessionEncoder engine;
  private Weights weights;
  private NDArray items; // float32 (V + 1, D)
  private Path directory;
  private ServingModel model;
  private final List<int[]> sessions = new ArrayList<>();
  private int session;
  private SessionState state;
  private float[] query;
  private float[] attention;

  /** Draws a model, writes it, opens it, and checks its steps against the engine. */
  @Setup(Level.Trial)
  public void draw() throws IOException {
    manager = Torch.manager(ComputeDevice.CPU);
    SplittableRandom random = new SplittableRandom(1);
    EncoderConfig shipped = Objects.requireNonNull(EncoderConfig.defaults().get(encoder));
    EncoderConfig config = TrainingConfig.defaults().outcome(shipped);
    engine = SessionEncoder.of(config);
    weights = new Weights(manager);
    engine.initialize(weights, random);
    weights.uniform(Model.ITEMS, random, 0.17f, ITEMS + 1L, config.dimension());
    items = weights.get(Model.ITEMS);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    weights
        .arrays()
        .forEach((name, array) ->
            tensors.put(name, new Tensor(array.getShape().getShape(), array.toFloatArray())));
    Manifest.Provenance provenance = new Manifest.Provenance(
        "",
        "",
        1,
        0,
        0,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest =
        new Manifest(Manifest.FORMAT, config, ITEMS, provenance, List.of(), Map.of());
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    directory = Files.createTempDirectory("benchmark");
    new Model(manifest, vocabulary, new long[ITEMS], tensors).save(directory.resolve("model"));
    model = ServingModel.open(directory.resolve("model"));
    for (int i = 0; i < 1000; i++) {
      sessions.add(random.ints(CLICKS, 1, ITEMS + 1).toArray());
    }
    query = new float[config.dimension()];
    attention = new float[CLICKS];
    state = model.encoder().start();
    check();
  }

  private void check() {
    for (int i = 0; i < CLICKS; i++) {
      click();
    }
    float[] expected = forward(sessions.get(0));
    for (int i = 0; i < query.length; i++) {
      if (!(Math.abs(query[i] - expected[i]) < 1e-4)) {
        throw new IllegalStateException("query " + query[i] + " instead of " + expected[i]);
      }
    }
  }

  @TearDown(Level.Trial)
  public void free() throws IOException {
    manager.close();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> {
        try {
          Files.delete(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  @Benchmark
  public float[] click() {
    if (state.clicks() == CLICKS) {
      state = model.encoder().start();
      session = (session + 1) % sessions.size();
    }
    int click = state.clicks();
    model.encoder().advance(state, sessions.get(session)[click], TIMES[click]);
    model.encoder().query(state, query, attention);
    return query;
  }

  @Benchmark
  public float[] engineForward() {
    session = (session + 1) % sessions.size();
    return forward(sessions.get(session));
  }

  private float[] forward(int[] clicks) {
    try (NDManager part = manager.newSubManager()) {
      SessionBatch batch = new SessionBatch(1, CLICKS, clicks, TIMES, new int[] {CLICKS - 1});
      NDArray rows = part.create(Arrays.stream(clicks).asLongStream().toArray());
      NDArray embedded = rows.getNDArrayInternal()
          .embedding(rows, items, SparseFormat.DENSE)
          .singletonOrThrow()
          .reshape(1, CLICKS, query.length);
      return engine
          .encode(weights, embedded, Positions.of(part, batch, engine.window()), false)
          .queries()
          .toFloatArray();
    }
  }

  @Benchmark
  public ServingModel open() throws IOException {
    return ServingModel.open(directory.resolve("model"));
  }
}
