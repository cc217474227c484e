package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.TorchScript;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Softmax cross-entropy over all items with its gradient, computed by hand in chunks of positions,
 * so that no tensor of size (P, V) ever exists.
 *
 * <p>For a chunk of C positions with queries Q (C, D), item vectors E (V, D) and the targets'
 * vectors T (C, D), all scores are taken relative to the target's, {@code x = exp(q·e − q·t)}, and
 * the target itself is left out. With the sum {@code r} of a row of x, the loss is {@code log(1 +
 * r)}, the gradient of Q is {@code (x E − r T) / (1 + r)}, and that of E is {@code xᵀ (Q / (1 +
 * r))} and {@code −q r / (1 + r)} at the target. So the (C, V) buffer is written once, by a product
 * and an exponential in place, and read by two products; dividing by the sum is left to the small
 * arrays. Two columns beside E and Q, ones and {@code −q·t}, make the product subtract the target's
 * score before anything is rounded, and make {@code x E} sum up x as well. Where a score exceeds
 * the target's so far that x overflows, the row's largest score is subtracted instead.
 *
 * <p>In bf16 the factors of the three products and x are rounded, nothing else.
 */
final class SoftmaxLoss implements ItemLoss {
  /** Bytes of the (C, V) buffer, and its rows, at most. It is allocated once. */
  private static final long CPU_BYTES = 48L << 20;

  private static final int CPU_ROWS = 512;
  private static final long GPU_BYTES = 1L << 30;
  private static final int GPU_ROWS = 4096;

  /** Matrix products are fastest on so many rows, or a multiple of them. */
  private static final int ROWS = 16;

  /** Items whose part of the buffer stays in the cache from one operation to the next. */
  private static final long BLOCK = 2048;

  private static final String KERNELS = """
        def empty(self: __torch__.M, like: Tensor, rows: int, columns: int, half: bool) -> Tensor:
          if half:
            made = torch.new_empty(like, [rows, columns], dtype=15)
          else:
            made = torch.new_empty(like, [rows, columns], dtype=6)
          return made
        def widen(self: __torch__.M, table: Tensor, wide: Tensor) -> Tensor:
          d = torch.size(table, 1)
          _0 = torch.copy_(torch.narrow(wide, 1, 0, d), torch.slice(table, 0, 1))
          return torch.fill_(torch.narrow(wide, 1, d, 1), 1)
        def near(self: __torch__.M, q: Tensor, own: Tensor, wide: Tensor, x: Tensor, block: int) -> Tensor:
          hit = torch.sum(torch.mul(torch.to(q, 6), torch.to(own, 6)), [1], True)
          shift = torch.to(torch.neg(hit), wide)
          wq = torch.t(torch.cat([q, shift], 1))
          for i in range(torch.floordiv(torch.add(torch.size(x, 0), torch.sub(block, 1)), block)):
            start = torch.mul(i, block)
            part = torch.slice(x, 0, start, torch.add(start, block))
            _0 = torch.mm(torch.slice(wide, 0, start, torch.add(start, block)), wq, out=part)
            _1 = torch.exp_(part)
          return torch.add(hit, torch.to(shift, 6))
        def far(self: __torch__.M, q: Tensor, places: Tensor, wide: Tensor, x: Tensor) -> Tensor:
          _0 = torch.mm(torch.narrow(wide, 1, 0, torch.size(q, 1)), torch.t(q), out=x)
          _1 = torch.sub_(x, torch.amax(x, [0], True))
          gap = torch.unsqueeze(torch.to(torch.index_select(torch.view(x, [-1]), 0, places), 6), 1)
          _2 = torch.exp_(x)
          return gap
        def sums(self: __torch__.M, x: Tensor, places: Tensor, wide: Tensor) -> Tensor:
          _0 = torch.index_fill_(torch.view(x, [-1]), 0, places, 0)
          return torch.t(torch.to(torch.mm(torch.t(wide), x), 6))
        def loss(self: __torch__.M, queries: Tensor, wide: Tensor, targets: Tensor, grad: Tensor, gq: Tensor, buffer: Tensor, share: float, block: int) -> Tensor:
          c = torch.size(queries, 0)
          d = torch.size(queries, 1)
          v = torch.size(wide, 0)
          q = torch.to(queries, wide)
          x = torch.view(torch.narrow(torch.view(buffer, [-1]), 0, 0, torch.mul(v, c)), [v, c])
          places = torch.add(torch.mul(targets, c), torch.sub(torch.cumsum(torch.ones_like(targets), 0), 1))
          own = torch.narrow(torch.index_select(wide, 0, targets), 1, 0, d)
          gap = (self).near(q, own, wide, x, block, )
          sums = (self).sums(x, places, wide, )
          if bool(torch.all(torch.isfinite(sums))):
            pass
          else:
            gap = (self).far(q, places, wide, x, )
            sums = (self).sums(x, places, wide, )
          rest = torch.narrow(sums, 1, d, 1)
          total = torch.add(rest, torch.exp(gap))
          scale = torch.div(torch.full_like(total, share), total)
          away = torch.sub(torch.narrow(sums, 1, 0, d), torch.mul(rest, own))
          _0 = torch.mul(away, scale, out=gq)
          weighted = torch.mul(queries, scale)
          items = torch.slice(grad, 0, 1)
          factors = torch.to(weighted, wide)
          for i in range(torch.floordiv(torch.add(v, torch.sub(block, 1)), block)):
            start = torch.mul(i, block)
            part = torch.slice(x, 0, start, torch.add(start, block))
            _1 = torch.add_(torch.slice(items, 0, start, torch.add(start, block)), torch.mm(part, factors))
          _2 = torch.index_add_(items, 0, targets, torch.mul(weighted, rest), alpha=-1)
          return torch.sum(torch.sub(torch.log(total), gap))
      """;

