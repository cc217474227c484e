package io.attune.vector;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * An int8 copy of the item vectors for full scans with exact results.
 *
 * <p>It takes a quarter of the memory of the table, so a scan, which is bound by memory, takes much
 * less time. Every score is bounded from above by the quantized vectors, and only rows whose bound
 * reaches the K-th best score so far are scored in float32, from the table itself. The result is
 * that of {@link ItemVectors#top}, bit for bit.
 *
 * <p>The bound: with {@code q = s·a + r} for a query and {@code e = t·n + d} for an item, where
 * {@code a} and {@code n} are vectors of integers, {@code q·e = s·t·(a·n) + t·(r·n) + q·d ≤
 * s·t·(a·n) + t·|r|·|n| + |q|·|d|} (Cauchy-Schwarz). Items of similar length share a block, so that
 * they share {@code t} and the largest {@code |n|} and {@code |d|} too, and a block is skipped
 * where they are too short.
 *
 * <p>Layout: a block is stored column by column, two columns in one array of shorts, so that all
 * arithmetic of {@code a·n} is that of shorts, which C2 vectorizes. It is done modulo
 * 2<sup>16</sup>; the steps s and t are such that results are smaller.
 *
 * <p>Where many items score nearly alike, many are scored in float32 and a scan gains less. A query
 * or an item that is not finite, or a product that might overflow, is scored in float32 throughout.
 *
 * <p>Immutable and thread-safe.
 */
public final class QuantizedVectors {
  /** Rows in a block: C2's loops over shorter arrays spend too long on their ends. */
  private static final int BLOCK = 4096;

  /** Columns added in one pass. */
  private static final int PASS = 8;

  /** Maximum of {@code |a·n|}. */
  private static final int MAX_PRODUCT = Short.MAX_VALUE;

  /** Maximum of {@code |n|} before rounding: as large as {@code |a|} may then become. */
  private static final double MAX_LENGTH = Math.sqrt(MAX_PRODUCT);

  private static final int MAX_ELEMENT = 127;

  /** No sum of products whose absolute values add up to less overflows. */
  private static final double SAFE = 0x1p126;

  private final ItemVectors items;
  private final Block[] blocks; // by descending length of their vectors
  private final double longest; // maximum of |e|
  private final double longestIntegers; // maximum of |n|, at least 1

  /**
   * Items of similar length.
   *
   * @param rows their rows, ascending
   * @param pairs int16 (D / 2 rounded up to whole passes, rows): 256 times the even column, plus
   *     the odd column, plus 128
   * @param step t
   * @param integers maximum of {@code |n|}
   * @param error maximum of {@code |d|}
   */
  private record Block(int[] rows, short[][] pairs, double step, double integers, double error) {}

  private QuantizedVectors(ItemVectors items, Block[] blocks, double longest) {
    this.items = items;
    this.blocks = blocks;
    this.longest = longest;
    this.longestIntegers = Arrays.stream(blocks).mapToDouble(Block::integers).reduce(1, Math::max);
  }

  /** Quantizes a table of item vectors, which is kept for exact scores. */
  public static QuantizedVectors of(ItemVectors items) {
    float[] vector = new float[items.dimension()];
    long[] order = new long[items.size()]; // by length
    double longest = 0;
    for (int row = 1; row <= order.length; row++) {
      items.copy(row, vector);
      double length = length(vector);
      longest = Math.max(longest, length);
      order[row - 1] = QuickSelect.pack((float) length, row);
    }
    Arrays.sort(order);
    Block[] blocks = new Block[Math.ceilDiv(order.length, BLOCK)];
    for (int b = 0; b < blocks.length; b++) {
      int end = order.length - b * BLOCK;
      blocks[b] = quantize(
          items,
          Arrays.stream(order, Math.max(0, end - BLOCK), end)
              .mapToInt(QuickSelect::number)
              .sorted()
              .toArray());
    }
    return new QuantizedVectors(items, blocks, longest);
  }

  private static Block quantize(ItemVectors items, int[] rows) {
    float[] vector = new float[items.dimension()];
    double largest = 0;
    double longest = 0;
    for (int row : rows) {
      items.copy(row, vector);
      longest = Math.max(longest, length(vector));
      for (float element : vector) {
        largest = Math.max(largest, Math.abs(element));
      }
    }
    double step = longest == 0 ? 1 : Math.max(largest / MAX_ELEMENT, longest / MAX_LENGTH);
    short[][] pairs = new short[passes(items) * PASS / 2][rows.length];
    double perStep = 1 / step;
    double mostIntegers = 0;
    double mostError = 0;
    for (int i = 0; i < rows.length; i++) {
      items.copy(rows[i], vector);
      double integers = 0;
      double error = 0;
      for (int c = 0; c < vector.length; c++) {
        int n = (int) Math.rint(vector[c] * perStep);
        double d = vector[c] - step * n;
        integers += n * n;
        error += d * d;
        pairs[c / 2][i] += (short) (c % 2 == 0 ? n << 8 : n + 128);
      }
      mostIntegers = Math.max(mostIntegers, Math.sqrt(integers));
      mostError = Math.max(mostError, Math.sqrt(error));
    }
    return new Block(rows, pairs, step, mostIntegers, mostError);
  }

  private static int passes(ItemVectors items) {
    return Math.ceilDiv(items.dimension(), PASS);
  }

  private static double length(float[] vector) {
    double squares = 0;
    for (float element : vector) {
      squares += (double) element * element;
    }
    return Math.sqrt(squares);
  }

  /** Returns the memory that a quantized copy of a table takes, in bytes. */
  public static long bytes(ItemVectors items) {
    return (long) items.size() * (passes(items) * PASS + Integer.BYTES);
  }

  /**
   * Finds the highest-scoring items of a query, exactly.
   *
   * @param query float32 (D)
   * @param count maximum number of items to return
   * @param candidate selects the candidate rows; called only for rows that would enter the result
   *     among those seen so far
   * @return items by descending score, ties by ascending row
   * @throws ArithmeticException if a score is NaN
   */
  public ItemVectors.Top top(float[] query, int count, IntPredicate candidate) {
    Search search = new Search(query, count, candidate);
    short[] products = products();
    for (int block = 0; block < blocks.length; block++) {
      search.scan(block, products);
    }
    return search.result();
  }

  /** The number of blocks. */
  int blocks() {
    return blocks.length;
  }

  /** Allocates scratch memory for {@link Search#scan}. */
  static short[] products() {
    return new short[BLOCK];
  }

  /** A query on its way through the blocks, in any order. Not thread-safe. */
  final class Search {
    private final float[] query;
    private final IntPredicate candidate;
    private final TopK best;
    private final double length; // |q|
    private final double step; // s; 0 if scores cannot be bounded
    private final double rest; // |r|
    private final double slack; // more than the rounding errors of a score and of its bound
    private final int[] factors; // of the high byte of a pair, and of the pair
    private final int offset; // the 128 in all pairs
    private int scored;

    Search(float[] query, int count, IntPredicate candidate) {
      items.requireDimension(query);
      this.query = query;
      this.candidate = candidate;
      this.best = new TopK(Math.min(count, items.size()));
      this.length = length(query);
      // A float32 sum of D products is within D 2^-24 |q| |e| (Higham 2002, section 3.1), to first
      // order, and within 2^-149 a product where these are subnormal. Twice as much leaves room for
      // the errors of the bound, which is computed in float64.
      this.slack = (query.length + 4) * (0x1p-23 * length * longest + 0x1p-148);
      int[] integers = new int[passes(items) * PASS];
      boolean isBounded = length > 0 && length * longest < SAFE; // false if NaN
      this.step = isBounded ? round(integers) : 0;
      double squares = 0;
      for (int c = 0; c < query.length; c++) {
        double r = query[c] - step * integers[c];
        squares += r * r;
      }
      this.rest = Math.sqrt(squares);
      this.factors = integers;
      int odd = 0;
      for (int c = 0; c < integers.length; c += 2) {
        // pair = 256 even + odd + 128, so a even + b odd = (a − 256 b) even + b pair − 128 b
        factors[c] = integers[c] - 256 * integers[c + 1];
        odd += integers[c + 1];
      }
      this.offset = -128 * odd;
    }

    /** Computes a and returns s. */
    private double round(int[] integers) {
      double most = MAX_PRODUCT / longestIntegers;
      for (double s = length / most; ; s *= 1.01) {
        double squares = 0;
        for (int c = 0; c < query.length; c++) {
          integers[c] = (int) Math.rint(query[c] / s);
          squares += (double) integers[c] * integers[c];
        }
        if (squares <= most * most) {
          return s;
        }
      }
    }

    /**
     * Scans a block.
     *
     * @param products scratch memory
     */
    void scan(int at, short[] products) {
      Block block = blocks[at];
      int least = least(block);
      if (least > MAX_PRODUCT) {
        return;
      }
      int count = block.rows.length;
      Arrays.fill(products, 0, count, (short) offset);
      short[][] pairs = block.pairs;
      for (int pair = 0; pair < pairs.length; pair += PASS / 2) {
        add(
            products,
            factors,
            2 * pair,
            pairs[pair],
            pairs[pair + 1],
            pairs[pair + 2],
            pairs[pair + 3]);
      }
      for (int i = 0; i < count; i++) {
        if (products[i] >= least) {
          int row = block.rows[i];
          best.offer(row, items.dotUnchecked(query, row), candidate);
          scored++;
          least = least(block);
        }
      }
    }

    /** The least a·n with which a row of a block may enter the result. */
    private int least(Block block) {
      if (step == 0) {
        return -MAX_PRODUCT;
      }
      double more = block.step * rest * block.integers + length * block.error + slack;
      double least = Math.ceil((best.threshold() - more) / (step * block.step));
      return (int) Math.clamp(least, -MAX_PRODUCT, MAX_PRODUCT + 1);
    }

    /** How many rows have been scored in float32. */
    int scored() {
      return scored;
    }

    /** Returns the result after all blocks have been scanned. */
    ItemVectors.Top result() {
      return best.sorted(ItemVectors.Top::new);
    }
  }

  /** All arrays are indexed alike and hold shorts, so C2 vectorizes the loop. */
  private static void add(
      short[] sums, int[] factors, int at, short[] x, short[] y, short[] z, short[] w) {
    int a = factors[at];
    int b = factors[at + 1];
    int c = factors[at + 2];
    int d = factors[at + 3];
    int e = factors[at + 4];
    int f = factors[at + 5];
    int g = factors[at + 6];
    int h = factors[at + 7];
    for (int i = 0; i < x.length; i++) {
      sums[i] = (short) (sums[i]
          + a * (x[i] >> 8)
          + b * x[i]
          + c * (y[i] >> 8)
          + d * y[i]
          + e * (z[i] >> 8)
          + f * z[i]
          + g * (w[i] >> 8)
          + h * w[i]);
    }
  }
}
