package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.NotFiniteException;
import io.attune.vector.ScratchPool;
import io.attune.vector.TopK;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An exact top-k scan over item vectors rounded to bfloat16, for processors that multiply those.
 *
 * <p>The engine multiplies rounded queries with rounded items. Together with what rounding may
 * change, as in {@link RoundedItems}, a product bounds a score from both sides: the K-th highest
 * product says what the list must reach, and only items that may reach it are scored from the
 * table. So the result is that of {@link ItemVectors#top}, in whatever order the engine adds.
 *
 * <p>Items are taken in tiles, whose products are looked through while they are in the cache. Each
 * call has native memory of its own, and reads it on the calling thread alone.
 */
final class RoundedScan implements ItemScan {
  /** Of fewer items the bounds of {@link io.attune.vector.BoundedScan} are as fast. */
  private static final int MIN_ITEMS = 4096;

  /** Items of which only the highest product is looked at first. */
  private static final int GROUP = 16;

  /** Items and queries multiplied at a time: their products stay in the L2 cache. */
  private static final int TILE = 4096;

  private static final int BATCH = 128;

  /** Vectors longer than this, or shorter than its inverse, have no bound. */
  private static final double LONG = 1e15;

  // Items lie in rows and queries in columns, which the engine multiplies more than twice as fast
  // as the other way round.
  private static final String KERNELS = """
        def table(self: __torch__.M, like: Tensor, rows: int) -> Tensor:
          return torch.new_empty(like, [rows, torch.size(like, 1)], dtype=15)
        def fill(self: __torch__.M, table: Tensor, at: int, items: Tensor) -> Tensor:
          return torch.copy_(torch.narrow(table, 0, at, torch.size(items, 0)), items)
        def buffer(self: __torch__.M, table: Tensor, size: int) -> Tensor:
          return torch.new_empty(table, [size])
        def products(self: __torch__.M, q: Tensor, table: Tensor, at: int, size: int, products: Tensor, highest: Tensor) -> Tensor:
          c = torch.size(q, 1)
          x = torch.view(torch.narrow(products, 0, 0, torch.mul(size, c)), [size, c])
          y = torch.mm(torch.narrow(table, 0, at, size), q, out=x)
          groups = torch.floordiv(size, GROUP)
          h = torch.view(torch.narrow(highest, 0, 0, torch.mul(groups, c)), [groups, c])
          return torch.amax(torch.view(y, [groups, GROUP, c]), [1], False, out=h)
        def columns(self: __torch__.M, q: Tensor) -> Tensor:
          return torch.t(torch.to(q, 15))
      """.replace("GROUP", Integer.toString(GROUP));

  private final ItemVectors items;
  private final int[] rows; // (N): the candidates, ascending
  private final int groups; // G: of candidates that follow each other
  private final NDManager manager; // of everything
  private final TorchScript kernels;
  private final NDArray table; // bfloat16 (G · GROUP, D): the candidates, the last repeated
  private final ScratchPool<Buffers> buffers = new ScratchPool<>(Buffers::new);
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
    for (int from = 0; from < queries.size(); from += BATCH) {
      List<Query> part = queries.subList(from, Math.min(queries.size(), from + BATCH));
      found.addAll(buffers.with(each -> top(part, count, each)));
    }
    return found;
  }

  private List<ItemVectors.Top> top(List<Query> queries, int count, Buffers buffers) {
    int columns = queries.size();
    int dimension = items.dimension();
    float[] vectors = new float[columns * dimension];
    Search[] searches = new Search[columns];
    for (int q = 0; q < columns; q++) {
      Rounded rounded = Rounded.of(queries.get(q).vector(), vectors, q * dimension);
      searches[q] = new Search(queries.get(q), rounded, count);
    }
    try (NDManager part = manager.newSubManager()) {
      NDArray rows = part.create(vectors, new Shape(columns, dimension));
      NDArray q = kernels.call(part, "columns", rows).singletonOrThrow();
      for (int from = 0; from < groups * GROUP; from += TILE) {
        int size = Math.min(TILE, groups * GROUP - from);
        try (NDManager tile = part.newSubManager()) {
          kernels.call(
              tile,
              "products",
              q,
              table,
              (long) from,
              (long) size,
              buffers.products,
              buffers.highest);
        }
        screen(searches, from, size, buffers);
      }
    }
    return Arrays.stream(searches).map(Search::top).toList();
  }

  /** Offers the items of a tile, but for groups whose highest product is too low. */
  private void screen(Search[] searches, int from, int size, Buffers buffers) {
    int columns = searches.length;
    short[] highest = new short[size / GROUP * columns];
    buffers.ofGroups.get(0, highest);
    for (int q = 0; q < columns; q++) {
      Search search = searches[q];
      for (int group = 0; group < size / GROUP; group++) {
        // A product that is not a number, of a query without a bound, passes.
        if (!(number(highest[group * columns + q]) < search.reaching)) {
          int end = Math.min(rows.length - from, (group + 1) * GROUP);
          for (int i = group * GROUP; i < end; i++) {
            search.offer(from + i, number(buffers.ofItems.get(i * columns + q)));
          }
        }
      }
    }
  }

  private static float number(short rounded) {
    return Float.intBitsToFloat(rounded << 16);
  }

  /** Products of a tile of items with a batch of queries, in the engine's memory. */
  private final class Buffers {
    private final NDArray products = buffer(TILE * BATCH); // bfloat16 (TILE, C)
    private final NDArray highest = buffer(TILE / GROUP * BATCH); // bfloat16 (TILE / GROUP, C)
    private final ShortBuffer ofItems = shorts(products);
    private final ShortBuffer ofGroups = shorts(highest);

    private NDArray buffer(int size) {
      return kernels.call(manager, "buffer", table, (long) size).singletonOrThrow();
    }

    private static ShortBuffer shorts(NDArray array) {
      return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asShortBuffer();
    }
  }

  /** The search for the best items of one query. */
  private final class Search {
    private final Query query;
    private final float error; // of a rounded product, but for its own rounding; may be infinite
    private final TopK highest; // products, as many as K and the excluded items
    private final TopK best;
    private int[] screened = new int[256]; // candidates that may be among the best
    private float[] products = new float[256]; // and their rounded products
    private int size;
    private float reaching = Float.NEGATIVE_INFINITY; // what the product of one of the best reaches

    Search(Query query, Rounded rounded, int count) {
      if (!Double.isFinite(rounded.length())) {
        throw new NotFiniteException("a query vector is not finite");
      }
      this.query = query;
      double sums = (items.dimension() + 2) * 0x1p-22 * rounded.length() * longest;
      double rounding = rounded.lost() * longest + rounded.roundedLength() * lost;
      this.error = isBounded(rounded.length())
          ? (float) ((rounding + sums) * 1.001 + 1e-30)
          : Float.POSITIVE_INFINITY;
      int wanted = Math.min(count, rows.length);
      this.highest = new TopK(wanted + query.excluded().length);
      this.best = new TopK(wanted);
    }

    void offer(int candidate, float product) {
      if (product < reaching) {
        return;
      }
      if (size == screened.length) {
        screened = Arrays.copyOf(screened, 2 * size);
        products = Arrays.copyOf(products, 2 * size);
      }
      screened[size] = candidate;
      products[size++] = product;
      if (error < Float.POSITIVE_INFINITY) {
        highest.offer(candidate, product);
        reaching = reaching(highest.threshold());
      }
    }

    /**
     * What the product of an item must reach for its score to reach that of another, whose product
     * is given. Float arithmetic errs by less than {@link RoundedItems#ROUNDED} exceeds rounding.
     */
    private float reaching(float product) {
      float least = product - (error + Math.abs(product) * RoundedItems.ROUNDED);
      float room = least - error;
      return room / (room > 0 ? 1 + RoundedItems.ROUNDED : 1 - RoundedItems.ROUNDED);
    }

    ItemVectors.Top top() {
      for (int i = 0; i < size; i++) {
        int row = rows[screened[i]];
        if (!(products[i] < reaching)
            && (query.excluded().length == 0 || Arrays.binarySearch(query.excluded(), row) < 0)) {
          best.offer(row, items.dot(query.vector(), row));
        }
      }
      return best.sorted(ItemVectors.Top::new);
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
      return new Rounded(Math.sqrt(squares), Math.sqrt(roundedSquares), Math.sqrt(lostSquares));
    }
  }
}
