package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import java.util.random.RandomGenerator;

/**
 * NARM: a GRU over the clicks, whose last state summarises the session (global encoder), and
 * attention over its states, which captures the visitor's main purpose (local encoder).
 *
 * <p>Source: Li, Ren, Chen, Ren, Lian and Ma 2017, "Neural Attentive Session-based Recommendation".
 * The GRU is equations 1 to 4, the global encoder 5, the local encoder 6 to 8, the context 9 and
 * the bilinear decoder 10, which is folded into the query vector {@code B · [global, local]}.
 *
 * <p>Differs from the paper: every position of a session is a target in one forward pass; attention
 * looks back on the last W clicks, and may be normalised by a softmax (the paper normalises
 * nothing); the mean of the clicked items' vectors under that softmax may replace the query or be
 * added to it; vectors may be normalised ({@link Similarity}); attention scores other than the
 * additive one are supported; attention may be hard, as in Mnih et al. 2014 ("Recurrent Models of
 * Visual Attention"), reading only the k clicks with the highest scores.
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
  public int reach() {
    return config.lastClicks() - 1 + Layers.REMEMBERED;
  }

  @Override
  public long temporary(int length) {
    return 3L * config.hidden() * length;
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    int h = config.hidden();
    float bound = (float) (1 / Math.sqrt(h));
    Layers.addGru(weights, random, d, h);
    switch (config.score()) {
      case ADDITIVE -> {
        weights.uniform("attention.a1", random, bound, h, h);
        weights.uniform("attention.a2", random, bound, h, h);
        weights.uniform("attention.v", random, bound, h);
      }
      case GENERAL -> weights.uniform("attention.a1", random, bound, h, h);
      case DOT, SCALED_DOT -> {}
    }
    if (config.readout() == Readout.MEAN) {
      return;
    }
    weights.uniform("decoder.b", random, (float) (1 / Math.sqrt(2.0 * h)), 2L * h, d);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    NDArray x = Layers.dropout(clicks, config.inputDropout(), training); // float32 (B, L, D)
    NDArray states = Layers.gru(weights, x, training); // float32 (B · L, H)
    NDArray global = Layers.rows(states, positions.last()); // float32 (P, H)
    NDArray seen = Layers.rows(states, positions.window()); // float32 (P, W, H)
    NDArray scores = scores(weights, states, global, seen, positions); // float32 (P, W)
    NDArray attention = // float32 (P, W)
        attention(scores, positions, config.softmaxAttention(), training);
    if (config.readout() == Readout.LAST) {
      NDArray query = decoded(weights, global, Layers.sums(attention, seen), training);
      return Encoded.of(Layers.query(config.similarity(), query), () -> attention);
    }
    NDArray shares = attention(scores, positions, true, training); // float32 (P, W)
    NDArray clicked = // float32 (P, W, D)
        Layers.rows(x.reshape(-1, config.dimension()), positions.window());
    NDArray mean = Layers.sums(shares, clicked); // float32 (P, D)
    NDArray query = config.readout() == Readout.MEAN
        ? mean
        : mean.add(decoded(weights, global, Layers.sums(attention, seen), training));
    return Encoded.of(Layers.query(config.similarity(), query), () -> shares);
  }

  /**
   * The attention weights, of the k clicks with the highest scores alone where attention is hard.
   * Training passes gradients straight through to the weights of all (Bengio, Léonard and Courville
   * 2013, "Estimating or Propagating Gradients Through Stochastic Neurons"), so that a click that
   * is not read yet can become one that is.
   *
   * @param scores float32 (P, W)
   * @return float32 (P, W)
   */
  private NDArray attention(
      NDArray scores, Positions positions, boolean softmax, boolean training) {
    int width = (int) scores.getShape().get(1);
    if (config.topClicks() == 0 || config.topClicks() >= width) {
      return Layers.attention(scores, positions, softmax);
    }
    NDArray bare = scores.stopGradient(); // float32 (P, W)
    NDArray far = Layers.number(positions.manager(), 1e9);
    NDArray candidates = bare.add(positions.mask().sub(1f).mul(far)); // float32 (P, W)
    NDArray least = // float32 (P, 1): the k-th highest score, or that of a masked click
        candidates.topK(config.topClicks(), 1, true, true).get(0).get(":, -1:");
    NDArray read = // float32 (P, W): 1 at clicks that are read
        candidates.gte(least).toType(DataType.FLOAT32, false).mul(positions.mask());
    NDArray hard = softmax ? scores.add(read.sub(1f).mul(far)).softmax(-1) : scores.mul(read);
    if (!training) {
      return hard;
    }
    NDArray soft = Layers.attention(scores, positions, softmax); // float32 (P, W)
    return soft.add(hard.sub(soft).stopGradient());
  }

  /** {@code B · [global, local]}: (P, H) twice to (P, D). */
  private NDArray decoded(Weights weights, NDArray global, NDArray local, boolean training) {
    NDArray context = NDArrays.concat(new NDList(global, local), 1); // float32 (P, 2H)
    return Layers.dropout(context, config.contextDropout(), training)
        .matMul(weights.get("decoder.b"));
  }

  /**
   * The attention scores of each position over its window.
   *
   * @param states float32 (B · L, H)
   * @param global float32 (P, H)
   * @param seen float32 (P, W, H)
   * @return float32 (P, W)
   */
  private NDArray scores(
      Weights weights, NDArray states, NDArray global, NDArray seen, Positions positions) {
    return switch (config.score()) {
      case ADDITIVE -> {
        NDArray keys = states.matMul(weights.get("attention.a2")); // (B · L, H)
        NDArray query = global.matMul(weights.get("attention.a1")); // (P, H)
        NDArray compared = // float32 (P, W, H)
            Layers.rows(keys, positions.window())
                .add(query.expandDims(1))
                .getNDArrayInternal()
                .sigmoid();
        yield compared.matMul(weights.get("attention.v"));
      }
      case DOT -> Layers.products(global, seen);
      case SCALED_DOT -> {
        NDArray factor = Layers.number(states.getManager(), 1 / Math.sqrt(config.hidden()));
        yield Layers.products(global.mul(factor), seen);
      }
      case GENERAL -> Layers.products(global.matMul(weights.get("attention.a1")), seen);
    };
  }
}