  private final TorchScript kernels;
  private final boolean half;
  private final int chunk; // C
  private final Long block; // items that are computed together
  private final NDArray buffer; // float32 or bfloat16 (V, C), or fewer columns in a last chunk
  private final NDArray wide; // of the same type (V, D + 1): the item vectors and a column of ones

  /**
   * Prepares buffers.
   *
   * @param manager owner of the buffers and the functions
   * @param items V
   * @param dimension D
   * @param precision not {@link Precision#AUTO}
   */
  SoftmaxLoss(NDManager manager, int items, int dimension, Precision precision) {
    if (precision == Precision.AUTO) {
      throw new IllegalArgumentException("precision must be chosen: see SoftmaxLoss.faster");
    }
    this.kernels = new TorchScript(manager, KERNELS);
    this.half = precision == Precision.BF16;
    boolean gpu = manager.getDevice().isGpu();
    this.chunk = rows(gpu, (half ? 2L : 4L) * items);
    this.block = gpu ? (long) items : BLOCK;
    this.buffer = empty(manager, items, chunk);
    this.wide = empty(manager, items, dimension + 1);
  }

  /** How many rows of so many bytes a chunk has. */
  private static int rows(boolean gpu, long bytes) {
    long fitting = (gpu ? GPU_BYTES : CPU_BYTES) / bytes;
    int rows = Math.clamp(fitting, 1, gpu ? GPU_ROWS : CPU_ROWS);
    return rows < ROWS ? rows : rows / ROWS * ROWS;
  }

  private NDArray empty(NDManager manager, long rows, long columns) {
    try (NDArray like = manager.zeros(new Shape(1))) { // of the device
      return kernels.call(manager, "empty", like, rows, columns, half).singletonOrThrow();
    }
  }

  @Override
  public Loss backward(
      NDArray queries, NDArray table, int[] targets, NDArray tableGradient, long seed) {
    NDManager manager = queries.getManager();
    int count = (int) queries.getShape().get(0);
    Double share = 1.0 / count;
    NDArray gradient = manager.create(queries.getShape(), DataType.FLOAT32);
    double sum = 0;
    long[] columns = new long[count]; // of the table without its padding
    for (int p = 0; p < count; p++) {
      columns[p] = targets[p] - 1L;
    }
    try (NDManager step = manager.newSubManager()) {
      NDArray wanted = step.create(columns); // int64 (P)
      kernels.call(step, "widen", table, wide);
      for (int from = 0; from < count; from += chunk) {
        NDIndex part = new NDIndex("{}:{}", from, Math.min(count, from + chunk));
        NDArray q = queries.get(part);
        NDArray t = wanted.get(part);
        NDArray g = gradient.get(part);
        q.attach(step);
        t.attach(step);
        g.attach(step);
        sum += kernels
            .call(step, "loss", q, wide, t, tableGradient, g, buffer, share, block)
            .singletonOrThrow()
            .getFloat();
      }
    }
    return new Loss(sum, gradient, null);
  }

  /**
   * The faster of fp32 and bf16 for tables of this size on this device, by running a chunk of each.
   *
   * @param nanoTime a clock in nanoseconds
   */
  static Precision faster(NDManager manager, int items, int dimension, LongSupplier nanoTime) {
    try (NDManager trial = manager.newSubManager()) {
      int rows = Math.min(items, 8192); // the ratio is that of the hardware, not of the size
      NDArray table = trial.ones(new Shape(rows + 1, dimension));
      NDArray gradient = trial.zeros(new Shape(rows + 1, dimension));
      NDArray queries = trial.ones(new Shape(256, dimension));
      int[] targets = new int[256];
      Arrays.fill(targets, 1);
      long[] best = {Long.MAX_VALUE, Long.MAX_VALUE};
      for (int i = 0; i < 2; i++) {
        SoftmaxLoss loss =
            new SoftmaxLoss(trial, rows, dimension, i == 0 ? Precision.FP32 : Precision.BF16);
        for (int run = 0; run < 4; run++) {
          long start = nanoTime.getAsLong();
          loss.backward(queries, table, targets, gradient, 0).gradient().close();
          best[i] = Math.min(best[i], nanoTime.getAsLong() - start);
        }
      }
      return best[1] < best[0] ? Precision.BF16 : Precision.FP32;
    }
  }
}
