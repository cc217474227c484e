package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Direction;
import io.attune.model.LayerSharing;
import io.attune.model.PositionAngles;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.TimeBias;
import io.attune.model.TimeGaps;
import io.attune.model.TransformerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  /** A position halts when its probabilities add up to this. */
  private static final float HALTED = 0.99f;

  /** What a layer costs the loss of its position. */
  private static final double LAYER_COST = 0.01;

  /** Added to the score of a click that must not be seen. */
  private static final float UNSEEN = -1e9f;

  private final TransformerConfig config;
  private final int headSize; // D / N

  Transformer(TransformerConfig config) {
    this.config = config;
    this.headSize = config.dimension() / config.heads();
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
    int d = config.dimension();
    if (config.positions() == PositionEncoding.LEARNED) {
      weights.uniform("positions", random, 0.1f, config.lastClicks(), d);
    }
    if (config.direction() == Direction.BIDIRECTIONAL) {
      weights.uniform("mask", random, 0.1f, d);
    }
    int blocks = config.sharing() == LayerSharing.INDEPENDENT ? config.layers() : 1;
    for (int layer = 0; layer < blocks; layer++) {
      String block = block(layer);
      Layers.addNorm(weights, block + ".attention.norm", d);
      Layers.addLinear(weights, block + ".attention.in", random, d, 3 * d);
      Layers.addLinear(weights, block + ".attention.out", random, d, d);
      Layers.addNorm(weights, block + ".feed.norm", d);
      Layers.addLinear(weights, block + ".feed.in", random, d, config.feedForward() * d);
      Layers.addLinear(weights, block + ".feed.out", random, config.feedForward() * d, d);
    }
    if (config.sharing() == LayerSharing.HALTING) {
      Layers.addLinear(weights, "halt", random, d, 1);
    }
    Layers.addNorm(weights, "norm", d);
    if (config.readout() != Readout.LAST) {
      weights.uniform("readout.w", random, (float) (1 / Math.sqrt(d)), d);
    }
    if (config.readout() == Readout.PROJECTED) {
      weights.uniform("readout.projection", random, (float) (1 / Math.sqrt(d)), d, d);
    }
    if (config.timeBias() == TimeBias.GAP) {
      weights.uniform("gaps", random, 0, TimeGaps.BUCKETS, gapColumns());
    }
  }

  /** One for each head, and one for the readout where that looks at all clicks. */
  private int gapColumns() {
    return config.heads() + (config.readout() == Readout.LAST ? 0 : 1);
  }

  /** The name of a layer's weights. */
  private String block(int layer) {
    return config.sharing() == LayerSharing.INDEPENDENT ? "block" + layer : "block";
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    NDArray items = clicks; // float32 (B, L, D)
    if (config.direction() == Direction.BIDIRECTIONAL) {
      items = items.add(positions.wanted().expandDims(2).mul(weights.get("mask")));
    }
    Pass pass = new Pass(weights, positions, items.getShape(), training);
    NDArray dropped = Layers.dropout(items, config.inputDropout(), training);
    Stack stack = pass.layers(pass.located(dropped));
    NDArray outputs = // float32 (B · L, D)
        Layers.norm(weights, "norm", stack.outputs.reshape(-1, config.dimension()));
    NDArray last = Layers.rows(outputs, positions.last()); // float32 (P, D)
    if (config.readout() == Readout.LAST) {
      return new Encoded(
          Layers.query(config.similarity(), last),
          () -> pass.shown(stack.attention),
          stack.halting);
    }
    NDArray scores = // float32 (P, W)
        Layers.rows(outputs.matMul(weights.get("readout.w")).expandDims(1), positions.window())
            .squeeze(2);
    NDArray attention = Layers.attention(pass.readoutBiased(scores), positions, true);
    NDArray seen = // float32 (P, W, D)
        Layers.rows(dropped.reshape(-1, config.dimension()), positions.window());
    NDArray mean = Layers.sums(attention, seen); // float32 (P, D)
    NDArray query =
        switch (config.readout()) {
          case LAST, MEAN -> mean;
          // A normalised output has length √D, an item vector about one.
          case SUM ->
            mean.add(last.mul(Layers.number(pass.manager, 1 / Math.sqrt(config.dimension()))));
          case PROJECTED ->
            mean.add(Layers.dropout(last, config.layerDropout(), training)
                .matMul(weights.get("readout.projection")));
        };
    return new Encoded(Layers.query(config.similarity(), query), () -> attention, stack.halting);
  }

  /**
   * The result of all layers.
   *
   * @param outputs float32 (B, L, D), not yet normalised
   * @param attention float32 (B, N, L, L) of the last layer
   */
  private record Stack(
      NDArray outputs, NDArray attention, @Nullable Halting halting) {}

  /**
   * The result of one block.
   *
   * @param outputs float32 (B, L, D)
   * @param attention float32 (B, N, L, L)
   */
  private record Block(NDArray outputs, NDArray attention) {}

  /** One forward pass over a batch. */
  private final class Pass {
    private final Weights weights;
    private final Positions positions;
    private final boolean training;
    private final NDManager manager;
    private final int sessions; // B
    private final int length; // L
    private final NDArray biases; // float32, broadcast to (B, N, L, L): added to the scores
    private final NDArray scale; // float32 (1): 1 / √(D / N)
    private final @Nullable NDList rotation; // float32 (L, D / N / 2): cosines and sines
    private final @Nullable NDArray gaps; // float32 (B, L, L, N or N + 1): what a gap adds

    Pass(Weights weights, Positions positions, Shape shape, boolean training) {
      this.weights = weights;
      this.positions = positions;
      this.training = training;
      this.manager = positions.last().getManager();
      this.sessions = (int) shape.get(0);
      this.length = (int) shape.get(1);
      NDArray unseen =
          switch (config.direction()) { // 0 where seen
            case CAUSAL -> band();
            case BIDIRECTIONAL ->
              positions
                  .filled()
                  .sub(1f)
                  .mul(Layers.number(manager, -UNSEEN))
                  .reshape(sessions, 1, 1, length);
          };
      this.scale = Layers.number(manager, 1 / Math.sqrt(headSize));
      this.rotation = config.positions() == PositionEncoding.ROTARY ? rotation() : null;
      this.gaps = config.timeBias() == TimeBias.GAP ? gaps() : null;
      this.biases = gaps == null
          ? unseen
          : gaps.get(new NDIndex("..., :{}", config.heads()))
              .transpose(0, 3, 1, 2)
              .add(unseen);
    }

    /** What the time between two clicks adds to their score: nothing where it is not known. */
    private NDArray gaps() {
      long[] buckets = new long[sessions * length * length];
      Arrays.fill(buckets, TimeGaps.UNKNOWN);
      for (int s = 0; s < sessions; s++) {
        for (int from = 0; from < length; from++) {
          long later = positions.times()[s * length + from];
          for (int to = 0; to <= from; to++) {
            long earlier = positions.times()[s * length + to];
            buckets[(s * length + from) * length + to] = TimeGaps.bucket(earlier, later);
          }
        }
      }
      NDArray index = manager.create(buckets, new Shape(sessions, length, length));
      NDArray nothing = manager.zeros(new Shape(1, gapColumns()));
      return Layers.rows(NDArrays.concat(new NDList(weights.get("gaps"), nothing)), index);
    }

    /** The scores of each position's window, float32 (P, W), by the age of its clicks as well. */
    NDArray readoutBiased(NDArray scores) {
      if (gaps == null) {
        return scores;
      }
      NDArray table = // float32 (B · L, L)
          gaps.get(new NDIndex("..., {}", config.heads())).reshape(-1, length);
      return scores.add(
          Layers.rows(table, positions.last()).gather(positions.window().mod(length), 1));
    }

    /** Each place sees itself and the W − 1 before it. */
    private NDArray band() {
      float[] values = new float[length * length];
      for (int from = 0; from < length; from++) {
        for (int to = 0; to < length; to++) {
          boolean seen = to <= from && to > from - config.lastClicks();
          values[from * length + to] = seen ? 0 : UNSEEN;
        }
      }
      return manager.create(values, new Shape(1, 1, length, length));
    }

    private NDList rotation() {
      int half = headSize / 2;
      float[] cosines = new float[length * half];
      float[] sines = new float[length * half];
      for (int place = 0; place < length; place++) {
        for (int i = 0; i < half; i++) {
          double angle = PositionAngles.angle(place, i, headSize);
          cosines[place * half + i] = (float) Math.cos(angle);
          sines[place * half + i] = (float) Math.sin(angle);
        }
      }
      Shape shape = new Shape(length, half);
      return new NDList(manager.create(cosines, shape), manager.create(sines, shape));
    }

    /** The scaled clicks with their places, float32 (B, L, D). */
    NDArray located(NDArray clicks) {
      NDArray x = clicks.mul(Layers.number(manager, Math.sqrt(config.dimension())));
      return switch (config.positions()) {
        case LEARNED -> {
          long[] places = new long[shown() * length];
          for (int i = 0; i < places.length; i++) {
            places[i] = config.direction() == Direction.BIDIRECTIONAL
                ? Math.min(place(i), config.lastClicks() - 1)
                : PositionEncoding.learned(place(i), config.lastClicks());
          }
          NDArray index = manager.create(places, new Shape(shown(), length));
          yield x.add(Layers.rows(weights.get("positions"), index));
        }
        case SINUSOIDAL -> {
          int d = config.dimension();
          float[] values = new float[Math.multiplyExact(shown() * length, d)];
          for (int i = 0; i < shown() * length; i++) {
            PositionAngles.sinusoidal(place(i), d, values, i * d);
          }
          yield x.add(manager.create(values, new Shape(shown(), length, d)));
        }
        // Only the distance of two clicks matters here, not where a piece begins.
        case ROTARY, NONE -> x;
      };
    }

    /** How many rows of places there are: one for all sessions where all are shown whole. */
    private int shown() {
      return Arrays.stream(positions.firsts()).allMatch(first -> first == 0) ? 1 : sessions;
    }

    /** The place of a click in its session, by its flat index in the batch. */
    private int place(int flat) {
      return positions.firsts()[flat / length] + flat % length;
    }

    Stack layers(NDArray input) {
      return config.sharing() == LayerSharing.HALTING ? halting(input) : fixed(input);
    }

    private Stack fixed(NDArray input) {
      Block block = block(block(0), input);
      for (int layer = 1; layer < config.layers(); layer++) {
        block = block(block(layer), block.outputs);
      }
      return new Stack(block.outputs, block.attention, null);
    }

    private String block(int layer) {
      return Transformer.this.block(layer);
    }

    /**
     * Applies the block until every position has halted. The output is the mean of a position's
     * states, weighted by its halting probabilities, the last of which is the remainder to one. A
     * position that has halted keeps its state.
     */
    private Stack halting(NDArray input) {
      NDArray state = input; // float32 (B, L, D)
      NDArray outputs = input.zerosLike(); // float32 (B, L, D)
      NDArray spent = manager.zeros(new Shape(sessions, length, 1));
      NDArray running = manager.ones(new Shape(sessions, length, 1));
      NDArray depth = manager.zeros(new Shape(sessions, length, 1));
      NDArray attention = running;
      List<NDArray> remainders = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        Block block = block(block(layer), state);
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
      return new Stack(outputs, attention, new Halting(depths, cost));
    }

    /** One block, float32 (B, L, D) to the same. */
    private Block block(String name, NDArray x) {
      int d = config.dimension();
      NDArray normed = Layers.norm(weights, name + ".attention.norm", x).reshape(-1, d);
      NDList parts = Layers.linear(weights, name + ".attention.in", normed)
          .reshape(sessions, length, 3L * config.heads(), headSize)
          .transpose(0, 2, 1, 3)
          .split(3, 1); // queries, keys, values, each float32 (B, N, L, D / N)
      NDArray queries = rotated(parts.get(0)).mul(scale);
      NDArray keys = rotated(parts.get(1));
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

    /** Each pair of elements {@code (i, i + half)} turned by its place's angle. */
    private NDArray rotated(NDArray x) {
      if (rotation == null) {
        return x;
      }
      int half = headSize / 2;
      NDArray a = x.get(new NDIndex("..., :{}", half));
      NDArray b = x.get(new NDIndex("..., {}:", half));
      NDArray cosines = rotation.get(0);
      NDArray sines = rotation.get(1);
      return NDArrays.concat(
          new NDList(a.mul(cosines).sub(b.mul(sines)), b.mul(cosines).add(a.mul(sines))), 3);
    }

    /** The attention of the positions on their windows, mean over heads, float32 (P, W). */
    NDArray shown(NDArray attention) {
      NDArray table = attention.mean(new int[] {1}).reshape(-1, length); // float32 (B · L, L)
      NDArray rows = Layers.rows(table, positions.last()); // float32 (P, L)
      return rows.gather(positions.window().mod(length), 1).mul(positions.mask());
    }
  }
}
