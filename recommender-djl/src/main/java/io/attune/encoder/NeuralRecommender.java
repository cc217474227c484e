package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.recommender.ItemScores;
import io.attune.recommender.Prefix;
import io.attune.recommender.TargetRanks;
import io.attune.recommender.VectorRecommender;
import io.attune.session.Vocabulary;
import io.attune.vector.BoundedScan;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A session encoder with its weights and an item table as a recommender, in batches on CPU or GPU.
 * What a prefix gets depends on nothing else of its batch, as {@link PrefixEncoder} says.
 *
 * <p>Not for use by several threads at once, {@link #separateQueries}, {@link #clicked} and
 * {@link #scan} excepted.
 */
public final class NeuralRecommender implements VectorRecommender {
  private static final int ROWS = PrefixEncoder.ROWS;

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
  private final PrefixEncoder encoder;
  private final NDArray items; // float32 (V + 1, D)
  private final NDManager manager; // of everything
  private final TorchScript kernels;
  private final int batch; // queries whose scores are held at a time
  private final NDArray buffer; // float32 (batch, V)
  private final int dimension; // D
  private final ClickedCorrection correction;
  private Optional<RoundedItems> rounded = Optional.empty(); // present where it is of use
  private boolean triedRounded;

  private NeuralRecommender(
      String name,
      Vocabulary vocabulary,
      EncoderConfig config,
      Weights weights,
      NDArray inputs,
      NDArray items,
      ClickedCorrection correction,
      NDManager manager) {
    this.name = name;
    this.vocabulary = vocabulary;
    this.encoder = new PrefixEncoder(name, config, weights, manager, inputs);
    this.items = items;
    this.manager = manager;
    this.kernels = new TorchScript(manager, KERNELS);
    int fitting = SCORES / vocabulary.size() / ROWS * ROWS;
    this.batch = Math.clamp(fitting, ROWS, BATCH);
    this.buffer = manager.create(new Shape(batch, vocabulary.size()), DataType.FLOAT32);
    this.dimension = config.dimension();
    this.correction = correction;
  }

  /**
   * A model on a device, with native memory of its own, which {@link #close} frees.
   *
   * @throws IllegalArgumentException when a weight is missing or of another shape than its
   *     configuration says
   */
  public static NeuralRecommender load(Model model, String name, ComputeDevice device) {
    return load(model.manifest().encoder(), model.vocabulary(), model.weights(), name, device);
  }

  /**
   * The parts of a model on a device, as {@link #load(Model, String, ComputeDevice)}.
   *
   * @param weights float32 arrays by name, as {@link Model#weights} has them
   * @throws IllegalArgumentException as {@link #load(Model, String, ComputeDevice)}
   */
  public static NeuralRecommender load(
      EncoderConfig config,
      Vocabulary vocabulary,
      Map<String, Tensor> weights,
      String name,
      ComputeDevice device) {
    NDManager manager = Torch.manager(device);
    try {
      Weights expected = new Weights(manager);
      SessionEncoder.of(config).initialize(expected, new SplittableRandom(0));
      Weights arrays = new Weights(manager);
      expected
          .arrays()
          .forEach((key, array) ->
              arrays.add(key, array(weights, key, array.getShape()).values(), array.getShape()));
      Shape table = new Shape(vocabulary.size() + 1L, config.dimension());
      NDArray items = create(manager, array(weights, Model.ITEMS, table));
      NDArray inputs =
          config.similarity().tied() ? items : create(manager, array(weights, Model.INPUTS, table));
      return new NeuralRecommender(
          name, vocabulary, config, arrays, inputs, items, ClickedCorrection.of(weights), manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private static Tensor array(Map<String, Tensor> weights, String name, Shape shape) {
    Tensor tensor = weights.get(name);
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
    forEachPart(queries(prefixes), all(prefixes), (part, chosen, q, z) -> {
      FloatBuffer values = scores(part, q, z);
      for (int i = 0; i < chosen.length; i++) {
        int start = chosen[i] * stride;
        scores[start] = Float.NEGATIVE_INFINITY;
        values.get(i * (stride - 1), scores, start + 1, stride - 1);
        clicked(prefixes.get(chosen[i])).addTo(scores, start);
      }
    });
  }

  private static int[] all(List<Prefix> prefixes) {
    return IntStream.range(0, prefixes.size()).toArray();
  }

  @Override
  public TargetRanks rank(List<Prefix> prefixes, int[] targets, boolean excludeClicked, int depth) {
    Ranking ranking =
        new Ranking(prefixes, targets, excludeClicked, new TargetRanks(prefixes.size(), depth));
    float[] queries = queries(prefixes);
    int[] open = all(prefixes);
    if (open.length >= ROWS) { // one session in a hurry is not kept waiting for a second table
      forEachPart(queries, open, ranking::byRounded);
      open = ranking.open.stream().toArray();
    }
    forEachPart(queries, open, ranking::byAll);
    return ranking.ranks;
  }

  /** Predictions that are ranked together. */
  private final class Ranking {
    private final List<Prefix> prefixes;
    private final int[] targets;
    private final boolean excludeClicked;
    private final TargetRanks ranks;
    private final BitSet open = new BitSet(); // those left to be ranked by the scores of all items

    Ranking(List<Prefix> prefixes, int[] targets, boolean excludeClicked, TargetRanks ranks) {
      this.prefixes = prefixes;
      this.targets = targets;
      this.excludeClicked = excludeClicked;
      this.ranks = ranks;
    }

    /** Ranks by rounded item vectors, and leaves open what depends on too many items for that. */
    void byRounded(NDManager part, int[] chosen, NDArray q, NDArray z) {
      boolean first = !triedRounded;
      if (first) {
        rounded = RoundedItems.of(manager, items, batch);
        triedRounded = true;
      }
      Optional<BitSet> left = rounded.flatMap(table -> {
        NDArray checked =
            first ? kernels.call(part, "scores", q, items, z).singletonOrThrow() : null;
        return table.rank(part, q, predictions(chosen), checked, ranks);
      });
      if (left.isEmpty()) {
        rounded = Optional.empty();
        Arrays.stream(chosen).forEach(open::set);
      } else {
        left.get().stream().forEach(i -> open.set(chosen[i]));
      }
    }

    private List<RoundedItems.Prediction> predictions(int[] chosen) {
      List<RoundedItems.Prediction> predictions = new ArrayList<>();
      for (int i : chosen) {
        Prefix prefix = prefixes.get(i);
        int[] excluded = excludeClicked
            ? Arrays.stream(prefix.clicks(), 0, prefix.length())
                .sorted()
                .distinct()
                .toArray()
            : new int[0];
        predictions.add(new RoundedItems.Prediction(i, targets[i], clicked(prefix), excluded));
      }
      return predictions;
    }

    /** Ranks by the scores of all items. */
    void byAll(NDManager part, int[] chosen, NDArray q, NDArray z) {
      int size = vocabulary.size();
      FloatBuffer values = scores(part, q, z);
      int blocks = size / ItemScores.BLOCK;
      FloatBuffer highest = blocks == 0
          ? FloatBuffer.allocate(0)
          : floats(kernels.call(part, "highest", z).singletonOrThrow());
      InParallel.forEach(chosen.length, i -> {
        ItemScores row =
            new ItemScores(values.slice(i * size, size), highest.slice(i * blocks, blocks));
        Prefix prefix = prefixes.get(chosen[i]);
        row.add(clicked(prefix));
        if (excludeClicked) {
          row.exclude(prefix);
        }
        ranks.compute(chosen[i], row, targets[chosen[i]]);
      });
    }
  }

  /** The scores of all items, (C, V): a view on the engine's memory where it is this process's. */
  private FloatBuffer scores(NDManager part, NDArray q, NDArray z) {
    return floats(kernels.call(part, "scores", q, items, z).singletonOrThrow());
  }

  private static FloatBuffer floats(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  @Override
  public float[] queries(List<Prefix> prefixes) {
    return encoder.queries(prefixes);
  }

  /**
   * As the contract says: sessions of one length are encoded together, so that little is padded.
   */
  @Override
  public float[] separateQueries(List<Prefix> prefixes) {
    return encoder.separateQueries(prefixes);
  }

  @Override
  public ClickedScores clicked(Prefix prefix) {
    return correction.scores(prefix.clicks(), prefix.length());
  }

  @Override
  public ItemScan scan(ItemVectors vectors, int[] candidates, int count, List<float[]> sample) {
    return RoundedScan.of(manager, vectors, candidates)
        .<ItemScan>map(scan -> scan)
        .orElseGet(() -> BoundedScan.of(vectors, candidates, count, sample));
  }

  /**
   * How much attention each click of a prefix gets, as shares: the absolute weights over their sum.
   *
   * @return (length of the prefix), oldest click first, adding up to 1; 0 for clicks beyond the
   *     window
   */
  public float[] attention(Prefix prefix) {
    return encoder.attention(prefix);
  }

  /**
   * How many layers the query vectors made so far went through on average, where the encoder
   * decides that for each position.
   */
  public OptionalDouble meanDepth() {
    return encoder.meanDepth();
  }

  private interface Part {
    /**
     * @param chosen indices of the queries of the part
     * @param q float32 (C, D): these queries and zeros, C at most {@link #BATCH} and a multiple of
     *     {@link #ROWS}
     * @param z float32 (C, V), to be filled with scores
     */
    void accept(NDManager part, int[] chosen, NDArray q, NDArray z);
  }

  private void forEachPart(float[] queries, int[] chosen, Part work) {
    for (int from = 0; from < chosen.length; from += batch) {
      int[] some = Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + batch));
      int rows = PrefixEncoder.padded(some.length);
      float[] chunk = new float[rows * dimension];
      for (int i = 0; i < some.length; i++) {
        System.arraycopy(queries, some[i] * dimension, chunk, i * dimension, dimension);
      }
      try (NDManager part = manager.newSubManager()) {
        NDArray q = part.create(chunk, new Shape(rows, dimension));
        NDArray z = buffer.get(new NDIndex("0:{}", rows));
        z.attach(part);
        work.accept(part, some, q, z);
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
