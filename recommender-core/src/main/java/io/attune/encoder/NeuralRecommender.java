package io.attune.encoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.model.Direction;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.Tensor;
import io.attune.model.TimeGaps;
import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.Standings;
import io.attune.session.Vocabulary;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A session encoder with its weights and an item table as a recommender, in batches on CPU or GPU.
 * All prefixes of one session are encoded in one pass over it.
 *
 * <p>A row of a batch must not depend on the other rows, down to the last bit, lest a rank depend
 * on its neighbours. Matrix products of the engine keep the order of additions within a row as long
 * as the number of rows stays away from the small sizes that have kernels of their own, so every
 * batch is padded to a multiple of {@value #ROWS} sessions, clicks and positions. Sizes of an
 * encoder that are no multiple of 4 may still differ in the last bit.
 *
 * <p>Not for use by several threads at once, {@link #separateQueries} excepted.
 */
public final class NeuralRecommender implements Recommender {
  private static final int ROWS = 16;

  /** Elements of the largest temporary, (P, W, H): some 20 MB. */
  private static final long TEMPORARY = 5L << 20;

  /** Queries whose scores are held at a time, at most, and how many scores that may be: 64 MB. */
  private static final int BATCH = 128;

  private static final int SCORES = 1 << 24;

  private static final String KERNELS = """
        def scores(self: __torch__.M, q: Tensor, items: Tensor, z: Tensor) -> Tensor:
          return torch.mm(q, torch.t(torch.slice(items, 0, 1)), out=z)
        def highest(self: __torch__.M, z: Tensor) -> Tensor:
          n = torch.floordiv(torch.size(z, 1), BLOCK)
          whole = torch.slice(z, 1, 0, torch.mul(n, BLOCK))
          return torch.amax(torch.view(whole, [torch.size(z, 0), n, BLOCK]), [2])
      """.replace("BLOCK", Integer.toString(ItemScores.BLOCK));

  private final String name;
  private final Vocabulary vocabulary;
  private final SessionEncoder encoder;
  private final Weights weights;
  private final NDArray inputs; // float32 (V + 1, D)
  private final NDArray items; // float32 (V + 1, D)
  private final NDManager manager; // of the buffers, or of everything where it was loaded
  private final TorchScript kernels;
  private final int batch; // queries whose scores are held at a time
  private final NDArray buffer; // float32 (batch, V)
  private final int dimension; // D
  private final DoubleSummaryStatistics depths = new DoubleSummaryStatistics();

  /**
   * Wraps weights that live elsewhere and stay theirs.
   *
   * @param manager parent of this recommender's own buffers
   * @param inputs float32 (V + 1, D): what clicks are embedded by
   * @param items float32 (V + 1, D): what is scored
   */
  public NeuralRecommender(
      String name,
      Vocabulary vocabulary,
      EncoderConfig config,
      Weights weights,
      NDManager manager,
      NDArray inputs,
      NDArray items) {
    this(name, vocabulary, config, weights, inputs, items, manager.newSubManager());
  }

  private NeuralRecommender(
      String name,
      Vocabulary vocabulary,
      EncoderConfig config,
      Weights weights,
      NDArray inputs,
      NDArray items,
      NDManager owned) {
    this.name = name;
    this.vocabulary = vocabulary;
    this.encoder = SessionEncoder.of(config);
    this.weights = weights;
    this.inputs = inputs;
    this.items = items;
    this.manager = owned;
    this.kernels = new TorchScript(this.manager, KERNELS);
    int fitting = SCORES / vocabulary.size() / ROWS * ROWS;
    this.batch = Math.clamp(fitting, ROWS, BATCH);
    this.buffer = this.manager.create(new Shape(batch, vocabulary.size()), DataType.FLOAT32);
    this.dimension = config.dimension();
  }

  /**
   * A model on a device, with native memory of its own, which {@link #close} frees.
   *
   * @throws IllegalArgumentException when a weight is missing or of another shape than its
   *     configuration says
   */
  public static NeuralRecommender load(Model model, String name, Device device) {
    NDManager manager = Torch.manager(device);
    try {
      EncoderConfig config = model.manifest().encoder();
      Weights expected = new Weights(manager);
      SessionEncoder.of(config).initialize(expected, new SplittableRandom(0));
      Weights weights = new Weights(manager);
      expected
          .arrays()
          .forEach((key, array) ->
              weights.add(key, array(model, key, array.getShape()).values(), array.getShape()));
      Shape table = new Shape(model.vocabulary().size() + 1L, config.dimension());
      NDArray items = create(manager, array(model, Model.ITEMS, table));
      NDArray inputs =
          config.items().tied() ? items : create(manager, array(model, Model.INPUTS, table));
      return new NeuralRecommender(
          name, model.vocabulary(), config, weights, inputs, items, manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * A model on the device of a target.
   *
   * @throws IllegalArgumentException as {@link #load(Model, String, Device)}
   * @throws IllegalStateException when a GPU is asked for and there is none
   */
  public static NeuralRecommender load(Model model, String name, Torch.Target target) {
    return load(model, name, Torch.device(target));
  }

  private static Tensor array(Model model, String name, Shape shape) {
    Tensor tensor = model.weights().get(name);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape.getShape())) {
      throw new IllegalArgumentException(
          "the model's weight " + name + " should be float32 " + shape + " but is " + tensor);
    }
    return tensor;
  }

  private static NDArray create(NDManager manager, Tensor tensor) {
    return manager.create(tensor.values(), new Shape(tensor.shape()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void score(List<Prefix> prefixes, float[] scores) {
    int stride = vocabulary.size() + 1;
    float[] queries = queries(prefixes);
    forEachPart(queries, prefixes.size(), (part, from, q, z) -> {
      FloatBuffer values = scores(part, q, z);
      for (int i = from; i < Math.min(prefixes.size(), from + batch); i++) {
        scores[i * stride] = Float.NEGATIVE_INFINITY;
        values.get((i - from) * (stride - 1), scores, i * stride + 1, stride - 1);
      }
    });
  }

  @Override
  public Standings rank(List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    Standings standings = new Standings(prefixes.size(), depth);
    int size = vocabulary.size();
    forEachPart(queries(prefixes), prefixes.size(), (part, from, q, z) -> {
      FloatBuffer values = scores(part, q, z);
      int blocks = size / ItemScores.BLOCK;
      FloatBuffer highest = blocks == 0
          ? FloatBuffer.allocate(0)
          : floats(kernels.call(part, "highest", z).singletonOrThrow());
      IntStream.range(0, Math.min(prefixes.size() - from, batch)).parallel().forEach(i -> {
        ItemScores row =
            new ItemScores(values.slice(i * size, size), highest.slice(i * blocks, blocks));
        if (excludeClicked) {
          row.exclude(prefixes.get(from + i));
        }
        standings.read(from + i, row, targets[from + i]);
      });
    });
    return standings;
  }

  /** The scores of all items, (C, V): a view on the engine's memory where it is this process's. */
  private FloatBuffer scores(NDManager part, NDArray q, NDArray z) {
    return floats(kernels.call(part, "scores", q, items, z).singletonOrThrow());
  }

  private static FloatBuffer floats(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /**
   * The query vectors of prefixes.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException when an element is not finite
   */
  public float[] queries(List<Prefix> prefixes) {
    // Whatever prefixes of a session come together, they get the same numbers.
    return queries(
        encodings(prefixes), prefixes.size(), (longest, next) -> true, length -> padded(length));
  }

  /**
   * The query vectors of prefixes of which each is a session of its own, such as whole sessions.
   * They differ from {@link #queries} in the last digits, and take less time: sessions of one
   * length are encoded together, so that little is padded. A vector depends on its session alone.
   * Safe for use by several threads.
   *
   * @return float32 (B, D), row by row; zero for an empty prefix
   * @throws ArithmeticException when an element is not finite
   */
  public float[] separateQueries(List<Prefix> prefixes) {
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (prefix.length() > 0) {
        int[] sessionRows = rows(prefix);
        encodings.add(new Encoding(
            sessionRows, times(prefix, sessionRows.length), List.of(new Wanted(i, place(prefix)))));
      }
    }
    return queries(
        encodings,
        prefixes.size(),
        (longest, next) -> roomFor(longest) == roomFor(next),
        NeuralRecommender::roomFor);
  }

  /** The length to which a session is padded: itself where sessions are many. */
  private static int roomFor(int length) {
    int step = length <= ROWS ? 1 : length <= 4 * ROWS ? 4 : ROWS;
    return Math.ceilDiv(length, step) * step;
  }

  private float[] queries(
      List<Encoding> encodings, int count, IntPair together, IntUnaryOperator length) {
    float[] queries = new float[count * dimension];
    // Sessions of like length side by side: less padding.
    encodings.sort(Comparator.comparingInt(Encoding::length));
    int from = 0;
    while (from < encodings.size()) {
      int to = from;
      long positions = 0;
      int longest;
      do {
        positions += encodings.get(to).wanted.size();
        longest = encodings.get(to).length();
        to++;
      } while (to < encodings.size()
          && together.test(longest, encodings.get(to).length())
          && fits(encodings.get(to), to - from + 1, positions));
      encode(encodings.subList(from, to), length.applyAsInt(longest), queries);
      from = to;
    }
    for (float element : queries) {
      if (!Float.isFinite(element)) {
        throw new ArithmeticException(
            "a query vector of " + name + " holds " + element + ": the weights are broken");
      }
    }
    return queries;
  }

  /**
   * How much attention each click of a prefix gets, as shares: the absolute weights over their sum.
   *
   * @return (length of the prefix), oldest click first, adding up to 1; 0 for clicks beyond the
   *     window
   */
  public float[] attention(Prefix prefix) {
    float[] shares = new float[prefix.length()];
    if (shares.length == 0) {
      return shares;
    }
    int place = place(prefix);
    int[] rows = Arrays.copyOf(rows(prefix), place + 1);
    long[] times = times(prefix, rows.length);
    SessionBatch batch = new SessionBatch(1, rows.length, rows, times, new int[] {place});
    try (NDManager part = manager.newSubManager()) {
      float[] found = encode(part, batch).attention().get().toFloatArray();
      if (encoder.direction() == Direction.BOTH) {
        found = Arrays.copyOf(found, found.length - 1); // less the guessed place's on itself
      }
      double sum = 0;
      for (float weight : found) {
        sum += Math.abs(weight);
      }
      for (int i = 0; i < found.length; i++) {
        shares[shares.length - found.length + i] =
            sum == 0 ? 1f / found.length : (float) (Math.abs(found[i]) / sum);
      }
    }
    return shares;
  }

  /**
   * How many layers the query vectors made so far went through on average, where the encoder
   * decides that for each position.
   */
  public OptionalDouble meanDepth() {
    return depths.getCount() == 0 ? OptionalDouble.empty() : OptionalDouble.of(depths.getAverage());
  }

  /**
   * What is encoded in one pass over a session.
   *
   * @param rows item rows, oldest first, at least up to the last place wanted
   * @param times of as many clicks
   * @param wanted which places are
   */
  private record Encoding(int[] rows, long[] times, List<Wanted> wanted) {
    int length() {
      return wanted.stream().mapToInt(Wanted::place).max().orElseThrow() + 1;
    }
  }

  /** The query vector of a place in a session, which goes to a slot. */
  private record Wanted(int slot, int place) {}

  private List<Encoding> encodings(List<Prefix> prefixes) {
    // Prefixes of one session share its array, and so one entry.
    IdentityHashMap<int[], Encoding> bySession = new IdentityHashMap<>();
    List<Encoding> encodings = new ArrayList<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Prefix prefix = prefixes.get(i);
      if (prefix.length() == 0) {
        continue;
      }
      Encoding encoding =
          encoder.direction() == Direction.BOTH ? null : bySession.get(prefix.clicks());
      if (encoding == null) {
        int[] rows = rows(prefix);
        encoding = new Encoding(rows, times(prefix, rows.length), new ArrayList<>());
        bySession.put(prefix.clicks(), encoding);
        encodings.add(encoding);
      }
      encoding.wanted.add(new Wanted(i, place(prefix)));
    }
    return encodings;
  }

  /** The session of a prefix; where clicks see later ones, the prefix and a place to be guessed. */
  private int[] rows(Prefix prefix) {
    return switch (encoder.direction()) {
      case CAUSAL -> prefix.clicks();
      case BOTH -> {
        int seen = place(prefix);
        int[] rows = new int[seen + 1];
        System.arraycopy(prefix.clicks(), prefix.length() - seen, rows, 0, seen);
        yield rows;
      }
    };
  }

  /** The times of {@link #rows}; none where clicks see later ones, since none are looked at. */
  private long[] times(Prefix prefix, int length) {
    return switch (encoder.direction()) {
      case CAUSAL -> IntStream.range(0, length).mapToLong(prefix::time).toArray();
      case BOTH -> TimeGaps.noTimes(length);
    };
  }

  /** Where in {@link #rows} the query vector of a prefix is to be read. */
  private int place(Prefix prefix) {
    return switch (encoder.direction()) {
      case CAUSAL -> prefix.length() - 1;
      case BOTH -> Math.min(prefix.length(), encoder.window() - 1);
    };
  }

  private boolean fits(Encoding next, long sessions, long positions) {
    long width = Math.min(encoder.window(), next.length());
    return (positions + next.wanted.size()) * width * dimension <= TEMPORARY
        && sessions * encoder.temporary(next.length()) <= TEMPORARY;
  }

  /** Whether sessions of two lengths, in clicks, are encoded together. */
  private interface IntPair {
    boolean test(int longest, int next);
  }

  private void encode(List<Encoding> encodings, int length, float[] queries) {
    int sessions = padded(encodings.size());
    int[] rows = new int[sessions * length];
    long[] times = TimeGaps.noTimes(rows.length);
    List<Integer> order = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (int s = 0; s < encodings.size(); s++) {
      Encoding encoding = encodings.get(s);
      System.arraycopy(encoding.rows, 0, rows, s * length, encoding.length());
      System.arraycopy(encoding.times, 0, times, s * length, encoding.length());
      for (Wanted wanted : encoding.wanted) {
        order.add(wanted.slot);
        positions.add(s * length + wanted.place);
      }
    }
    int[] packed = new int[padded(positions.size())];
    for (int p = 0; p < packed.length; p++) {
      packed[p] = positions.get(Math.min(p, positions.size() - 1));
    }
    SessionBatch batch = new SessionBatch(sessions, length, rows, times, packed);
    try (NDManager part = manager.newSubManager()) {
      SessionEncoder.Encoded made = encode(part, batch);
      if (made.halting() != null) {
        float[] depth = made.halting().depth().toFloatArray();
        synchronized (depths) {
          for (int p = 0; p < order.size(); p++) {
            depths.accept(depth[p]);
          }
        }
      }
      float[] encoded = made.queries().toFloatArray();
      for (int p = 0; p < order.size(); p++) {
        System.arraycopy(encoded, p * dimension, queries, order.get(p) * dimension, dimension);
      }
    }
  }

  private SessionEncoder.Encoded encode(NDManager part, SessionBatch batch) {
    NDArray rows = part.create(Arrays.stream(batch.rows()).asLongStream().toArray());
    NDArray clicks = // float32 (B, L, D)
        rows.getNDArrayInternal()
            .embedding(rows, inputs, SparseFormat.DENSE)
            .singletonOrThrow()
            .reshape(batch.sessions(), batch.length(), dimension);
    return encoder.encode(weights, clicks, Positions.of(part, batch, encoder.window()), false);
  }

  private static int padded(int count) {
    return (count + ROWS - 1) / ROWS * ROWS;
  }

  private interface Part {
    /**
     * @param from index of the first query of the part
     * @param q float32 (C, D), C at most {@link #BATCH} and a multiple of {@link #ROWS}
     * @param z float32 (C, V), to be filled with scores
     */
    void accept(NDManager part, int from, NDArray q, NDArray z);
  }

  private void forEachPart(float[] queries, int count, Part work) {
    for (int from = 0; from < count; from += batch) {
      int rows = padded(Math.min(batch, count - from));
      try (NDManager part = manager.newSubManager()) {
        float[] chunk = Arrays.copyOfRange(queries, from * dimension, (from + rows) * dimension);
        NDArray q = part.create(chunk, new Shape(rows, dimension));
        NDArray z = buffer.get(new NDIndex("0:{}", rows));
        z.attach(part);
        work.accept(part, from, q, z);
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
