package io.attune.incremental;

import io.attune.model.LayerSharing;
import io.attune.model.PositionAngles;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The incremental form of {@code io.attune.encoder.Transformer}. No click sees a later one, so its
 * keys and values never change: the state holds those of each layer for the clicks in the window,
 * and the output at the newest click.
 */
final class IncrementalTransformer implements IncrementalEncoder {
  private static final float HALTED = 0.99f;

  private final TransformerConfig config;
  private final ItemVectors inputs;
  private final Block[] blocks; // a single one if layers share weights
  private final float[] positions; // (W, D) if learned
  private final LayerNorm norm;
  private final QueryReadout readout;
  private final AttentionBias bias;
  private final Matrix halt; // (D, 1); empty if all layers are always applied
  private final int size; // D
  private final int headSize;
  private final ScratchPool<Scratch> scratch;

  private record Block(
      LayerNorm attentionNorm,
      Matrix in,
      Matrix out,
      LayerNorm feedNorm,
      Matrix feedIn,
      Matrix feedOut) {
    static Block of(IncrementalWeights weights, String name, int size, int inner) {
      return new Block(
          LayerNorm.of(weights, name + ".attention.norm", size),
          Matrix.linear(weights, name + ".attention.in", size, 3 * size),
          Matrix.linear(weights, name + ".attention.out", size, size),
          LayerNorm.of(weights, name + ".feed.norm", size),
          Matrix.linear(weights, name + ".feed.in", size, inner),
          Matrix.linear(weights, name + ".feed.out", inner, size));
    }
  }

  /** Scratch memory for one step. */
  private static final class Scratch {
    final float[] x;
    final float[] normed;
    final float[] parts; // query, key, value
    final float[] attended;
    final float[] residual;
    final float[] inner;
    final float[] output;
    final float[] scores;
    final float[] probability = new float[1];
    final AttentionBias.Biases biases;

    Scratch(TransformerConfig config, AttentionBias bias) {
      int size = config.dimension();
      x = new float[size];
      normed = new float[size];
      parts = new float[3 * size];
      attended = new float[size];
      residual = new float[size];
      inner = new float[config.feedForward() * size];
      output = new float[size];
      scores = new float[config.lastClicks()];
      biases = bias.new Biases();
    }
  }

  IncrementalTransformer(TransformerConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.size = config.dimension();
    this.headSize = size / config.heads();
    boolean independent = config.sharing() == LayerSharing.INDEPENDENT;
    this.blocks = new Block[independent ? config.layers() : 1];
    Arrays.setAll(
        blocks,
        i -> Block.of(
            weights, independent ? "block" + i : "block", size, config.feedForward() * size));
    this.positions = config.positions() == PositionEncoding.LEARNED
        ? weights.get("positions", config.lastClicks(), size)
        : new float[0];
    this.norm = LayerNorm.of(weights, "norm", size);
    this.readout = QueryReadout.of(weights, config.readout(), size);
    this.bias = new AttentionBias(config, weights);
    this.halt = config.sharing() == LayerSharing.HALTING
        ? Matrix.linear(weights, "halt", size, 1)
        : Matrix.EMPTY;
    this.scratch = new ScratchPool<>(() -> new Scratch(config, bias));
  }

  private IncrementalTransformer(IncrementalTransformer deep, int layers) {
    this.config = deep.config.toBuilder().layers(layers).build();
    this.inputs = deep.inputs;
    this.size = deep.size;
    this.headSize = deep.headSize;
    this.blocks = deep.blocks;
    this.positions = deep.positions;
    this.norm = deep.norm;
    this.readout = deep.readout;
    this.bias = deep.bias;
    this.halt = deep.halt;
    this.scratch = new ScratchPool<>(() -> new Scratch(config, bias));
  }

