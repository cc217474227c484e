package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.model.StampConfig;
import java.util.random.RandomGenerator;

/**
 * STAMP: attention over the clicks, queried by the last click and their mean, in one hop or
 * several; each hop adds its result to the query.
 *
 * <p>With clicks {@code x_i}, their mean {@code m} and the query {@code u}, which starts as the
 * last click: {@code α_i = w0 · σ(W1 x_i + W2 u + W3 m + b)}, {@code o = Σ α_i x_i}, {@code u ← u +
 * o}; finally {@code query = tanh(Ws o + bs) ⊙ tanh(Wt x_t + bt)}.
 *
 * <p>Source: Liu, Zeng, Mokhosi and Zhang 2018, "STAMP: Short-Term Attention/Memory Priority Model
 * for Session-based Recommendation": the trilinear product is equation 1, the mean 2, the two cells
 * 3, the attention 7 and 8. Several hops and their sum: Sukhbaatar, Szlam, Weston and Fergus 2015,
 * "End-To-End Memory Networks", section 2.2, equation 4, with layer-wise tying.
 *
 * <p>Differs from the papers: the mean is over the window; positions are learned vectors by age
 * added to the clicks in attention alone, so that the sum stays one of items; keys and values are
 * the item vectors themselves.
 */
final class Stamp implements SessionEncoder {
  private final StampConfig config;

  Stamp(StampConfig config) {
    this.config = config;
  }

  @Override
  public int window() {
    return config.lastClicks();
  }

  @Override
  public int reach() {
    return config.lastClicks() - 1;
  }

  @Override
  public long temporary(int length) {
    return (long) config.dimension() * length;
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    float bound = (float) (1 / Math.sqrt(d));
    weights.uniform("attention.w1", random, bound, d, d);
    weights.uniform("attention.w2", random, bound, d, d);
    Layers.addLinear(weights, "attention.w3", random, d, d);
    weights.uniform("attention.w0", random, bound, d);
    if (config.agePositions()) {
      weights.uniform("ages", random, bound, config.lastClicks(), d);
    }
    Layers.addLinear(weights, "session", random, d, d);
    Layers.addLinear(weights, "last", random, d, d);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    int d = config.dimension();
    NDArray x = // float32 (B · L, D)
        Layers.dropout(clicks, config.inputDropout(), training).reshape(-1, d);
    NDArray last = Layers.rows(x, positions.last()); // float32 (P, D)
    NDArray seen = Layers.rows(x, positions.window()); // float32 (P, W, D)
    NDArray counts = positions.mask().sum(new int[] {1}, true); // float32 (P, 1)
    NDArray mean = Layers.sums(positions.mask().div(counts), seen); // float32 (P, D)

    // Constant over the hops.
    NDArray keys = // float32 (P, W, D)
        Layers.rows(x.matMul(weights.get("attention.w1")), positions.window());
    if (config.agePositions()) {
      keys =
          keys.add(ages(positions.mask().getManager(), weights, keys.getShape().get(1)));
    }
    NDArray background = Layers.linear(weights, "attention.w3", mean); // float32 (P, D)

    NDArray u = last; // float32 (P, D)
    NDArray o = mean; // float32 (P, D)
    NDArray attention = positions.mask(); // float32 (P, W)
    for (int hop = 0; hop < config.hops(); hop++) {
      NDArray question = u.matMul(weights.get("attention.w2")).add(background);
      NDArray scores = // float32 (P, W)
          keys.add(question.expandDims(1))
              .getNDArrayInternal()
              .sigmoid()
              .matMul(weights.get("attention.w0"));
      attention = Layers.attention(scores, positions, config.softmaxAttention());
      o = Layers.sums(attention, seen);
      u = u.add(o);
    }
    NDArray query = Layers.linear(weights, "session", o) // float32 (P, D)
        .tanh()
        .mul(Layers.linear(weights, "last", last).tanh());
    NDArray shown = attention;
    return Encoded.of(Layers.query(config.similarity(), query), () -> shown);
  }

  /** The vectors of ages W − 1 down to 0, as (1, W, D); the table's last row is the newest. */
  private NDArray ages(NDManager manager, Weights weights, long width) {
    NDArray table = weights.get("ages");
    long[] rows = new long[(int) width];
    for (int w = 0; w < rows.length; w++) {
      rows[w] = Math.max(0, config.lastClicks() - width + w); // what is older is masked
    }
    return Layers.rows(table, manager.create(rows)).expandDims(0);
  }
}
