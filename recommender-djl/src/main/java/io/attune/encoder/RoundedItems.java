package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.recommender.TargetRanks;
import io.attune.vector.ClickedScores;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The item vectors rounded to bfloat16. Their products with rounded queries take a quarter of the
 * time where the processor has an instruction for them, and bound the products in float32 from both
 * sides, so that only the few items that a rank or a list depends on need those.
 *
 * <p>With query q, item e and their rounded values q' and e', the products differ by at most
 * {@code |q − q'| |e| + |q'| |e − e'|} (Cauchy-Schwarz), to which the rounding of sums and of the
 * result is added.
 *
 * <p>The exact products of the items that remain are one matrix product over these items alone. Its
 * elements equal those of the product over all items to the last bit as long as the engine adds in
 * the same order, which {@link #equal} checks.
 *
 * <p>Not for use by several threads at once.
 */
final class RoundedItems {
  /** Of fewer items all products are as fast. */
  private static final int MIN_ITEMS = 4096;

  /**
   * Items are taken in tiles, and the items of a tile that are {@value #LANES} apart in blocks, of
   * which only the highest score is looked at first: so the engine finds it fastest.
   */
  private static final int TILE = 1024;

  private static final int LANES = 64;

  /**
   * The number of items of an exact product is a multiple of this, since few have other kernels.
   */
  private static final int EXACT = 256;

  /** A share of all items that is too large to be worth a product of its own. */
  private static final int FEW = 16;

  /**
   * Half a unit in the last place of bfloat16, relative to the rounded value, and a little more.
   */
  static final float ROUNDED = 0x1.02p-8f;

  private static final String KERNELS =
      """
        def table(self: __torch__.M, items: Tensor) -> Tensor:
          return torch.to(torch.slice(items, 0, 1), 15)
        def norms(self: __torch__.M, items: Tensor, rounded: Tensor) -> Tensor:
          e = torch.slice(items, 0, 1)
          longest = torch.max(torch.norm(e, 2, [1]))
          return torch.stack([longest, torch.max(torch.norm(torch.sub(e, torch.to(rounded, 6)), 2, [1]))])
        def buffer(self: __torch__.M, items: Tensor, rows: int, columns: int) -> Tensor:
          return torch.new_empty(items, [rows, columns], dtype=15)
        def queries(self: __torch__.M, q: Tensor, items: Tensor, targets: Tensor) -> Tensor:
          rounded = torch.to(torch.to(q, 15), 6)
          t = torch.index_select(items, 0, targets)
          score = torch.sum(torch.mul(q, t), [1])
          return torch.stack([score, torch.norm(torch.sub(q, rounded), 2, [1]), torch.norm(rounded, 2, [1]), torch.norm(q, 2, [1])])
        def scores(self: __torch__.M, q: Tensor, rounded: Tensor, buffer: Tensor) -> Tensor:
          x = torch.narrow(buffer, 0, 0, torch.size(q, 0))
          return torch.mm(torch.to(q, 15), torch.t(rounded), out=x)
        def highest(self: __torch__.M, buffer: Tensor, rows: int) -> Tensor:
          n = torch.floordiv(torch.size(buffer, 1), TILE)
          x = torch.narrow(torch.narrow(buffer, 0, 0, rows), 1, 0, torch.mul(n, TILE))
          return torch.amax(torch.view(x, [rows, n, torch.floordiv(TILE, LANES), LANES]), [2])
        def exact(self: __torch__.M, q: Tensor, items: Tensor, rows: Tensor) -> Tensor:
          return torch.mm(q, torch.t(torch.index_select(items, 0, rows)))
        def equal(self: __torch__.M, all: Tensor, rows: Tensor, exact: Tensor) -> Tensor:
          return torch.to(torch.all(torch.eq(torch.index_select(all, 1, torch.sub(rows, 1)), exact)), 6)
      """.replace("TILE", Integer.toString(TILE)).replace("LANES", Integer.toString(LANES));

  private final NDArray items; // float32 (V + 1, D)
  private final TorchScript kernels;
  private final NDArray rounded; // bfloat16 (V, D)
  private final NDArray buffer; // bfloat16 (C, V)
  private final int size; // V
  private final int blocks; // with a known maximum, of each query
  private final double longest; // largest norm of an item vector
  private final double lost; // largest norm of what rounding took from one
  private final double sums; // relative error of a sum of D products
  private final FloatBuffer vectors; // (V + 1, D): the items, in the engine's memory
  private final int dimension; // D
  private final int[] places; // (V + 1) of a row among those compared exactly

  RoundedItems(NDManager manager, NDArray items, int batch) {
    this.items = items;
    this.kernels = new TorchScript(manager, KERNELS);
    this.rounded = kernels.call(manager, "table", items).singletonOrThrow();
    this.size = (int) rounded.getShape().get(0);
    this.blocks = size / TILE * LANES;
    this.buffer =
        kernels.call(manager, "buffer", items, (long) batch, (long) size).singletonOrThrow();
    try (NDArray norms = kernels.call(manager, "norms", items, rounded).singletonOrThrow()) {
      float[] both = norms.toFloatArray();
      this.longest = both[0] * 1.001;
      this.lost = both[1] * 1.001;
    }
    this.vectors = floats(items);
    this.dimension = (int) items.getShape().get(1);
    this.sums = (dimension + 2) * 0x1p-22;
    this.places = new int[size + 1];
  }

  /**
   * The rounded vectors of a table, where they are of use.
   *
   * @param manager owner of what is kept
   * @param items float32 (V + 1, D)
   * @param batch the most queries at a time
   */
  static Optional<RoundedItems> of(NDManager manager, NDArray items, int batch) {
    // Only on the CPU are sums of rounded products known to be float32.
    if (items.getShape().get(0) <= MIN_ITEMS
        || manager.getDevice().isGpu()
        || !Torch.multipliesBfloat16()) {
      return Optional.empty();
    }
    RoundedItems made = new RoundedItems(manager, items, batch);
    return made.longest < 1e15 ? Optional.of(made) : Optional.empty(); // neither NaN
  }

  /**
   * A prediction to rank.
   *
   * @param slot its place in the ranks
   * @param target the row of its true next item
   * @param clicked what is added to scores
   * @param excluded rows that are no candidates, ascending and distinct
   */
  record Prediction(int slot, int target, ClickedScores clicked, int[] excluded) {}

  /**
   * Ranks the targets of queries.
   *
   * @param part owner of temporary arrays
   * @param q float32 (C, D), C being at least the number of predictions
   * @param all float32 (C, V): the products with all items, to check those of a few against; null
   *     for no check
   * @return the predictions whose rank depends on too many items, by index; absent where the exact
   *     products of a few items are not those of all
   */
  Optional<BitSet> rank(
      NDManager part,
      NDArray q,
      List<Prediction> predictions,
      @Nullable NDArray all,
      TargetRanks ranks) {
    long rows = q.getShape().get(0);
    long[] targets = new long[(int) rows];
    for (int i = 0; i < predictions.size(); i++) {
      targets[i] = predictions.get(i).target();
    }
    NDArray known =
        kernels.call(part, "queries", q, items, part.create(targets)).singletonOrThrow();
    float[] ofQueries = known.toFloatArray(); // (4, C)
    float[] queries = q.toFloatArray();
    ShortBuffer scores =
        shorts(kernels.call(part, "scores", q, rounded, buffer).singletonOrThrow());
    ShortBuffer highest = shorts(kernels.call(part, "highest", buffer, rows).singletonOrThrow());
    Screening[] screenings = new Screening[predictions.size()];
    InParallel.forEach(screenings.length, i -> {
      int c = (int) rows;
      double length = ofQueries[3 * c + i] * longest;
      double sum = sums * length + 1e-30;
      double error = (ofQueries[c + i] * longest + ofQueries[2 * c + i] * lost) * 1.001 + sum;
      float[] query = Arrays.copyOfRange(queries, i * dimension, (i + 1) * dimension);
      screenings[i] = new Screening(
          predictions.get(i), query, ofQueries[i], (float) (sum * 1.001), (float) (error * 1.001));
      if (length < 1e30) {
        screenings[i].find(
            scores.slice(i * size, size), highest.slice(i * blocks, blocks), ranks.depth());
      }
    });
    return finish(part, q, screenings, all, ranks);
  }

  private Optional<BitSet> finish(
      NDManager part, NDArray q, Screening[] screenings, @Nullable NDArray all, TargetRanks ranks) {
    BitSet open = new BitSet();
    BitSet wanted = new BitSet();
    for (int i = 0; i < screenings.length; i++) {
      if (screenings[i].count < 0) {
        open.set(i);
      } else {
        Arrays.stream(screenings[i].rows, 0, screenings[i].count).forEach(wanted::set);
      }
    }
    int[] distinct = wanted.stream().toArray();
    if (distinct.length > size / 2) {
      open.set(0, screenings.length);
      return Optional.of(open);
    }
    long[] rows = new long[Math.max(1, Math.ceilDiv(distinct.length, EXACT)) * EXACT];
    Arrays.fill(rows, 1);
    for (int i = 0; i < distinct.length; i++) {
      rows[i] = distinct[i];
      places[distinct[i]] = i;
    }
    NDArray index = part.create(rows);
    NDArray products = kernels.call(part, "exact", q, items, index).singletonOrThrow();
    if (all != null && !equal(part, all, index, products)) {
      return Optional.empty();
    }
    FloatBuffer exact = floats(products);
    InParallel.forEach(screenings.length, i -> {
      if (!open.get(i)) {
        screenings[i].finish(exact.slice(i * rows.length, rows.length), ranks);
      }
    });
    return Optional.of(open);
  }

  private boolean equal(NDManager part, NDArray all, NDArray rows, NDArray products) {
    return kernels.call(part, "equal", all, rows, products).singletonOrThrow().getFloat() == 1;
  }

  private static FloatBuffer floats(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static ShortBuffer shorts(NDArray array) {
    ByteBuffer bytes = array.toByteBuffer(true);
    return bytes.order(ByteOrder.nativeOrder()).asShortBuffer();
  }

  private static float number(short rounded) {
    return Float.intBitsToFloat(rounded << 16);
  }

  /** The items that the rank of a prediction's target and the list of its best items depend on. */
  private final class Screening {
    private final Prediction prediction;
    private final float[] query;
    private final float sum; // error of a sum of products in float arithmetic
    private final float error; // of a rounded product, but for its own rounding
    private final float above; // what scores higher is above the target
    private final float below;
    private final int[] apart; // rows that are not screened: excluded, or with an addition
    private int[] rows = new int[64];
    private int count = -1; // of rows; below 0 where there are too many
    private int higher; // items above the target that are not among the rows

    Screening(Prediction prediction, float[] query, float product, float sum, float error) {
      this.prediction = prediction;
      this.query = query;
      this.sum = sum;
      this.error = error;
      float score = product + prediction.clicked().of(prediction.target());
      float room = sum + Math.abs(score) * 0x1p-22f;
      this.above = score + room;
      this.below = score - room;
      this.apart = IntStream.concat(
              Arrays.stream(prediction.excluded()),
              Arrays.stream(prediction.clicked().rows()))
          .sorted()
          .distinct()
          .toArray();
    }

    private float highest(float product) {
      return product + (error + Math.abs(product) * ROUNDED);
    }

    private float lowest(float product) {
      return product - (error + Math.abs(product) * ROUNDED);
    }

    /** What a rounded product must reach for a score to reach a limit. */
    private float reaching(float limit) {
      float room = limit - error;
      float product = room / (room > 0 ? 1 + ROUNDED : 1 - ROUNDED);
      return product - Math.abs(product) * 0x1p-20f;
    }

    void find(ShortBuffer scores, ShortBuffer maxima, int depth) {
      count = 0;
      for (int row : prediction.clicked().rows()) {
        if (Arrays.binarySearch(prediction.excluded(), row) < 0) {
          add(row);
        }
      }
      short[] highest = new short[blocks];
      maxima.get(highest);
      // What scores below it is not among the best.
      float list = depth == 0 ? Float.POSITIVE_INFINITY : lowest(best(highest, depth));
      float reaching = reaching(Math.min(list, below));
      for (int block = 0; block < blocks && count >= 0; block++) {
        if (number(highest[block]) >= reaching) {
          int first = block / LANES * TILE + block % LANES;
          for (int at = first; at < first + TILE; at += LANES) {
            offer(at + 1, number(scores.get(at)), list, reaching);
          }
        }
      }
      for (int at = size / TILE * TILE; at < size && count >= 0; at++) {
        offer(at + 1, number(scores.get(at)), list, reaching);
      }
    }

    /** A score that as many items reach as there may be among the best, and not screened. */
    private float best(short[] maxima, int depth) {
      int places = depth + apart.length;
      if (places > blocks) {
        return Float.NEGATIVE_INFINITY;
      }
      float[] best = new float[places]; // descending
      Arrays.fill(best, Float.NEGATIVE_INFINITY);
      for (int block = 0; block < blocks; block++) {
        float score = number(maxima[block]);
        if (score > best[places - 1]) {
          int place = places - 1;
          while (place > 0 && best[place - 1] < score) {
            best[place] = best[place - 1];
            place--;
          }
          best[place] = score;
        }
      }
      return best[places - 1];
    }

    private void offer(int row, float product, float list, float reaching) {
      if (product < reaching
          || count < 0
          || (apart.length > 0 && Arrays.binarySearch(apart, row) >= 0)) {
        return;
      }
      if (highest(product) >= list) {
        add(row);
      } else if (lowest(product) > above) {
        higher++;
      } else if (highest(product) >= below) {
        double score = product(row); // in float arithmetic it differs by less than a sum's error
        if (score - sum > above) {
          higher++;
        } else if (score + sum >= below) {
          add(row);
        }
      }
    }

    private double product(int row) {
      int at = row * dimension;
      double even = 0; // two sums, since an addition waits for the one before
      double odd = 0;
      for (int i = 0; i + 1 < dimension; i += 2) {
        even += (double) query[i] * vectors.get(at + i);
        odd += (double) query[i + 1] * vectors.get(at + i + 1);
      }
      int last = dimension - 1;
      return even + odd + (dimension % 2 == 0 ? 0 : (double) query[last] * vectors.get(at + last));
    }

    private void add(int row) {
      if (count == size / FEW) {
        count = -1;
        return;
      }
      if (count == rows.length) {
        rows = Arrays.copyOf(rows, 2 * count);
      }
      rows[count++] = row;
    }

    /** Completes the rank from the exact products of the rows that are compared. */
    void finish(FloatBuffer products, TargetRanks ranks) {
      Arrays.sort(rows, 0, count);
      float[] scores = new float[count];
      for (int i = 0; i < count; i++) {
        scores[i] = products.get(places[rows[i]]);
      }
      prediction.clicked().addTo(rows, count, scores);
      ranks.compute(
          prediction.slot(), Arrays.copyOf(rows, count), scores, higher, prediction.target(), size);
    }
  }
}
