package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.NotFiniteException;
import io.attune.vector.ScratchPool;
import io.attune.vector.TopK;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An exact top-k scan over item vectors rounded to bfloat16, for processors that multiply those.
 *
 * <p>The engine multiplies rounded queries with rounded items. Together with what rounding may
 * change, as in {@link RoundedItems}, each product bounds a score from above. Only items whose
 * bound reaches the K-th best score are scored from the table, and groups of items are skipped by
 * their highest product. So the result is that of {@link ItemVectors#top}, in whatever order the
 * engine adds.
 *
 * <p>Each call has native memory of its own, and reads it on the calling thread alone.
 */
final class RoundedScan implements ItemScan {
  /** Of fewer items the bounds of {@link io.attune.vector.BoundedScan} are as fast. */
  private static final int MIN_ITEMS = 4096;

  /** Items of which only the highest product is looked at first. */
  private static final int GROUP = 32;

  /** Items copied at a time. */
  private static final int TILE = 2048;

  /** Queries multiplied at a time, at most, and how many products that may be: 16 MB. */
  private static final int MAX_BATCH = 128;

  private static final int MAX_PRODUCTS = 1 << 23;

  /** Vectors longer than this, or shorter than its inverse, have no bound. */
  private static final double LONG = 1e15;

  // Items lie in rows and queries in columns, which the engine multiplies more than twice as fast
  // as the other way round.
  private static final String KERNELS =
      """
        def table(self: __torch__.M, like: Tensor, rows: int) -> Tensor:
          return torch.new_empty(like, [rows, torch.size(like, 1)], dtype=15)
        def fill(self: __torch__.M, table: Tensor, at: int, items: Tensor) -> Tensor:
          return torch.copy_(torch.narrow(table, 0, at, torch.size(items, 0)), items)
        def buffer(self: __torch__.M, table: Tensor, columns: int) -> Tensor:
          return torch.new_empty(table, [torch.mul(torch.size(table, 0), columns)])
        def products(self: __torch__.M, q: Tensor, table: Tensor, buffer: Tensor) -> Tensor:
          n = torch.size(table, 0)
          c = torch.size(q, 0)
          x = torch.view(torch.narrow(buffer, 0, 0, torch.mul(n, c)), [n, c])
          return torch.mm(table, torch.t(torch.to(q, 15)), out=x)
        def highest(self: __torch__.M, products: Tensor) -> Tensor:
          groups = torch.floordiv(torch.size(products, 0), GROUP)
          x = torch.view(products, [groups, GROUP, torch.size(products, 1)])
          return torch.to(torch.contiguous(torch.t(torch.amax(x, [1]))), 6)
      """.replace("GROUP", Integer.toString(GROUP));

  private final ItemVectors items;
  private final int[] rows; // (N): the candidates, ascending
  private final int groups; // G: of candidates that follow each other
  private final NDManager manager; // of everything
  private final TorchScript kernels;
  private final NDArray table; // bfloat16 (G · GROUP, D): the candidates, the last repeated
  private final int batch; // queries multiplied at a time, at most
  private final ScratchPool<NDArray> buffers; // each bfloat16 (G · GROUP · batch)
  private final double longest; // largest norm of an item vector
  private final double lost; // largest norm of what rounding took from one

  RoundedScan(NDManager parent, ItemVectors items, int[] rows) {
    this.items = items;
    this.rows = rows;
    this.groups = Math.ceilDiv(rows.length, GROUP);
    this.manager = parent.newSubManager();
    int dimension = items.dimension();
    this.kernels = new TorchScript(manager, KERNELS);
    NDArray like = manager.create(new float[dimension], new Shape(1, dimension));
    this.table = kernels.call(manager, "table", like, (long) groups * GROUP).singletonOrThrow();
    this.batch = Math.clamp(MAX_PRODUCTS / rows.length, PrefixEncoder.ROWS, MAX_BATCH);
    this.buffers = new ScratchPool<>(
        () -> kernels.call(manager, "buffer", table, (long) batch).singletonOrThrow());
    double most = 0;
    double mostLost = 0;
    float[] vector = new float[dimension];
    float[] tile = new float[TILE * dimension];
    for (int from = 0; from < groups * GROUP; from += TILE) {
      int size = Math.min(TILE, groups * GROUP - from);
      for (int i = 0; i < size; i++) {
        items.copy(rows[Math.min(from + i, rows.length - 1)], vector);
        Rounded rounded = Rounded.of(vector, tile, i * dimension);
        most = Math.max(most, rounded.length());
        mostLost = Math.max(mostLost, rounded.lost());
      }
      try (NDManager part = manager.newSubManager()) {
        NDArray block = part.create(
            size == TILE ? tile : Arrays.copyOf(tile, size * dimension),
            new Shape(size, dimension));
        kernels.call(part, "fill", table, (long) from, block);
      }
    }
    this.longest = most;
    this.lost = mostLost;
  }

  /**
   * The scan of some items, where it is of use.
   *
   * @param parent owner of what is kept
   * @param items all items
   * @param candidates the rows that may be found, ascending
   */
  static Optional<RoundedScan> of(NDManager parent, ItemVectors items, int[] candidates) {
    // Only on the CPU are sums of rounded products known to be float32.
    if (candidates.length < MIN_ITEMS
        || parent.getDevice().isGpu()
        || !Torch.multipliesBfloat16()) {
      return Optional.empty();
    }
    RoundedScan made = new RoundedScan(parent, items, candidates);
    if (isBounded(made.longest)) {
      return Optional.of(made);
    }
    made.close();
    return Optional.empty();
  }

  private static boolean isBounded(double length) {
    return length < LONG && length > 1 / LONG; // nor NaN
  }

  @Override
  public List<ItemVectors.Top> top(List<Query> queries, int count) {
    List<ItemVectors.Top> found = new ArrayList<>(queries.size());
    for (int from = 0; from < queries.size(); from += batch) {
      List<Query> part = queries.subList(from, Math.min(queries.size(), from + batch));
      found.addAll(buffers.with(buffer -> top(part, count, buffer)));
    }
    return found;
  }

  private List<ItemVectors.Top> top(List<Query> queries, int count, NDArray buffer) {
    int columns = queries.size();
    int dimension = items.dimension();
    float[] vectors = new float[columns * dimension];
    Rounded[] rounded = new Rounded[columns];
    for (int q = 0; q < columns; q++) {
      rounded[q] = Rounded.of(queries.get(q).vector(), vectors, q * dimension);
      if (!Double.isFinite(rounded[q].length())) {
        throw new NotFiniteException("a query vector is not finite");
      }
    }
    List<ItemVectors.Top> found = new ArrayList<>(columns);
    try (NDManager part = manager.newSubManager()) {
      NDArray q = part.create(vectors, new Shape(columns, dimension));
      NDArray all = kernels.call(part, "products", q, table, buffer).singletonOrThrow();
      NDArray highest = kernels.call(part, "highest", all).singletonOrThrow();
      ShortBuffer products = bytes(all).asShortBuffer();
      FloatBuffer maxima = bytes(highest).asFloatBuffer(); // (C, G)
      float[] ofGroups = new float[groups];
      for (int i = 0; i < columns; i++) {
        maxima.get(i * groups, ofGroups);
        found.add(new Search(queries.get(i), rounded[i], products, columns, i).top(ofGroups, count));
      }
    }
    return found;
  }

  private static ByteBuffer bytes(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder());
  }

  /** The search for the best items of one query. */
  private final class Search {
    private final Query query;
    private final ShortBuffer products; // bfloat16 (G · GROUP, C)
    private final int columns; // C
    private final int column;
    private final float error; // of a rounded product, but for its own rounding; may be infinite

    Search(Query query, Rounded rounded, ShortBuffer products, int columns, int column) {
      this.query = query;
      this.products = products;
      this.columns = columns;
      this.column = column;
      double sums = (items.dimension() + 2) * 0x1p-22 * rounded.length() * longest;
      double rounding = rounded.lost() * longest + rounded.roundedLength() * lost;
      this.error = isBounded(rounded.length())
          ? (float) ((rounding + sums) * 1.001 + 1e-30)
          : Float.POSITIVE_INFINITY;
    }

    /** The most that a score may be; no number where the product is none. */
    private float bound(float product) {
      return product + (error + Math.abs(product) * RoundedItems.ROUNDED);
    }

    /**
     * Finds the best items.
     *
     * @param highest (G): the highest product of each group; overwritten
     */
    ItemVectors.Top top(float[] highest, int count) {
      if (error == Float.POSITIVE_INFINITY) {
        Arrays.fill(highest, 0);
      }
      int wanted = Math.min(count, rows.length);
      TopK first = new TopK(wanted + query.excluded().length);
      first.offer(0, highest, groups, group -> true);
      // Each of these groups has an item that scores at least this; K of them are not excluded.
      float product = first.threshold();
      float reached = product - (error + Math.abs(product) * RoundedItems.ROUNDED);
      for (int group = 0; group < groups; group++) {
        highest[group] = bound(highest[group]);
      }
      TopK best = new TopK(wanted);
      for (int group : first.<int[]>sorted((found, products) -> found)) {
        offer(group, highest[group], reached, best);
        highest[group] = Float.NaN; // done
      }
      for (int group = 0; group < groups; group++) {
        offer(group, highest[group], reached, best);
      }
      return best.sorted(ItemVectors.Top::new);
    }

    private void offer(int group, float bound, float reached, TopK best) {
      if (!(bound >= Math.max(reached, best.threshold()))) {
        return;
      }
      int end = Math.min(rows.length, (group + 1) * GROUP);
      for (int i = group * GROUP; i < end; i++) {
        float product = Float.intBitsToFloat(products.get(i * columns + column) << 16);
        if (!(bound(product) < Math.max(reached, best.threshold()))
            && (query.excluded().length == 0
                || Arrays.binarySearch(query.excluded(), rows[i]) < 0)) {
          best.offer(rows[i], items.dot(query.vector(), rows[i]));
        }
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }

  /**
   * What rounding did to a vector.
   *
   * @param length its norm
   * @param roundedLength its norm after rounding
   * @param lost the norm of the difference
   */
  private record Rounded(double length, double roundedLength, double lost) {
    /** Rounds a vector to bfloat16, to the nearest and then the even number. */
    static Rounded of(float[] vector, float[] into, int at) {
      double squares = 0;
      double roundedSquares = 0;
      double lostSquares = 0;
      for (int i = 0; i < vector.length; i++) {
        int bits = Float.floatToRawIntBits(vector[i]);
        float rounded = Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
        into[at + i] = rounded;
        double difference = (double) vector[i] - rounded;
        squares += (double) vector[i] * vector[i];
        roundedSquares += (double) rounded * rounded;
        lostSquares += difference * difference;
      }
      return new Rounded(
          Math.sqrt(squares), Math.sqrt(roundedSquares), Math.sqrt(lostSquares));
    }
  }
}
