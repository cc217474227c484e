package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.attune.model.ItemSpace;
import io.attune.model.NarmConfig;
import java.util.random.RandomGenerator;

/**
 * NARM: a GRU over the clicks, whose last state stands for the whole session, beside an attention
 * over all its states, which stands for what the visitor is after.
 *
 * <p>Source: Li, Ren, Chen, Ren, Lian and Ma 2017, "Neural Attentive Session-based Recommendation".
 * The GRU is equations 1 to 4, the global encoder 5, the local encoder 6 to 8, the context 9 and
 * the bilinear decoder 10, which is folded into the query vector {@code B · [global, local]}.
 *
 * <p>Differs from the paper: every position of a session is a target in one forward pass; attention
 * looks back on the last W clicks, and may be normalised by a softmax (the paper normalises
 * nothing); vectors may be normalised ({@link ItemSpace}); other scores than the additive one.
 */
final class Narm implements SessionEncoder {
  private final NarmConfig config;

  Narm(NarmConfig config) {
    this.config = config;
  }

  @Override
  public int window() {
    return config.lastClicks();
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    int h = config.hidden();
    float bound = (float) (1 / Math.sqrt(h));
    weights.uniform("gru.w_ih", random, bound, 3L * h, d);
    weights.uniform("gru.w_hh", random, bound, 3L * h, h);
    weights.uniform("gru.b_ih", random, bound, 3L * h);
    weights.uniform("gru.b_hh", random, bound, 3L * h);
    switch (config.score()) {
      case ADDITIVE -> {
        weights.uniform("attention.a1", random, bound, h, h);
        weights.uniform("attention.a2", random, bound, h, h);
        weights.uniform("attention.v", random, bound, h);
      }
      case GENERAL -> weights.uniform("attention.a1", random, bound, h, h);
      case DOT, SCALED_DOT -> {}
    }
    weights.uniform("decoder.b", random, (float) (1 / Math.sqrt(2.0 * h)), 2L * h, d);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    long sessions = clicks.getShape().get(0);
    long h = config.hidden();
    NDManager manager = clicks.getManager();

    NDArray x = dropout(clicks, config.inputDropout(), training); // float32 (B, L, D)
    NDArray start = manager.zeros(new Shape(1, sessions, h));
    NDList gru = new NDList(
        weights.get("gru.w_ih"),
        weights.get("gru.w_hh"),
        weights.get("gru.b_ih"),
        weights.get("gru.b_hh"));
    NDArray states = // float32 (B · L, H)
        x.getNDArrayInternal()
            .gru(x, start, gru, true, 1, 0, training, false, true)
            .get(0)
            .reshape(-1, h);

    NDArray global = rows(states, positions.last()); // float32 (P, H)
    NDArray seen = rows(states, positions.window()); // float32 (P, W, H)
    NDArray attention = attention(weights, states, global, seen, positions); // float32 (P, W)
    NDArray local = attention.expandDims(1).matMul(seen).squeeze(1); // float32 (P, H)

    NDArray context = // float32 (P, 2H)
        dropout(NDArrays.concat(new NDList(global, local), 1), config.contextDropout(), training);
    NDArray query = context.matMul(weights.get("decoder.b")); // float32 (P, D)
    return new Encoded(config.items().normalized() ? scaled(query) : query, attention);
  }

  /**
   * Attention weights, zero where masked: a softmax over W if so configured, else the bare scores.
   *
   * @param states float32 (B · L, H)
   * @param global float32 (P, H)
   * @param seen float32 (P, W, H)
   * @return float32 (P, W)
   */
  private NDArray attention(
      Weights weights, NDArray states, NDArray global, NDArray seen, Positions positions) {
    NDArray scores = // float32 (P, W)
        switch (config.score()) {
          case ADDITIVE -> {
            NDArray keys = states.matMul(weights.get("attention.a2")); // (B · L, H)
            NDArray asked = global.matMul(weights.get("attention.a1")); // (P, H)
            NDArray compared = // float32 (P, W, H)
                rows(keys, positions.window())
                    .add(asked.expandDims(1))
                    .getNDArrayInternal()
                    .sigmoid();
            yield compared.matMul(weights.get("attention.v"));
          }
          case DOT -> seen.matMul(global.expandDims(2)).squeeze(2);
          case SCALED_DOT -> {
            NDArray factor = states
                .getManager()
                .full(new Shape(1), (float) (1 / Math.sqrt(config.hidden())), DataType.FLOAT32);
            yield seen.matMul(global.mul(factor).expandDims(2)).squeeze(2);
          }
          case GENERAL ->
            seen.matMul(global.matMul(weights.get("attention.a1")).expandDims(2))
                .squeeze(2);
        };
    if (!config.softmaxAttention()) {
      return scores.mul(positions.mask());
    }
    // A masked score is far below any other, so that its share is exactly zero.
    NDArray far = states.getManager().full(new Shape(1), 1e9f, DataType.FLOAT32);
    return scores.add(positions.mask().sub(1f).mul(far)).softmax(-1);
  }

  /** {@code scale · q / |q|}, float32 (P, D). */
  private NDArray scaled(NDArray query) {
    NDManager manager = query.getManager();
    NDArray tiny = manager.full(new Shape(1), 1e-12f, DataType.FLOAT32);
    NDArray scale = manager.full(new Shape(1), config.items().scale(), DataType.FLOAT32);
    NDArray length = query.mul(query).sum(new int[] {1}, true).add(tiny).sqrt(); // (P, 1)
    return query.mul(scale.div(length));
  }

  /** The rows of {@code table} (R, H) at {@code index} (…), as (…, H). */
  private static NDArray rows(NDArray table, NDArray index) {
    return index
        .getNDArrayInternal()
        .embedding(index, table, SparseFormat.DENSE)
        .singletonOrThrow();
  }

  private static NDArray dropout(NDArray x, float rate, boolean training) {
    return training && rate > 0
        ? x.getNDArrayInternal().dropout(x, rate, true).singletonOrThrow()
        : x;
  }
}
