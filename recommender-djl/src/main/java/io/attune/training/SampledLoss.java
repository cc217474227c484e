package io.attune.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.encoder.TorchScript;

/**
 * Losses against the target and a sample of other items, which all targets of a step share.
 *
 * <p><b>Sampled softmax.</b> The sum over all items in the softmax is estimated from the
 * candidates: the target counts as it is, any other candidate by the inverse of the chance
 * {@code q} that it became one, so {@code logsumexp(s_t, s_c − log q_c) − s_t}. Source: Bengio and
 * Senécal 2008, "Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic
 * Language Model", section III; Yi et al. 2019, "Sampling-Bias-Corrected Neural Modeling", equation
 * 3. Differs from the latter: the target itself is not corrected, since it is there with certainty.
 *
 * <p><b>gBCE.</b> {@code −β log σ(s_t) − Σ log σ(−s_c)} with {@code α} the share of the items that
 * are negatives and {@code β = α (t (1 − 1/α) + 1/α)}. Source: Petrov and Macdonald 2023,
 * "gSASRec", equations 13 and 14. Differs from the paper: negatives are shared by a step.
 */
final class SampledLoss implements ItemLoss {
  private static final long CHUNK_BYTES = 22L << 20;

  private static final String KERNELS = """
        def gather(self: __torch__.M, table: Tensor, rows: Tensor, into: Tensor) -> Tensor:
          return torch.index_select(table, 0, rows, out=into)
        def scatter(self: __torch__.M, table: Tensor, rows: Tensor, values: Tensor) -> Tensor:
          return torch.index_add_(table, 0, rows, values)
        def softmax(self: __torch__.M, q: Tensor, e: Tensor, target: Tensor, grad: Tensor, gq: Tensor, z: Tensor, share: float, shares: Tensor, beta: float) -> Tensor:
          t = torch.unsqueeze(target, 1)
          _0 = torch.mm(q, torch.t(e), out=z)
          hit = torch.gather(z, 1, t)
          _1 = torch.sub_(z, torch.unsqueeze(shares, 0))
          _2 = torch.scatter_(z, 1, t, hit)
          loss = torch.sub(torch.logsumexp(z, [1], True), hit)
          _3 = torch.softmax(z, 1, out=z)
          _4 = torch.scatter_add_(z, 1, t, torch.full_like(hit, -1.0))
          _5 = torch.mul_(torch.mm(z, e, out=gq), share)
          _6 = torch.addmm_(grad, torch.t(z), q, beta=1, alpha=share)
          return torch.sum(loss)
        def gbce(self: __torch__.M, q: Tensor, e: Tensor, target: Tensor, grad: Tensor, gq: Tensor, z: Tensor, share: float, shares: Tensor, beta: float) -> Tensor:
          t = torch.unsqueeze(target, 1)
          _0 = torch.mm(q, torch.t(e), out=z)
          hit = torch.gather(z, 1, t)
          others = torch.sub(torch.sum(torch.softplus(z), [1], True), torch.softplus(hit))
          loss = torch.add(others, torch.mul(torch.softplus(torch.neg(hit)), beta))
          _1 = torch.sigmoid_(z)
          _2 = torch.scatter_(z, 1, t, torch.mul(torch.sub(torch.sigmoid(hit), 1.0), beta))
          _3 = torch.mul_(torch.mm(z, e, out=gq), share)
          _4 = torch.addmm_(grad, torch.t(z), q, beta=1, alpha=share)
          return torch.sum(loss)
      """;

  private final TorchScript kernels;
  private final LossKind kind;
  private final NegativeSampler negatives;
  private final int items;
  private final double calibration;

  /**
   * Prepares the functions.
   *
   * @param kind sampled or gBCE
   * @param counts (V): clicks of each item, row 1 first
   * @param training for the number of negatives and how they are drawn
   */
  SampledLoss(NDManager manager, LossKind kind, long[] counts, TrainingConfig training) {
    if (kind != LossKind.SAMPLED && kind != LossKind.GBCE) {
      throw new IllegalArgumentException("not a loss over samples: " + kind);
    }
    this.kernels = new TorchScript(manager, KERNELS);
    this.kind = kind;
    this.negatives =
        new NegativeSampler(counts, training.negatives(), training.samplingDistribution());
    this.items = counts.length;
    this.calibration = training.calibration();
  }

  @Override
  public Loss backward(
      NDArray queries, NDArray table, int[] targets, NDArray tableGradient, long seed) {
    NDManager manager = queries.getManager();
    int count = targets.length;
    int dimension = (int) queries.getShape().get(1);
    NDArray gradient = manager.create(queries.getShape(), DataType.FLOAT32);
    NegativeSampler.Candidates drawn = negatives.draw(targets, seed);
    int size = drawn.rows().length;
    double sum = 0;
    try (NDManager step = manager.newSubManager()) {
      NDArray rows = longs(step, drawn.rows()); // int64 (C)
      NDArray shares = step.create(drawn.logShares()); // float32 (C)
      NDArray columns = longs(step, drawn.columns()); // int64 (P)
      NDArray candidates = step.create(new Shape(size, dimension), DataType.FLOAT32);
      NDArray ofCandidates = step.zeros(new Shape(size, dimension)); // their gradient
      kernels.call(step, "gather", table, rows, candidates);
      int chunk = Math.clamp(CHUNK_BYTES / (4L * size), 1, count);
      NDArray buffer = step.create(new Shape(chunk, size), DataType.FLOAT32);
      Double share = 1.0 / count;
      Double beta = beta((double) (size - 1) / (items - 1), calibration);
      for (int from = 0; from < count; from += chunk) {
        int to = Math.min(count, from + chunk);
        NDIndex part = new NDIndex("{}:{}", from, to);
        NDArray z = buffer.get(new NDIndex("0:{}", to - from));
        NDArray q = queries.get(part);
        NDArray t = columns.get(part);
        NDArray g = gradient.get(part);
        for (NDArray view : new NDArray[] {z, q, t, g}) {
          view.attach(step);
        }
        String method = kind == LossKind.SAMPLED ? "softmax" : "gbce";
        sum += kernels
            .call(step, method, q, candidates, t, ofCandidates, g, z, share, shares, beta)
            .singletonOrThrow()
            .getFloat();
      }
      kernels.call(step, "scatter", tableGradient, rows, ofCandidates);
    }
    return new Loss(sum, gradient, drawn.rows());
  }

  /** The exponent of the positive's probability (Petrov and Macdonald 2023, equation 14). */
  static double beta(double samplingRate, double calibration) {
    return samplingRate * (calibration * (1 - 1 / samplingRate) + 1 / samplingRate);
  }

  private static NDArray longs(NDManager manager, int[] values) {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values[i];
    }
    return manager.create(longs);
  }
}
