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
 * <p>For a chunk of C positions with queries Q (C, D), item vectors E (V, D) and probabilities
 * {@code p = softmax(Q Eᵀ)}: the loss is {@code logsumexp(q·E) − q·e_target}, the gradient of Q is
 * {@code (p − onehot) E}, that of E is {@code (p − onehot)ᵀ Q}. The (C, V) buffer is allocated once
 * and small enough that the allocator keeps its pages (22 MB); logits, probabilities and their
 * difference to the target follow each other in it.
 *
 * <p>In bf16 the factors of the three products are rounded, nothing else.
 */
final class SoftmaxLoss implements ItemLoss {
  /** Bytes of the (C, V) buffer: larger ones are mapped afresh, and page faults dominate. */
  private static final long CHUNK_BYTES = 22L << 20;

  private static final int MAX_CHUNK = 192;

  /** Matrix products are fastest on so many rows, or a multiple of them. */
  private static final int ROWS = 16;

  /**
   * A target whose probability is too small for a float has its loss from the most probable item,
   * {@code logsumexp = q·e − log p}: one more look at all probabilities, which other chunks spare.
   */
  private static final String KERNELS = """
        def loss(self: __torch__.M, p: Tensor, target: Tensor, hit: Tensor, q: Tensor, e: Tensor) -> Tensor:
          wanted = torch.gather(p, 1, target)
          if bool(torch.lt(torch.min(wanted), 1.0e-30)):
            most, top = torch.max(p, 1, True)
            best = torch.index_select(e, 0, torch.squeeze(top, 1))
            logit = torch.sum(torch.to(torch.mul(q, best), 6), [1], True)
            sum = torch.sum(torch.sub(torch.sub(logit, torch.log(most)), hit))
          else:
            sum = torch.neg(torch.sum(torch.log(wanted)))
          return sum
        def fp32(self: __torch__.M, q: Tensor, table: Tensor, target: Tensor, grad: Tensor, gq: Tensor, z: Tensor, share: float) -> Tensor:
          e = torch.slice(table, 0, 1)
          t = torch.unsqueeze(target, 1)
          _0 = torch.mm(q, torch.t(e), out=z)
          hit = torch.gather(z, 1, t)
          _1 = torch.softmax(z, 1, out=z)
          loss = (self).loss(z, t, hit, q, e, )
          _2 = torch.scatter_add_(z, 1, t, torch.full_like(hit, -1.0))
          _4 = torch.mul_(torch.mm(z, e, out=gq), share)
          _3 = torch.addmm_(torch.slice(grad, 0, 1), torch.t(z), q, beta=1, alpha=share)
          return loss
        def bf16(self: __torch__.M, q: Tensor, table: Tensor, target: Tensor, grad: Tensor, gq: Tensor, z: Tensor, share: float) -> Tensor:
          e = torch.slice(table, 0, 1)
          t = torch.unsqueeze(target, 1)
          qb = torch.to(q, 15)
          _0 = torch.copy_(z, torch.linear(qb, e))
          hit = torch.gather(z, 1, t)
          _1 = torch.softmax(z, 1, out=z)
          loss = (self).loss(z, t, hit, qb, e, )
          _2 = torch.scatter_add_(z, 1, t, torch.full_like(hit, -1.0))
          p = torch.to(z, 15)
          _4 = torch.mul_(torch.copy_(gq, torch.mm(p, e)), share)
          _3 = torch.add_(torch.slice(grad, 0, 1), torch.mm(torch.t(p), qb), alpha=share)
          return loss
        def half(self: __torch__.M, x: Tensor) -> Tensor:
          return torch.to(x, 15)
      """;

  private final TorchScript kernels;
  private final NDArray buffer; // float32 (C, V)
  private final int chunk;
  private final Precision precision;

  /**
   * Prepares buffers.
   *
   * @param manager owner of the buffers and the functions
   * @param items V
   * @param precision not {@link Precision#AUTO}
   */
  SoftmaxLoss(NDManager manager, int items, Precision precision) {
    if (precision == Precision.AUTO) {
      throw new IllegalArgumentException("precision must be chosen: see SoftmaxLoss.faster");
    }
    this.kernels = new TorchScript(manager, KERNELS);
    int fitting = Math.clamp(CHUNK_BYTES / (4L * items), 1, MAX_CHUNK);
    this.chunk = fitting < ROWS ? fitting : fitting / ROWS * ROWS;
    this.buffer = manager.create(new Shape(chunk, items), DataType.FLOAT32);
    this.precision = precision;
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
      boolean half = precision == Precision.BF16;
      NDArray items = half ? kernels.call(step, "half", table).singletonOrThrow() : table;
      for (int from = 0; from < count; from += chunk) {
        int to = Math.min(count, from + chunk);
        NDIndex part = new NDIndex("{}:{}", from, to);
        NDArray z = buffer.get(new NDIndex("0:{}", to - from));
        z.attach(step);
        NDArray q = queries.get(part);
        NDArray t = wanted.get(part);
        NDArray g = gradient.get(part);
        q.attach(step);
        t.attach(step);
        g.attach(step);
        sum += kernels
            .call(step, half ? "bf16" : "fp32", q, items, t, tableGradient, g, z, share)
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
      NDArray queries = trial.ones(new Shape(64, dimension));
      int[] targets = new int[64];
      Arrays.fill(targets, 1);
      long[] best = {Long.MAX_VALUE, Long.MAX_VALUE};
      for (int i = 0; i < 2; i++) {
        SoftmaxLoss loss = new SoftmaxLoss(trial, rows, i == 0 ? Precision.FP32 : Precision.BF16);
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