  @Override
  public IncrementalEncoder shallower(int layers) {
    if (config.sharing() == LayerSharing.INDEPENDENT) {
      throw new IllegalArgumentException(
          "each layer has weights of its own, so none can be left out: only a Transformer with"
              + " sharing shared or halting can have fewer layers than it was trained with");
    }
    if (layers < 1 || layers > config.layers()) {
      throw new IllegalArgumentException(
          "there must be from 1 to " + config.layers() + " layers, not " + layers);
    }
    return new IncrementalTransformer(this, layers);
  }

  // A slot holds the keys and values of each layer, then the click's readout score. The carried
  // part is the last output, followed by the attention of each head of the last layer, (N, W).

  @Override
  public SessionState start() {
    return new SessionState(
        size + config.heads() * config.lastClicks(),
        config.lastClicks(),
        2 * size * config.layers() + 1);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    scratch.use(s -> advance(state, row, time, s));
  }

  private void advance(SessionState state, int row, long time, Scratch s) {
    embed(row, state.clicks(), s);
    int slot = state.append(row, bias.kept(time));
    applyLayers(state, slot, s, layer -> {});
    norm.apply(s.x, s.normed);
    System.arraycopy(s.normed, 0, state.carried, 0, size);
    if (readout.scores() > 0) {
      state.slots[slot + 2 * size * config.layers()] = readout.score(s.normed);
    }
  }

  private void embed(int row, int position, Scratch s) {
    inputs.copyItem(row, s.x);
    float scale = (float) Math.sqrt(size);
    for (int i = 0; i < size; i++) {
      s.x[i] *= scale;
    }
    addPosition(s, position);
  }

  /**
   * Applies all layers to the newest click, {@code x}.
   *
   * @param slot that of the click
   * @param applied called after each layer, whose heads' attention the state then carries
   */
  private void applyLayers(SessionState state, int slot, Scratch s, IntConsumer applied) {
    int position = state.clicks() - 1;
    s.biases.compute(state);
    if (config.sharing() == LayerSharing.HALTING) {
      halting(state, slot, position, s, applied);
      return;
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      Block block = blocks[config.sharing() == LayerSharing.INDEPENDENT ? layer : 0];
      applyBlock(block, layer, state, slot, position, s);
      System.arraycopy(s.output, 0, s.x, 0, size);
      applied.accept(layer);
    }
  }

  private void addPosition(Scratch s, int position) {
    switch (config.positions()) {
      case LEARNED -> {
        int at = PositionEncoding.learned(position, config.lastClicks()) * size;
        Arithmetic.addScaled(s.x, 0, 1, positions, at, size);
      }
      case SINUSOIDAL -> {
        PositionAngles.sinusoidal(position, size, s.normed, 0);
        Arithmetic.addScaled(s.x, 0, 1, s.normed, 0, size);
      }
      case ROTARY, NONE -> {}
    }
  }

  private void halting(SessionState state, int slot, int position, Scratch s, IntConsumer applied) {
    Block block = blocks[0];
    float[] outputs = new float[size];
    float spent = 0;
    boolean running = true;
    for (int layer = 0; layer < config.layers(); layer++) {
      // Applied even after halting: later clicks attend to this one's keys in every layer.
      applyBlock(block, layer, state, slot, position, s);
      applied.accept(layer);
      if (!running) {
        continue;
      }
      halt.apply(s.output, 0, s.probability);
      float probability = Arithmetic.sigmoid(s.probability[0]);
      running = layer < config.layers() - 1 && spent + probability <= HALTED;
      float share = running ? probability : 1 - spent;
      Arithmetic.addScaled(outputs, 0, share, s.output, 0, size);
      spent += probability;
      System.arraycopy(s.output, 0, s.x, 0, size);
    }
    System.arraycopy(outputs, 0, s.x, 0, size);
  }

