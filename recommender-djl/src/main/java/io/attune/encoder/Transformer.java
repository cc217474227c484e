package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Direction;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A Transformer over the clicks: blocks of multi-head self-attention and feed-forward, each with
 * layer normalisation before it and a residual connection around it.
 *
 * <p>Source: Vaswani et al. 2017, "Attention Is All You Need", equation 1 and section 3.2.2
 * (heads), equation 2 (feed-forward), section 3.5 (sinusoidal positions); Kang and McAuley 2018,
 * "Self-Attentive Sequential Recommendation", for clicks; Sun et al. 2019, "BERT4Rec", for both
 * directions; Dehghani et al. 2019, "Universal Transformers", for shared layers, and Graves 2016,
 * "Adaptive Computation Time for Recurrent Neural Networks", equations 5 to 14, for halting.
 *
 * <p>Differs from the papers: layer normalisation precedes each part and follows the last (Xiong et
 * al. 2020); GELU throughout; the vectors of clicks are scaled by √D as in SASRec, also where they
 * have length one; unlike in Universal Transformers, blocks are not told which step it is, so a
 * position that has halted needs no new keys.
 */
final class Transformer implements SessionEncoder {
  /** Added to the score of a click that must not be seen. */
  private static final float UNSEEN = -1e9f;

  private final TransformerConfig config;
  private final PositionEmbedding places;
  private final AttentionBias bias;
  private final QueryReadout readout;

  Transformer(TransformerConfig config) {
    this.config = config;
    this.places = new PositionEmbedding(config);
    this.bias = new AttentionBias(config);
    this.readout = new QueryReadout(config.readout(), config.dimension(), config.layerDropout());
  }

  @Override
  public int window() {
    return config.lastClicks();
  }

  /**
   * Each layer looks back on the window of those that the one below looked back from, and so does a
   * readout by attention.
   */
  @Override
  public int reach() {
    int looks = config.layers() + (config.readout() == Readout.LAST ? 0 : 1);
    return config.direction() == Direction.BIDIRECTIONAL
        ? 0
        : Math.multiplyExact(looks, config.lastClicks() - 1);
  }

  @Override
  public Direction direction() {
    return config.direction();
  }

  @Override
  public long temporary(int length) {
    return Math.max(
        (long) config.feedForward() * config.dimension() * length,
        (config.heads() + 1L) * length * length);
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    places.initialize(weights, random);
    if (config.direction() == Direction.BIDIRECTIONAL) {
      weights.uniform("mask", random, 0.1f, config.dimension());
    }
    TransformerLayers.initialize(config, weights, random);
    Layers.addNorm(weights, "norm", config.dimension());
    readout.initialize(weights, random);
    bias.initialize(weights);
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    NDArray items = clicks; // float32 (B, L, D)
    if (config.direction() == Direction.BIDIRECTIONAL) {
      items = items.add(positions.wanted().expandDims(2).mul(weights.get("mask")));
    }
    NDArray dropped = Layers.dropout(items, config.inputDropout(), training);
    NDArray scaled = dropped.mul(Layers.number(positions.manager(), Math.sqrt(config.dimension())));
    @Nullable NDArray biases = bias.of(weights, positions); // float32 (B, L, L, C)
    TransformerLayers.Result layers = new TransformerLayers(
            config,
            weights,
            positions,
            biases == null ? unseen(positions) : bias.ofHeads(biases).add(unseen(positions)),
            places.rotation(positions),
            training)
        .apply(places.addTo(scaled, weights, positions));
    NDArray outputs = // float32 (B · L, D)
        Layers.norm(weights, "norm", layers.outputs().reshape(-1, config.dimension()));
    NDArray last = Layers.rows(outputs, positions.last()); // float32 (P, D)
    if (config.readout() == Readout.LAST) {
      return new Encoded(
          Layers.query(config.similarity(), last),
          () -> meanOfHeads(layers.attention(), positions),
          layers.halting());
    }
    NDArray scores = readout.scores(weights, outputs, positions); // float32 (P, W)
    NDArray biased = biases == null ? scores : scores.add(bias.ofReadout(biases, positions));
    NDArray attention = Layers.attention(biased, positions, true);
    NDArray query = readout.query(weights, last, attention, dropped, positions, training);
    return new Encoded(Layers.query(config.similarity(), query), () -> attention, layers.halting());
  }

  /** What hides the clicks that are not seen: 0 or {@link #UNSEEN}, broadcast to (B, N, L, L). */
  private NDArray unseen(Positions positions) {
    NDManager manager = positions.manager();
    int length = positions.length();
    return switch (config.direction()) {
      case CAUSAL -> band(manager, length);
      case BIDIRECTIONAL ->
        positions
            .filled()
            .sub(1f)
            .mul(Layers.number(manager, -UNSEEN))
            .reshape(positions.sessions(), 1, 1, length);
    };
  }

  /** Each place sees itself and the W − 1 before it. */
  private NDArray band(NDManager manager, int length) {
    float[] values = new float[length * length];
    for (int from = 0; from < length; from++) {
      for (int to = 0; to < length; to++) {
        boolean seen = to <= from && to > from - config.lastClicks();
        values[from * length + to] = seen ? 0 : UNSEEN;
      }
    }
    return manager.create(values, new Shape(1, 1, length, length));
  }

  /** The attention of the positions on their windows: (B, N, L, L) to (P, W). */
  private static NDArray meanOfHeads(NDArray attention, Positions positions) {
    int length = positions.length();
    NDArray table = attention.mean(new int[] {1}).reshape(-1, length); // float32 (B · L, L)
    NDArray rows = Layers.rows(table, positions.last()); // float32 (P, L)
    return rows.gather(positions.window().mod(length), 1).mul(positions.mask());
  }
}
