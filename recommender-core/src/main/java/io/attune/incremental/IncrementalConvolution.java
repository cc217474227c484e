package io.attune.incremental;

import io.attune.model.ConvolutionConfig;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;
import java.util.stream.IntStream;

/**
 * The incremental form of {@code io.attune.encoder.Convolution}. The state is the last output and,
 * for each convolution, a ring of its last inputs: no click changes an earlier one's.
 */
final class IncrementalConvolution implements IncrementalEncoder {
  private final ConvolutionConfig config;
  private final ItemVectors inputs;
  private final Layer[] layers;
  private final QueryReadout readout;
  private final ScratchPool<Scratch> scratch;

  /**
   * A convolution with its normalisation and ReLU.
   *
   * @param taps float32 (D, D) each: the newest click's first, the others' going back
   */
  private record Layer(int dilation, Matrix[] taps, float[] bias, LayerNorm norm) {
    static Layer of(ConvolutionConfig config, int convolution, IncrementalWeights weights) {
      String name = "convolution" + convolution;
      int d = config.dimension();
      return new Layer(
          config.dilation(convolution),
          Matrix.all(weights, name + ".w", config.kernel(), d, d),
          weights.get(name + ".b", d),
          LayerNorm.of(weights, name + ".norm", d));
    }

    /**
     * Computes the output at a new click.
     *
     * @param x the input there, which enters the ring
     * @param ring the inputs before it; where the session is younger, they are zeros
     */
    void apply(float[] x, SessionState ring, int row, float[] output) {
      System.arraycopy(bias, 0, output, 0, output.length);
      taps[0].add(x, 0, output);
      int before = ring.kept();
      for (int tap = 1; tap < taps.length && tap * dilation <= before; tap++) {
        taps[tap].add(ring.slots, ring.at(before - tap * dilation), output);
      }
      norm.apply(output, output);
      for (int i = 0; i < output.length; i++) {
        output[i] = Math.max(0, output[i]);
      }
      int slot = ring.append(row);
      System.arraycopy(x, 0, ring.slots, slot, x.length);
    }
  }

  /** Scratch memory for one step, each float32 (D). */
  private record Scratch(float[] x, float[] inner, float[] outer) {
    Scratch(int size) {
      this(new float[size], new float[size], new float[size]);
    }
  }

  IncrementalConvolution(ConvolutionConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.layers = IntStream.range(0, config.convolutions())
        .mapToObj(convolution -> Layer.of(config, convolution, weights))
        .toArray(Layer[]::new);
    this.readout = QueryReadout.of(weights, config.readout(), config.dimension());
    this.scratch = new ScratchPool<>(() -> new Scratch(config.dimension()));
  }

  @Override
  public SessionState start() {
    SessionState[] rings = IntStream.range(0, layers.length)
        .mapToObj(layer -> new SessionState(0, config.delay(layer), config.dimension()))
        .toArray(SessionState[]::new);
    return new SessionState(config.dimension(), config.window(), readout.scores(), rings);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    scratch.use(s -> advance(state, row, s));
  }

  private void advance(SessionState state, int row, Scratch s) {
    inputs.copyItem(row, s.x);
    int size = config.dimension();
    float scale = (float) Math.sqrt(size);
    for (int i = 0; i < size; i++) {
      s.x[i] *= scale;
    }
    for (int layer = 0; layer < layers.length; layer += 2) {
      layers[layer].apply(s.x, state.part(layer), row, s.inner);
      layers[layer + 1].apply(s.inner, state.part(layer + 1), row, s.outer);
      Arithmetic.addScaled(s.x, 1, s.outer, size);
    }
    int slot = state.append(row);
    System.arraycopy(s.x, 0, state.carried, 0, size);
    if (readout.scores() > 0) {
      state.slots[slot] = readout.score(s.x);
    }
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    int kept = state.kept();
    for (int i = 0; i < kept; i++) {
      attention[i] = readout.scores() > 0 ? state.slots[state.at(i)] : 0;
    }
    Arithmetic.softmax(attention, kept); // the last click alone is kept where there are no scores
    readout.apply(state, inputs, attention, query);
    QueryNorm.apply(config.similarity(), query);
  }
}
