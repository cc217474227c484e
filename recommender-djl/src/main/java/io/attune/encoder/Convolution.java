package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.ConvolutionConfig;
import io.attune.model.Readout;
import java.util.random.RandomGenerator;

/**
 * Dilated causal convolutions over the clicks, in residual blocks of two: like attention with a
 * fixed reach, whose weights belong to places instead of clicks.
 *
 * <p>Source: Yuan, Karatzoglou, Arapakis, Jose and He 2019, "A Simple Convolutional Generative
 * Network for Next Item Recommendation" (NextItNet): the dilated convolutions are figure 2b, the
 * residual block, in which each is followed by layer normalisation and ReLU, is figure 3b. The mean
 * of the clicked items: {@link Readout}.
 *
 * <p>Differs from the paper: dilations double from one convolution to the next and never start
 * again; the vectors of clicks are scaled by √D, so that blocks add to something of the size of
 * what they add; the last output is projected and added to a mean of the clicked items' vectors,
 * unless the readout is {@link Readout#LAST}; there is dropout; items are scored by their own
 * vectors instead of a layer of its own.
 */
final class Convolution implements SessionEncoder {
  private final ConvolutionConfig config;
  private final QueryReadout readout;

  Convolution(ConvolutionConfig config) {
    this.config = config;
    this.readout = new QueryReadout(config.readout(), config.dimension(), config.blockDropout());
  }

  @Override
  public int window() {
    return config.window();
  }

  /** The mean is over clicks whose scores depend on the receptive field before each of them. */
  @Override
  public int reach() {
    return config.window() - 1 + config.receptiveField() - 1;
  }

  @Override
  public long temporary(int length) {
    return (long) config.dimension() * length;
  }

  @Override
  public void initialize(Weights weights, RandomGenerator random) {
    int d = config.dimension();
    float bound = (float) (1 / Math.sqrt((double) config.kernel() * d));
    for (int convolution = 0; convolution < config.convolutions(); convolution++) {
      String name = name(convolution);
      weights.uniform(name + ".w", random, bound, config.kernel(), d, d);
      weights.uniform(name + ".b", random, 0, d);
      Layers.addNorm(weights, name + ".norm", d);
    }
    readout.initialize(weights, random);
  }

  private static String name(int convolution) {
    return "convolution" + convolution;
  }

  @Override
  public Encoded encode(Weights weights, NDArray clicks, Positions positions, boolean training) {
    int d = config.dimension();
    NDArray items = Layers.dropout(clicks, config.inputDropout(), training); // float32 (B, L, D)
    NDArray x = items.mul(Layers.number(positions.manager(), Math.sqrt(d)));
    for (int convolution = 0; convolution < config.convolutions(); convolution += 2) {
      NDArray inner = convolved(weights, convolution, x);
      NDArray outer = convolved(weights, convolution + 1, inner);
      x = x.add(Layers.dropout(outer, config.blockDropout(), training));
    }
    NDArray outputs = x.reshape(-1, d); // float32 (B · L, D)
    NDArray last = Layers.rows(outputs, positions.last()); // float32 (P, D)
    if (config.readout() == Readout.LAST) {
      return Encoded.of(Layers.query(config.similarity(), last), positions::mask);
    }
    NDArray attention = // float32 (P, W)
        Layers.attention(readout.scores(weights, outputs, positions), positions, true);
    NDArray query = readout.query(weights, last, attention, items, positions, training);
    return Encoded.of(Layers.query(config.similarity(), query), () -> attention);
  }

  /** A convolution, normalised, with ReLU: float32 (B, L, D) to the same. */
  private NDArray convolved(Weights weights, int convolution, NDArray x) {
    String name = name(convolution);
    Shape shape = x.getShape();
    int length = (int) shape.get(1);
    NDArray taps = weights.get(name + ".w"); // float32 (k, D, D)
    NDArray sum = product(x, taps.get(0)).add(weights.get(name + ".b"));
    // One product each, and none of zeros alone: so sums do not depend on the length of a batch.
    for (int tap = 1; tap < config.kernel(); tap++) {
      int delay = tap * config.dilation(convolution);
      if (delay < length) {
        sum = sum.add(product(delayed(x, delay), taps.get(tap)));
      }
    }
    return Layers.norm(weights, name + ".norm", sum).getNDArrayInternal().relu().reshape(shape);
  }

  /** Each click's vector times a matrix: (B, L, D) and (D, D) to (B · L, D). */
  private static NDArray product(NDArray x, NDArray matrix) {
    return x.reshape(-1, matrix.getShape().get(0)).matMul(matrix);
  }

  /** The vectors of so many clicks before, zeros before the first: float32 (B, L, D). */
  private static NDArray delayed(NDArray x, int clicks) {
    Shape shape = x.getShape();
    NDArray zeros = x.getManager().zeros(new Shape(shape.get(0), clicks, shape.get(2)));
    NDArray earlier = x.get(new NDIndex(":, :{}", shape.get(1) - clicks));
    return NDArrays.concat(new NDList(zeros, earlier), 1);
  }
}
