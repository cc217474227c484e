package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.model.LayerSharing;
import io.attune.model.TransformerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a {@link Transformer} in one forward pass over a batch: blocks of multi-head
 * self-attention and feed-forward, a fixed number of them or until every position has halted.
 */
final class TransformerLayers {
  /** A position halts when its probabilities add up to this. */
  private static final float HALTED = 0.99f;

  /** What a layer costs the loss of its position. */
  private static final double LAYER_COST = 0.01;

  private final TransformerConfig config;
  private final Weights weights;
  private final Positions positions;
  private final NDArray biases; // float32, broadcast to (B, N, L, L): added to the scores
  private final boolean training;
  private final NDManager manager;
  private final int sessions; // B
  private final int length; // L
  private final int headSize; // D / N
  private final NDArray scale; // float32 (1): 1 / √(D / N)
  private final @Nullable NDList rotation; // float32 (L, D / N / 2): cosines and sines

  /**
   * Begins a pass.
   *
   * @param biases float32, broadcast to (B, N, L, L): added to the scores of each layer, far below
   *     zero where a click must not be seen
   * @param rotation as {@link PositionEmbedding#rotation}
   */
  TransformerLayers(
      TransformerConfig config,
      Weights weights,
      Positions positions,
      NDArray biases,
      @Nullable NDList rotation,
      boolean training) {
    this.config = config;
    this.weights = weights;
    this.positions = positions;
    this.biases = biases;
    this.rotation = rotation;
    this.training = training;
    this.manager = positions.manager();
    this.sessions = positions.sessions();
    this.length = positions.length();
    this.headSize = config.dimension() / config.heads();
    this.scale = Layers.number(manager, 1 / Math.sqrt(headSize));
  }

  static void initialize(TransformerConfig config, Weights weights, RandomGenerator random) {
    int d = config.dimension();
    int inner = config.feedForward() * d;
    int blocks = config.sharing() == LayerSharing.INDEPENDENT ? config.layers() : 1;
    for (int layer = 0; layer < blocks; layer++) {
      String block = name(config, layer);
      Layers.addNorm(weights, block + ".attention.norm", d);
      Layers.addLinear(weights, block + ".attention.in", random, d, 3 * d);
      Layers.addLinear(weights, block + ".attention.out", random, d, d);
      Layers.addNorm(weights, block + ".feed.norm", d);
      Layers.addLinear(weights, block + ".feed.in", random, d, inner);
      Layers.addLinear(weights, block + ".feed.out", random, inner, d);
    }
    if (config.sharing() == LayerSharing.HALTING) {
      Layers.addLinear(weights, "halt", random, d, 1);
    }
  }

  /** The name of a layer's weights. */
  private static String name(TransformerConfig config, int layer) {
    return config.sharing() == LayerSharing.INDEPENDENT ? "block" + layer : "block";
  }

  /**
   * The result of all layers.
   *
   * @param outputs float32 (B, L, D), not yet normalised
   * @param attention float32 (B, N, L, L) of the last layer
   */
  record Result(NDArray outputs, NDArray attention, SessionEncoder.@Nullable Halting halting) {}

  /**
   * The result of one block.
   *
   * @param outputs float32 (B, L, D)
   * @param attention float32 (B, N, L, L)
   */
  private record Block(NDArray outputs, NDArray attention) {}

  /**
   * Applies all layers.
   *
   * @param input float32 (B, L, D)
   */
  Result apply(NDArray input) {
    return config.sharing() == LayerSharing.HALTING ? halting(input) : fixed(input);
  }

  private Result fixed(NDArray input) {
    Block block = block(0, input);
    for (int layer = 1; layer < config.layers(); layer++) {
      block = block(layer, block.outputs);
    }
    return new Result(block.outputs, block.attention, null);
  }

  /**
   * Applies the block until every position has halted. The output is the mean of a position's
   * states, weighted by its halting probabilities, the last of which is the remainder to one. A
   * position that has halted keeps its state.
   */
  private Result halting(NDArray input) {
    NDArray state = input; // float32 (B, L, D)
    NDArray outputs = input.zerosLike(); // float32 (B, L, D)
    NDArray spent = manager.zeros(new Shape(sessions, length, 1));
    NDArray running = manager.ones(new Shape(sessions, length, 1));
    NDArray depth = manager.zeros(new Shape(sessions, length, 1));
    NDArray attention = running;
    List<NDArray> remainders = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      Block block = block(layer, state);
      attention = block.attention;
      NDArray probability = // float32 (B, L, 1)
          Layers.linear(weights, "halt", block.outputs.reshape(-1, config.dimension()))
              .getNDArrayInternal()
              .sigmoid()
              .reshape(sessions, length, 1);
      NDArray goesOn = layer == config.layers() - 1
          ? running.zerosLike()
          : running.mul(
              spent.add(probability).stopGradient().lte(HALTED).toType(DataType.FLOAT32, false));
      NDArray halts = running.sub(goesOn);
      NDArray remainder = halts.mul(spent.neg().add(1f));
      NDArray share = probability.mul(goesOn).add(remainder);
      outputs = outputs.add(block.outputs.mul(share));
      state = state.add(block.outputs.sub(state).mul(running));
      spent = spent.add(probability.mul(goesOn));
      depth = depth.add(running);
      remainders.add(remainder);
      running = goesOn;
    }
    NDArray total = remainders.getFirst(); // float32 (B, L, 1)
    for (NDArray remainder : remainders.subList(1, remainders.size())) {
      total = total.add(remainder);
    }
    NDArray depths = Layers.rows(depth.reshape(-1, 1), positions.last()).squeeze(1);
    // The number of layers has no gradient; the remainder stands for it (Graves, equation 13).
    NDArray cost = Layers.rows(total.reshape(-1, 1), positions.last())
        .mean()
        .mul(Layers.number(manager, LAYER_COST));
    return new Result(outputs, attention, new SessionEncoder.Halting(depths, cost));
  }

  /** One block, float32 (B, L, D) to the same. */
  private Block block(int layer, NDArray x) {
    String name = name(config, layer);
    int d = config.dimension();
    NDArray normed = Layers.norm(weights, name + ".attention.norm", x).reshape(-1, d);
    NDList parts = Layers.linear(weights, name + ".attention.in", normed)
        .reshape(sessions, length, 3L * config.heads(), headSize)
        .transpose(0, 2, 1, 3)
        .split(3, 1); // queries, keys, values, each float32 (B, N, L, D / N)
    NDArray queries = PositionEmbedding.rotated(parts.get(0), rotation).mul(scale);
    NDArray keys = PositionEmbedding.rotated(parts.get(1), rotation);
    NDArray attention = // float32 (B, N, L, L)
        queries.matMul(keys.transpose(0, 1, 3, 2)).add(biases).softmax(-1);
    NDArray seen = Layers.dropout(attention, config.attentionDropout(), training)
        .matMul(parts.get(2))
        .transpose(0, 2, 1, 3)
        .reshape(-1, d); // float32 (B · L, D)
    NDArray attended = x.add(dropped(Layers.linear(weights, name + ".attention.out", seen)));
    NDArray inner = Layers.linear(
            weights,
            name + ".feed.in",
            Layers.norm(weights, name + ".feed.norm", attended).reshape(-1, d))
        .getNDArrayInternal()
        .gelu();
    NDArray outputs = attended.add(dropped(Layers.linear(weights, name + ".feed.out", inner)));
    return new Block(outputs, attention);
  }

  private NDArray dropped(NDArray flat) {
    return Layers.dropout(flat, config.layerDropout(), training)
        .reshape(sessions, length, config.dimension());
  }
}
