package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.encoder.Torch;
import io.attune.encoder.TorchScript;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The item vectors in training. {@code raw} is trained; {@code vectors}, which the encoder reads
 * and the loss scores, are the same rows, normalised to length one where the configuration says so.
 * Gradients are collected for the vectors and turned into gradients of the raw rows in one pass
 * outside the engine's graph, which would be slow on tables of this size.
 *
 * <p>With {@code e = w / |w|}, the gradient of the raw row is {@code (g − (g · e) e) / |w|}.
 */
final class ItemTable {
  /** On a CPU, tables are processed in blocks that stay in the cache between operators. */
  private static final long CACHED_ROWS = 2048;

  private static final String KERNELS = """
        def normalize(self: __torch__.M, raw: Tensor, vectors: Tensor, lengths: Tensor, rows: int) -> Tensor:
          for block in range(torch.add(torch.floordiv(torch.size(raw, 0), rows), 1)):
            start = torch.mul(block, rows)
            end = torch.add(start, rows)
            w = torch.slice(raw, 0, start, end)
            n = torch.clamp_min(torch.norm(w, 2, [1], True), 1e-12)
            _0 = torch.copy_(torch.slice(lengths, 0, start, end), n)
            _1 = torch.div(w, n, out=torch.slice(vectors, 0, start, end))
          return lengths
        def project(self: __torch__.M, vectors: Tensor, lengths: Tensor, grad: Tensor, rows: int) -> Tensor:
          for block in range(torch.add(torch.floordiv(torch.size(grad, 0), rows), 1)):
            start = torch.mul(block, rows)
            end = torch.add(start, rows)
            e = torch.slice(vectors, 0, start, end)
            g = torch.slice(grad, 0, start, end)
            _0 = torch.addcmul_(g, e, torch.sum(torch.mul(e, g), [1], True), value=-1.)
            _1 = torch.div_(g, torch.slice(lengths, 0, start, end))
          return grad
        def clear(self: __torch__.M, grad: Tensor) -> Tensor:
          return torch.zero_(grad)
        def gradient_rows(self: __torch__.M, vectors: Tensor, lengths: Tensor, grad: Tensor, rows: Tensor, normalized: bool) -> Tensor:
          g = torch.index_select(grad, 0, rows)
          if normalized:
            e = torch.index_select(vectors, 0, rows)
            n = torch.index_select(lengths, 0, rows)
            _0 = torch.addcmul_(g, e, torch.sum(torch.mul(e, g), [1], True), value=-1.)
            _1 = torch.div_(g, n)
          return g
        def refresh_rows(self: __torch__.M, raw: Tensor, vectors: Tensor, lengths: Tensor, grad: Tensor, rows: Tensor, normalized: bool) -> Tensor:
          _0 = torch.index_fill_(grad, 0, rows, 0)
          if normalized:
            w = torch.index_select(raw, 0, rows)
            n = torch.clamp_min(torch.norm(w, 2, [1], True), 1e-12)
            _1 = torch.index_copy_(lengths, 0, rows, n)
            _2 = torch.index_copy_(vectors, 0, rows, torch.div(w, n))
          return grad
        def add_rows(self: __torch__.M, grad: Tensor, index: Tensor, rows: Tensor) -> Tensor:
          _0 = torch.index_add_(grad, 0, index, rows)
          return torch.zero_(torch.select(grad, 0, 0))
      """;

  /**
   * The length of raw rows that training goes on with, of which a model keeps the direction alone:
   * the longer they are, the less a step turns them.
   */
  private static final double KNOWN_LENGTH = 1;

  /** The most elements of an array. */
  private static final long MOST = Integer.MAX_VALUE - 16;

  private final TorchScript kernels;
  private final NDArray raw; // float32 (V + 1, D), row 0 zero
  private final NDArray vectors; // float32 (V + 1, D); raw itself where not normalized
  private final NDArray gradient; // float32 (V + 1, D)
  private final NDArray lengths; // float32 (V + 1, 1)
  private final boolean normalized;
  private final long blockRows;