  /** Applies a block to the newest click: {@code x} to {@code output}. */
  private void applyBlock(
      Block block, int layer, SessionState state, int slot, int position, Scratch s) {
    block.attentionNorm.apply(s.x, s.normed);
    block.in.apply(s.normed, 0, s.parts);
    if (config.positions() == PositionEncoding.ROTARY) {
      rotate(s.parts, 0, position);
      rotate(s.parts, size, position);
    }
    int layerOffset = 2 * size * layer;
    System.arraycopy(s.parts, size, state.slots, slot + layerOffset, 2 * size);
    attend(layer, state, s);
    block.out.apply(s.attended, 0, s.residual);
    Arithmetic.addScaled(s.residual, 1, s.x, size);
    block.feedNorm.apply(s.residual, s.normed);
    block.feedIn.apply(s.normed, 0, s.inner);
    Arithmetic.gelu(s.inner, 0, s.inner.length);
    block.feedOut.apply(s.inner, 0, s.output);
    Arithmetic.addScaled(s.output, 1, s.residual, size);
  }

  private void attend(int layer, SessionState state, Scratch s) {
    int kept = state.kept();
    int layerOffset = 2 * size * layer;
    float scale = (float) (1 / Math.sqrt(headSize));
    Arrays.fill(s.attended, 0);
    for (int head = 0; head < config.heads(); head++) {
      int from = head * headSize;
      for (int i = 0; i < kept; i++) {
        int key = state.at(i) + layerOffset + from;
        s.scores[i] = scale * Arithmetic.dot(s.parts, from, state.slots, key, headSize);
      }
      s.biases.addTo(s.scores, kept, head);
      Arithmetic.softmax(s.scores, kept);
      for (int i = 0; i < kept; i++) {
        int value = state.at(i) + layerOffset + size + from;
        Arithmetic.addScaled(s.attended, from, s.scores[i], state.slots, value, headSize);
      }
      System.arraycopy(s.scores, 0, state.carried, headOffset(head), kept);
    }
  }

  /** The offset of a head's attention in the carried part of the state. */
  private int headOffset(int head) {
    return size + head * config.lastClicks();
  }

  private void rotate(float[] parts, int from, int position) {
    int half = headSize / 2;
    for (int i = 0; i < half; i++) {
      double angle = PositionAngles.angle(position, i, headSize);
      float cosine = (float) Math.cos(angle);
      float sine = (float) Math.sin(angle);
      for (int head = 0; head < config.heads(); head++) {
        int a = from + head * headSize + i;
        float first = parts[a];
        float second = parts[a + half];
        parts[a] = first * cosine - second * sine;
        parts[a + half] = second * cosine + first * sine;
      }
    }
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    int kept = state.kept();
    if (config.readout() == Readout.LAST) {
      Arrays.fill(attention, 0, kept, 0);
      for (int head = 0; head < config.heads(); head++) {
        float share = 1f / config.heads();
        Arithmetic.addScaled(attention, 0, share, state.carried, headOffset(head), kept);
      }
    } else {
      int score = 2 * size * config.layers();
      for (int i = 0; i < kept; i++) {
        attention[i] = state.slots[state.at(i) + score];
      }
      scratch.use(s -> {
        s.biases.compute(state);
        s.biases.addTo(attention, kept, config.heads());
      });
      Arithmetic.softmax(attention, kept);
    }
    readout.apply(state, inputs, attention, query);
    QueryNorm.apply(config.similarity(), query);
  }

  /** The newest click is encoded once more, since a state carries the last layer's heads alone. */
  @Override
  public List<AttentionHead> heads(SessionState state) {
    List<AttentionHead> heads = new ArrayList<>();
    int kept = state.kept();
    if (kept > 0) {
      SessionState copy = state.copy();
      scratch.use(s -> {
        embed(copy.row(kept - 1), copy.clicks() - 1, s);
        applyLayers(copy, copy.at(kept - 1), s, layer -> {
          for (int head = 0; head < config.heads(); head++) {
            int from = headOffset(head);
            float[] shares = Arrays.copyOfRange(copy.carried, from, from + kept);
            heads.add(new AttentionHead(layer + 1, head + 1, shares));
          }
        });
      });
    }
    return heads;
  }
}