  /**
   * A table with initial values from [-0.1, 0.1), drawn in row order.
   *
   * @param manager owner of the arrays
   * @param items V
   * @param dimension D
   */
  ItemTable(
      NDManager manager, int items, int dimension, boolean normalized, RandomGenerator random) {
    this.kernels = new TorchScript(manager, KERNELS);
    this.normalized = normalized;
    // A GPU is fed best with few large operators: one block more than the rows fill.
    this.blockRows = manager.getDevice().isGpu() ? items + 2L : CACHED_ROWS;
    float[] values = new float[elements(items, dimension)];
    for (int i = dimension; i < values.length; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * 0.1f;
    }
    Shape shape = new Shape(items + 1L, dimension);
    raw = manager.create(values, shape);
    gradient = manager.zeros(shape);
    lengths = manager.ones(new Shape(items + 1L, 1));
    vectors = normalized ? manager.create(shape, DataType.FLOAT32) : raw;
    refresh();
  }

  /**
   * The number of elements of a table, padding included.
   *
   * @param items V
   * @param dimension D
   * @throws IllegalArgumentException when no array can hold that many
   */
  static int elements(int items, int dimension) {
    long elements = (items + 1L) * dimension;
    if (elements > MOST) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "%,d items of dimension %,d make a table of %,d numbers, more than the %,d of an array:"
              + " set dimension to %,d or less, or leave out rare items (minItemSupport)",
          items,
          dimension,
          elements,
          MOST,
          MOST / (items + 1L)));
    }
    return (int) elements;
  }

  /** Mixes the initial values with vectors of the items' words. */
  void start(WordProjection words) {
    float[] values = Torch.tensor(raw).values();
    words.mixInto(values, (int) raw.getShape().get(1));
    fill(values);
  }

  /** Spreads the initial values over the items that meet. */
  void start(Cooccurrence meetings) {
    float[] values = Torch.tensor(raw).values();
    meetings.spread(values);
    fill(values);
  }

  /** Takes over the rows of a parent's table, and places the new ones among them. */
  void start(Parent parent, String table, Cooccurrence meetings) {
    float[] values = Torch.tensor(raw).values();
    parent.place(table, values, meetings, normalized ? KNOWN_LENGTH : 0);
    fill(values);
  }

  private void fill(float[] values) {
    try (NDArray spread = raw.getManager().create(values, raw.getShape())) {
      // In place. NDArray.copyTo would move the array into a buffer of Java's, and PyTorch warns.
      raw.set(new NDIndex("..."), spread);
    }
    refresh();
  }

  /** What is learned, float32 (V + 1, D). */
  NDArray raw() {
    return raw;
  }

  /** What is read and scored, float32 (V + 1, D). */
  NDArray vectors() {
    return vectors;
  }

  /** Where gradients are collected, float32 (V + 1, D). */
  NDArray gradient() {
    return gradient;
  }

  /**
   * The vectors of rows, as a new array outside any graph.
   *
   * @param index int64 (R)
   * @return float32 (R, D), owned by the manager of {@code index}
   */
  NDArray rows(NDArray index) {
    return index
        .getNDArrayInternal()
        .embedding(index, vectors, SparseFormat.DENSE)
        .singletonOrThrow();
  }

  /**
   * Adds gradients of the vectors of rows; a row may occur several times. Row 0 is never trained.
   *
   * @param index int64 (R)
   * @param rows float32 (R, D)
   */
  void addGradient(NDArray index, NDArray rows) {
    call("add_rows", gradient, index, rows);
  }

  /**
   * The collected gradient with respect to the raw rows.
   *
   * @param step owner of what is made
   * @param touched int64 (R): the rows that gradients were added to, each once; null for any
   */
  AdamW.Gradient rawGradient(NDManager step, @Nullable NDArray touched) {
    if (touched != null) {
      NDArray values = kernels
          .call(step, "gradient_rows", vectors, lengths, gradient, touched, normalized)
          .singletonOrThrow();
      return new AdamW.Gradient(values, touched);
    }
    if (normalized) {
      call("project", vectors, lengths, gradient, blockRows);
    }
    return AdamW.Gradient.all(gradient);
  }

  /**
   * Recomputes the vectors of the rows that have changed, and clears the gradient.
   *
   * @param touched as in {@link #rawGradient}
   */
  void refresh(@Nullable NDArray touched) {
    if (touched == null) {
      refresh();
    } else {
      call("refresh_rows", raw, vectors, lengths, gradient, touched, normalized);
    }
  }

  /** Recomputes all vectors after the raw rows have changed, and clears the gradient. */
  void refresh() {
    call("clear", gradient);
    if (normalized) {
      call("normalize", raw, vectors, lengths, blockRows);
    }
  }

  private void call(String kernel, Object... arguments) {
    try (NDManager results = raw.getManager().newSubManager()) {
      NDList ignored = kernels.call(results, kernel, arguments);
      ignored.detach();
      ignored.close();
    }
  }
}
